import { isAnswering, type Capability, type PlanStep } from './plan.ts'

/** What the enabled modules can do, and what they could if nothing were switched off. */
export interface Able {
  can(capability: Capability): boolean
  switchedOff(capability: Capability): string | undefined
}

export interface LeftOut {
  /** The module that is switched off; undefined when none that is there could do it. */
  module: string | undefined
  message: string
}

/** What an answer goes without, in the words that the person reads. */
const without: Partial<Record<Capability, string>> = {
  recall: 'earlier turns of this conversation were not recalled',
  search: 'your documents were not searched',
  arithmetic: 'nothing was calculated and checked',
  tabulate: 'nothing was computed from your tables',
  look: 'the attached images were not looked at',
  transcribe: 'the attached recordings were not heard',
  summarise: 'this is an ordinary answer instead of a summary of the whole',
  compose: 'this is an ordinary answer instead of a text that was outlined first',
  verify: 'the answer was not checked against its passages',
}

/** Missing without anybody having switched it off: somebody who attached something should hear of it. */
const missing: Partial<Record<Capability, string>> = {
  look: 'There is no module here that looks at images, so the attached images were not looked at.',
  transcribe:
    'No provider that hears recordings is configured, so the attached recordings were not heard. The guide on recordings says which settings add one.',
}

/**
 * The plan without what nobody can do now, and an ordinary answer where that is the next best thing. The person is told
 * what was left out because somebody switched it off.
 */
export function possible(steps: PlanStep[], able: Able): { steps: PlanStep[]; leftOut: LeftOut[] } {
  const cannot = new Set(
    steps.map(({ capability }) => capability).filter((capability) => capability !== 'answer' && !able.can(capability)),
  )
  const isFromDocuments = steps.some(
    ({ capability }) => (capability === 'search' || capability === 'summarise') && able.can(capability),
  )
  const checks = isFromDocuments && !able.can('verify')
  const leftOut = [...cannot, ...(checks ? (['verify'] as const) : [])].flatMap((capability): LeftOut[] => {
    const module = able.switchedOff(capability)
    if (module !== undefined)
      return [{ module, message: `The ${module} module is switched off, so ${without[capability]}.` }]
    const message = missing[capability]
    return message === undefined ? [] : [{ module: undefined, message }]
  })
  if (cannot.size === 0) return { steps, leftOut }
  const last = steps.at(-1)!
  const left = steps.flatMap((step): PlanStep[] => {
    if (!cannot.has(step.capability)) return [step]
    if (!isAnswering(step.capability)) return []
    // One answer is enough: what only looked on the way is left out, what was to be written is written plainly.
    if (step !== last && step.capability === 'look') return []
    return [{ ...step, capability: 'answer', task: 'Answer directly' }]
  })
  const ids = new Set(left.map(({ id }) => id))
  return { steps: left.map((step) => ({ ...step, dependsOn: step.dependsOn.filter((id) => ids.has(id)) })), leftOut }
}
