import { NitroError } from '@nitroagi/shared/errors'
import type { ModuleHealth, ModuleManifest } from '@nitroagi/shared/modules'
import type { SelectionData, StepData } from '@nitroagi/shared/runs'
import type { Call } from '../call.ts'
import type { Module } from '../modules/module.ts'
import type { Capability } from './plan.ts'
import { scoreOf, selectionOf, sentenceOf, type Scored } from './selection.ts'
import { startingPolicy, type Policy } from './selection-arms.ts'
import { createSelectionMeasures, type SelectionMeasures } from './selection-measures.ts'

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
  /** Those that can do it, the best by score first and those that are down last. */
  ranked(capability: Capability): readonly RankedModule[]
  /** Has a module chosen whatever the others score, and says what thumbs have taught about the one that is chosen. */
  prefer(capability: Capability, module: string, learned: number): void
  /** What the workspace has learned, as it was when the answer began. */
  readonly policy: Policy
  readonly workspaceId: string
  /** Measures each step of this answer as it begins and ends; `close` when there will be no more. */
  told(step: StepData): void
  close(): void
}

export interface RankedModule extends Scored {
  module: Module
  cost: ModuleManifest['cost']
  isDown: boolean
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

/** What modules are chosen by. */
interface Grounds {
  measures?: SelectionMeasures
  /** What the caller's workspace has learned; nothing when it is absent. */
  policy?(call: Call): Policy | Promise<Policy>
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
  { measures = createSelectionMeasures(), policy: policyOf = () => startingPolicy }: Grounds = {},
): ModuleRegistry {
  function selectorFrom(call: Call, disabled: ReadonlySet<string>, policy: Policy): Selector {
    const rankings = new Map<Capability, readonly RankedModule[]>()
    const preferred = new Map<Capability, { module: string; learned: number }>()
    const ableTo = (capability: Capability) =>
      modules.filter(({ manifest }) => manifest.capabilities.includes(capability) && !disabled.has(manifest.name))

    /** Measured once an answer, so that the trace and the choice speak of the same figures. */
    function ranked(capability: Capability): readonly RankedModule[] {
      const known = rankings.get(capability)
      if (known) return known
      const scored = ableTo(capability).map((module): RankedModule => {
        const { parts, measuredSteps } = measures.of(call, module, capability)
        const score = scoreOf(parts, policy.weights)
        const { name, cost } = module.manifest
        return { module, name, cost, parts, measuredSteps, score, learned: 0, isDown: parts.health === 0 }
      })
      // Sorting is stable: of equals the one that was registered first.
      const ranking = scored.sort((one, other) => Number(one.isDown) - Number(other.isDown) || other.score - one.score)
      rankings.set(capability, ranking)
      return ranking
    }

    function chosenFrom(capability: Capability, ranking: readonly RankedModule[]): ModuleChoice | undefined {
      const wish = preferred.get(capability)
      const chosen = ranking.find(({ name }) => name === wish?.module) ?? ranking[0]
      if (!chosen) return undefined
      const others = ranking.filter((other) => other !== chosen)
      const learned = chosen.name === wish?.module ? wish.learned : 0
      const selection = selectionOf({ ...chosen, learned }, others, policy.weights)
      const reason =
        others.length === 0
          ? `The only module that can ${inWords[capability]}`
          : chosen === ranking[0]
            ? sentenceOf(selection)
            : `Chosen before others that score higher, as the plan says. ${sentenceOf(selection)}`
      return { module: chosen.module, reason, selection }
    }

    return {
      policy,
      workspaceId: call.actor.workspaceId,
      ...measures.follow(call),
      ranked,
      prefer: (capability, module, learned) => void preferred.set(capability, { module, learned }),
      can: (capability) => ableTo(capability).length > 0,
      switchedOff: (capability) =>
        ableTo(capability).length > 0
          ? undefined
          : modules.find(({ manifest }) => manifest.capabilities.includes(capability))?.manifest.name,
      choose(capability) {
        const choice = chosenFrom(capability, ranked(capability))
        if (!choice) throw new NitroError('unavailable', `No module that is enabled can ${inWords[capability]}.`)
        return choice
      },
      chooseInstead(capability, failed) {
        const left = ranked(capability).filter(({ name }) => name !== failed)
        const choice = chosenFrom(capability, left)
        return choice && { ...choice, reason: `Can ${inWords[capability]} too, and ${failed} failed` }
      },
    }
  }

  return {
    modules,
    open(call) {
      const disabled = settings.disabled(call)
      const policy = policyOf(call)
      const measuring = measures.prepare(call, modules)
      if (!(disabled instanceof Promise) && !(policy instanceof Promise) && !measuring)
        return selectorFrom(call, disabled, policy)
      return Promise.all([disabled, policy, measuring]).then(([off, learned]) => selectorFrom(call, off, learned))
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
