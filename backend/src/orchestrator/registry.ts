import { NitroError } from '@nitroagi/shared/errors'
import type { ModuleHealth, ModuleManifest } from '@nitroagi/shared/modules'
import type { SelectionData } from '@nitroagi/shared/runs'
import type { Call } from '../call.ts'
import type { Module } from '../modules/module.ts'
import type { Capability } from './plan.ts'

export interface ModuleChoice {
  module: Module
  /** Why this one, for the trace. */
  reason: string
  /** The score behind the reason, where one was computed. */
  selection?: SelectionData
}

/** The modules that one caller may use now, and which of them does a task. */
export interface Selector {
  can(capability: Capability): boolean
  /** The module that could do it if the workspace had not switched it off; undefined when nothing is missing. */
  switchedOff(capability: Capability): string | undefined
  choose(capability: Capability): ModuleChoice
  /** Another one for what this one could not do; undefined when there is none. */
  chooseInstead(capability: Capability, failed: string): ModuleChoice | undefined
}

export interface ModuleRegistry {
  readonly modules: readonly Module[]
  /** For one answer: what is disabled in the middle of it stays until its end. */
  open(call: Call): Selector | Promise<Selector>
  list(): Promise<(ModuleManifest & { health: ModuleHealth })[]>
}

export interface ModuleSettings {
  /** Names of the modules that the caller's workspace does not want. */
  disabled(call: Call): ReadonlySet<string> | Promise<ReadonlySet<string>>
}

const inWords: Record<Capability, string> = {
  recall: 'recall earlier turns',
  search: 'search documents',
  arithmetic: 'calculate',
  tabulate: 'compute answers from tables',
  look: 'look at images',
  transcribe: 'transcribe recordings',
  answer: 'write an answer',
  summarise: 'summarise',
  compose: 'write longer texts',
  verify: 'check an answer',
}

const allEnabled: ModuleSettings = { disabled: () => new Set() }

export function createModuleRegistry(
  modules: readonly Module[],
  settings: ModuleSettings = allEnabled,
): ModuleRegistry {
  function selectorFrom(disabled: ReadonlySet<string>): Selector {
    const ableTo = (capability: Capability) =>
      modules.filter(({ manifest }) => manifest.capabilities.includes(capability) && !disabled.has(manifest.name))
    return {
      can: (capability) => ableTo(capability).length > 0,
      switchedOff: (capability) =>
        ableTo(capability).length > 0
          ? undefined
          : modules.find(({ manifest }) => manifest.capabilities.includes(capability))?.manifest.name,
      choose(capability) {
        const able = ableTo(capability)
        const module = able[0]
        if (!module) throw new NitroError('unavailable', `No module that is enabled can ${inWords[capability]}.`)
        const reason =
          able.length === 1
            ? `The only module that can ${inWords[capability]}`
            : `The first of ${able.length} modules that can ${inWords[capability]}`
        return { module, reason }
      },
      chooseInstead(capability, failed) {
        const module = ableTo(capability).find(({ manifest }) => manifest.name !== failed)
        return module && { module, reason: `Can ${inWords[capability]} too, and ${failed} failed` }
      },
    }
  }

  return {
    modules,
    open(call) {
      const disabled = settings.disabled(call)
      return disabled instanceof Promise ? disabled.then(selectorFrom) : selectorFrom(disabled)
    },
    list: () =>
      Promise.all(
        modules.map(async (module) => ({
          ...module.manifest,
          health: await module.health().catch((error: unknown): ModuleHealth => ({
            status: 'down',
            detail: error instanceof NitroError ? error.message : 'The health check failed',
          })),
        })),
      ),
  }
}
