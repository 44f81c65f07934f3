import { NitroError } from '@nitroagi/shared/errors'
import type { ModuleState, ModuleTestResult, SystemInfo } from '@nitroagi/shared/modules'
import type { Call } from '../call.ts'
import type { Module } from '../modules/module.ts'
import type { ModuleRegistry } from '../orchestrator/registry.ts'
import type { ModuleSettings } from './module-settings.ts'

export type Modules = ReturnType<typeof createModules>

interface Dependencies {
  registry: Pick<ModuleRegistry, 'modules' | 'list'>
  settings: ModuleSettings
  testSeconds?: number
}

/** The modules as a workspace has them: which are on, and whether each does its work. */
export function createModules({ registry, settings, testSeconds = 30 }: Dependencies) {
  async function list(call: Call): Promise<ModuleState[]> {
    const [modules, changes] = await Promise.all([registry.list(), settings.list(call)])
    return modules.map((module) => {
      const change = changes.find((setting) => setting.module === module.name)
      return {
        ...module,
        isEnabled: change?.isEnabled ?? true,
        lastChange: change ? { by: change.changedBy, at: change.changedAt } : null,
      }
    })
  }

  function find(name: string): Module {
    const module = registry.modules.find(({ manifest }) => manifest.name === name)
    if (module) return module
    const names = registry.modules.map(({ manifest }) => manifest.name).join(', ')
    throw new NitroError('not_found', `There is no module ${name}. There are: ${names}.`)
  }

  /** Some module has to give the answers. What is off is read anew, so that two changes in a row see each other. */
  async function checkAnswers(call: Call, without: string): Promise<void> {
    const off = new Set((await settings.list(call)).filter((one) => !one.isEnabled).map((one) => one.module))
    const answering = registry.modules.filter(({ manifest }) => manifest.capabilities.includes('answer'))
    if (answering.some(({ manifest: { name } }) => name !== without && !off.has(name))) return
    throw new NitroError('conflict', `Without ${without} nobody could answer questions, so it stays on.`)
  }

  return {
    list,

    /** What everybody may know, and quickly. While the database is away it leaves out what is on. */
    async overview(call: Call): Promise<SystemInfo['modules']> {
      const [modules, off] = await Promise.all([registry.list(), settings.disabled(call).catch(() => undefined)])
      return modules.map((module) => (off ? { ...module, isEnabled: !off.has(module.name) } : module))
    },

    /** For new answers; those that are being written go on as they began. */
    async change(call: Call, name: string, isEnabled: boolean): Promise<ModuleState> {
      const { manifest } = find(name)
      if (!isEnabled && manifest.capabilities.includes('answer')) await checkAnswers(call, name)
      await settings.put(call, name, isEnabled)
      call.log.info('module-switched', { module: name, isEnabled })
      return (await list(call)).find((module) => module.name === name)!
    },

    /** Tries it, also while it is off: that is how one finds out whether to turn it on. */
    async test(call: Call, name: string): Promise<ModuleTestResult> {
      const module = find(name)
      const startedAt = performance.now()
      const outcome = await tryOut(call, module, testSeconds)
      const durationMs = Math.round((performance.now() - startedAt) * 10) / 10
      call.log.info('module-tested', { module: name, passed: outcome.passed, durationMs })
      return { module: name, ...outcome, durationMs }
    },
  }
}

async function tryOut(call: Call, module: Module, seconds: number): Promise<{ passed: boolean; detail: string }> {
  call.signal.throwIfAborted()
  const late = new AbortController()
  const signal = AbortSignal.any([call.signal, late.signal])
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<never>((_, reject) => {
    // A module may be deaf to its signal.
    signal.addEventListener('abort', () => reject(signal.reason as Error))
    timer = setTimeout(
      () => late.abort(new NitroError('step_failed', `It did not end within ${seconds} s`)),
      seconds * 1000,
    )
  })
  end.catch(() => {})
  try {
    const detail = await Promise.race([(async () => module.test({ ...call, signal }))(), end])
    return { passed: true, detail: inOneLine(detail) }
  } catch (error) {
    if (call.signal.aborted) throw error
    call.log.warn('module-test-failed', { module: module.manifest.name, error })
    return { passed: false, detail: inOneLine(error instanceof Error ? error.message : 'It failed') }
  } finally {
    clearTimeout(timer)
    late.abort()
  }
}

const inOneLine = (text: string) => text.replace(/\s+/g, ' ').trim().slice(0, 500) || 'It failed'
