import { NitroError } from '@nitroagi/shared/errors'
import { expect, it } from 'vitest'
import { testCall } from '../../test/test-call.ts'
import type { Module } from '../modules/module.ts'
import { createModuleRegistry } from '../orchestrator/registry.ts'
import type { ModuleSetting } from '../ports/database/module-settings-port.ts'
import { createModuleSettings } from './module-settings.ts'
import { createModules } from './modules.ts'

const moduleOf = (name: string, test: Module['test'], capabilities = ['answer']): Module => ({
  manifest: { name, description: name, capabilities, cost: 'free', latency: 'instant', needs: [] },
  health: async () => ({ status: 'ok', detail: null }),
  async *run() {},
  test,
})

function modulesOf(installed: Module[]) {
  const stored = new Map<string, ModuleSetting>()
  const settings = createModuleSettings({
    repository: {
      disabled: async () => [...stored.values()].filter(({ isEnabled }) => !isEnabled).map(({ module }) => module),
      list: async () => [...stored.values()],
      put: async (_call, module, isEnabled) =>
        void stored.set(module, { module, isEnabled, changedBy: 'Ada', changedAt: new Date().toISOString() }),
    },
    audit: { record: async () => {}, together: (work) => work() },
  })
  const registry = createModuleRegistry(installed, settings)
  return { registry, ...createModules({ registry, settings, testSeconds: 0.05 }) }
}

it('says that a module failed its test in its own words, without a stack, and goes on after one that hangs', async () => {
  const { test } = modulesOf([
    moduleOf('fine', async () => 'It read\n  the word'),
    moduleOf('refuses', async () => {
      throw new NitroError('unavailable', 'There is no key.')
    }),
    moduleOf('breaks', async () => {
      throw new TypeError('x is not a function')
    }),
    moduleOf('throws-at-once', () => {
      throw new Error('at once')
    }),
    moduleOf('hangs', () => new Promise(() => {})),
  ])
  const call = testCall()
  expect(await test(call, 'fine')).toMatchObject({ module: 'fine', passed: true, detail: 'It read the word' })
  for (const [name, detail] of [
    ['refuses', 'There is no key.'],
    ['breaks', 'x is not a function'],
    ['throws-at-once', 'at once'],
    ['hangs', 'It did not end within 0.05 s'],
  ]) {
    expect(await test(call, name!)).toMatchObject({ module: name, passed: false, detail })
  }
})

it('tells a module that hangs to stop, and ends with the caller', async () => {
  const stopped: unknown[] = []
  const hanging = moduleOf(
    'hangs',
    (call) => new Promise(() => call.signal.addEventListener('abort', () => stopped.push(call.signal.reason))),
  )
  const { test } = modulesOf([hanging])
  await test(testCall(), 'hangs')
  expect(stopped).toHaveLength(1)
  const left = new Error('left')
  await expect(test({ ...testCall(), signal: AbortSignal.abort(left) }, 'hangs')).rejects.toBe(left)
})

it('keeps one module that answers, whichever it is', async () => {
  const { change } = modulesOf([moduleOf('one', async () => ''), moduleOf('other', async () => '')])
  const call = testCall()
  await change(call, 'one', false)
  await expect(change(call, 'other', false)).rejects.toMatchObject({ code: 'conflict' })
  await change(call, 'one', true)
  expect(await change(call, 'other', false)).toMatchObject({ isEnabled: false })
})

it('lets an answer that has begun keep what is turned off in the middle of it', async () => {
  const { change, registry } = modulesOf([moduleOf('one', async () => ''), moduleOf('other', async () => '')])
  const call = testCall()
  const begun = await registry.open(call)
  await change(call, 'one', false)
  expect(begun.choose('answer').module.manifest.name).toBe('one')
  expect((await registry.open(call)).choose('answer').module.manifest.name).toBe('other')
})
