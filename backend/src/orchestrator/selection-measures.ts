import type { ErrorCode } from '@nitroagi/shared/errors'
import type { ModuleHealth } from '@nitroagi/shared/modules'
import type { StepData } from '@nitroagi/shared/runs'
import type { Call } from '../call.ts'
import type { Module } from '../modules/module.ts'
import type { EndedStep } from '../ports/database/learning-port.ts'
import type { ScoreParts } from './selection.ts'

/** What a workspace's recent steps have shown, newest first. */
export type ReadEndedSteps = (call: Call) => Promise<EndedStep[]>

export type SelectionMeasures = ReturnType<typeof createSelectionMeasures>

interface Settings {
  endedSteps?: ReadEndedSteps | undefined
  now?: () => number
}

/** The success rate is that of so many steps at most, none of them older than that. */
export const windowSteps = 50
const windowMs = 24 * 60 * 60 * 1000
/** Fewer say too little. */
const stepsAtLeast = 3
const workspacesKept = 1_000
/** A step does its work in this process, which does about so much at a time at full speed. */
const placesInProcess = 64
const healthMs = 30_000
/** Somebody who is down is looked at again sooner, so that they are not missed for longer than needed. */
const downMs = 5_000
/** What an answer waits for at most, once, before anything was measured. */
const firstHealthMs = 5
const firstStepsMs = 250

/** What lies in the request or in its budget says nothing about the module. */
const notItsFault: ReadonlySet<string> = new Set<ErrorCode>([
  'invalid_input',
  'not_found',
  'forbidden',
  'model_not_found',
  'budget_exceeded',
  'unsupported_media_type',
  'payload_too_large',
])

interface Outcome {
  isGood: boolean
  at: number
}

interface Health {
  /** Null until the first answer of the check. */
  value: number | null
  at: number
  isAsked: boolean
}

/**
 * Measures the parts of a module's score: success from a sliding window of steps per workspace, capacity from what runs
 * now, health from the module's own check. Health is asked for beside the answers, never in their way.
 */
export function createSelectionMeasures({ endedSteps, now = Date.now }: Settings = {}) {
  const workspaces = new Map<string, Map<string, Outcome[]>>()
  const health = new Map<string, Health>()
  const active = new Map<string, number>()

  function remember(workspaceId: string): Map<string, Outcome[]> {
    const known = workspaces.get(workspaceId)
    if (known) {
      // Moved to the end: the first of the Map is the one that was not asked for longest.
      workspaces.delete(workspaceId)
      workspaces.set(workspaceId, known)
      return known
    }
    if (workspaces.size >= workspacesKept) workspaces.delete(workspaces.keys().next().value!)
    const fresh = new Map<string, Outcome[]>()
    workspaces.set(workspaceId, fresh)
    return fresh
  }

  function note(window: Map<string, Outcome[]>, module: string, outcome: Outcome): void {
    const outcomes = window.get(module) ?? []
    outcomes.push(outcome)
    if (outcomes.length > windowSteps) outcomes.shift()
    window.set(module, outcomes)
  }

  async function prime(call: Call): Promise<void> {
    if (!endedSteps) return
    const window = remember(call.actor.workspaceId)
    try {
      const steps = await endedSteps(call)
      const sinceThen = new Map(window)
      window.clear()
      for (const { module, status, errorCode, at } of steps.toReversed()) {
        if (isTelling(status, errorCode)) note(window, module, { isGood: status === 'completed', at: at.getTime() })
      }
      for (const [module, outcomes] of sinceThen) for (const outcome of outcomes) note(window, module, outcome)
    } catch (error) {
      // Not measured until steps have ended in this process.
      call.log.warn('selection-window-unread', { error })
    }
  }

  function ask(module: Module): Promise<void> {
    const { name } = module.manifest
    health.set(name, { ...(health.get(name) ?? { value: null, at: 0 }), isAsked: true })
    const told = (found: ModuleHealth) =>
      void health.set(name, { value: healthValue(found), at: now(), isAsked: false })
    const checked = (async () => module.health())()
    return checked.then(told, () => told({ status: 'down', detail: null }))
  }

  function healthOf(module: Module): number | null {
    const known = health.get(module.manifest.name)
    if (!known) return null
    const isStale = now() - known.at > (known.value === 0 ? downMs : healthMs)
    if (isStale && !known.isAsked) void ask(module)
    return known.value
  }

  function successOf(workspaceId: string, module: string): { rate: number | null; steps: number } {
    const since = now() - windowMs
    const recent =
      workspaces
        .get(workspaceId)
        ?.get(module)
        ?.filter(({ at }) => at >= since) ?? []
    const good = recent.filter(({ isGood }) => isGood).length
    return { rate: recent.length < stepsAtLeast ? null : good / recent.length, steps: recent.length }
  }

  return {
    /** Before the first choice for a workspace; later it costs nothing. */
    prepare(call: Call, modules: readonly Module[]): Promise<unknown> | undefined {
      const unknown = modules.filter(({ manifest }) => !health.has(manifest.name))
      const isNew = endedSteps !== undefined && !workspaces.has(call.actor.workspaceId)
      if (unknown.length === 0 && !isNew) return undefined
      return Promise.all([
        atMost(firstHealthMs, Promise.all(unknown.map(ask))),
        isNew ? atMost(firstStepsMs, prime(call)) : undefined,
      ])
    },

    of(call: Call, module: Module, capability: string): { parts: ScoreParts; measuredSteps: number } {
      const { name } = module.manifest
      const { rate, steps } = successOf(call.actor.workspaceId, name)
      const room = 1 - Math.min(1, (active.get(name) ?? 0) / placesInProcess)
      const own = freeCapacityOf(module)
      const parts = {
        capability: module.fit?.[capability] ?? 1,
        success: rate,
        capacity: own === null ? null : Math.min(room, own),
        health: healthOf(module),
      }
      return { parts, measuredSteps: steps }
    },

    /** Follows one answer's steps; `close` gives back the places of those that were cut. */
    follow(call: Call) {
      const running = new Map<string, string>()
      const leave = (id: string) => {
        const module = running.get(id)
        if (module !== undefined) active.set(module, (active.get(module) ?? 1) - 1)
        running.delete(id)
      }
      return {
        told({ id, module, status, error }: StepData): void {
          if (module === 'orchestrator') return
          if (status === 'running') {
            if (running.has(id)) return
            running.set(id, module)
            active.set(module, (active.get(module) ?? 0) + 1)
            return
          }
          leave(id)
          if (!isTelling(status, error?.code ?? null)) return
          // One that has just failed is looked at before the next choice.
          const known = health.get(module)
          if (status === 'failed' && known) known.at = 0
          note(remember(call.actor.workspaceId), module, { isGood: status === 'completed', at: now() })
        },
        close: () => [...running.keys()].forEach(leave),
      }
    },
  }
}

const isTelling = (status: string, errorCode: string | null): boolean =>
  status === 'completed' || (status === 'failed' && !notItsFault.has(errorCode ?? ''))

/** One that was down and is being tried again is half there. */
const healthValue = ({ status, isTrying }: ModuleHealth): number => (status === 'ok' ? 1 : isTrying ? 0.5 : 0)

/** Null when it does not say it well; one module's mistake must not keep others from working. */
function freeCapacityOf(module: Module): number | null {
  if (!module.freeCapacity) return 1
  try {
    const free = module.freeCapacity()
    return Number.isFinite(free) ? Math.min(1, Math.max(0, free)) : null
  } catch {
    return null
  }
}

async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)))
  await Promise.race([work.catch(() => {}), late])
  clearTimeout(timer)
}
