import { NitroError } from '@nitroagi/shared/errors'
import type { ModuleHealth, ModuleManifest } from '@nitroagi/shared/modules'
import type { Module } from '../modules/module.ts'
import type { Capability } from './plan.ts'

export interface ModuleChoice {
  module: Module
  /** Why this one, for the trace. */
  reason: string
}

/** The modules that exist, and which of them does a task. */
export interface ModuleRegistry {
  choose(capability: Capability): ModuleChoice
  /** Another one for what this one could not do; undefined when there is none. */
  chooseInstead(capability: Capability, failed: string): ModuleChoice | undefined
  list(): Promise<(ModuleManifest & { health: ModuleHealth })[]>
}

const inWords: Record<Capability, string> = {
  recall: 'recall earlier turns',
  search: 'search documents',
  arithmetic: 'calculate',
  answer: 'write an answer',
}

export function createModuleRegistry(modules: readonly Module[]): ModuleRegistry {
  const ableTo = (capability: Capability) =>
    modules.filter((module) => module.manifest.capabilities.includes(capability))

  return {
    choose(capability) {
      const able = ableTo(capability)
      const module = able[0]
      if (!module) throw new NitroError('unavailable', `No module can do "${capability}"`)
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
