import { limits } from '@nitroagi/shared/limits'
import { NitroError } from '@nitroagi/shared/errors'
import { z } from 'zod'

/** What a step is for. Modules say which of these they can do. */
export const Capability = z.enum([
  'recall',
  'search',
  'arithmetic',
  'tabulate',
  'look',
  'transcribe',
  'answer',
  'summarise',
  'compose',
  'verify',
])
export type Capability = z.infer<typeof Capability>

/** What gives an answer in its own words; a plan ends in one of these. */
export const isAnswering = (capability: Capability): boolean => answering.includes(capability)
const answering: readonly Capability[] = ['answer', 'summarise', 'compose', 'look']

const Step = z.strictObject({
  id: z.string().min(1).max(40),
  capability: Capability,
  /** In words, for the trace. */
  task: z.string().min(1).max(200),
  /** What this step is asked, where that is not the person's whole question. */
  input: z.string().min(1).max(limits.searchCharacters).optional(),
  dependsOn: z.array(z.string()).max(limits.planSteps),
})

export const Plan = z.strictObject({
  steps: z
    .array(Step)
    .min(1, 'A plan needs a step')
    .max(limits.planSteps, `A plan has at most ${limits.planSteps} steps`),
})
export type Plan = z.infer<typeof Plan>
export type PlanStep = Plan['steps'][number]

/** Checks a plan from anywhere and gives its steps in an order in which each comes after what it depends on. */
export function orderedSteps(candidate: unknown): PlanStep[] {
  const parsed = Plan.safeParse(candidate)
  if (!parsed.success) throw refused(describe(parsed.error.issues[0]))
  const { steps } = parsed.data
  const byId = new Map(steps.map((step) => [step.id, step]))
  if (byId.size < steps.length) throw refused('Two steps have the same id')

  const ordered = new Set<PlanStep>()
  const visit = (step: PlanStep, above: readonly string[]) => {
    if (ordered.has(step)) return
    if (above.includes(step.id)) throw refused(`Step ${step.id} depends on itself: ${[...above, step.id].join(' → ')}`)
    for (const id of step.dependsOn) {
      const needed = byId.get(id)
      if (!needed) throw refused(`Step ${step.id} depends on ${id}, which is not in the plan`)
      visit(needed, [...above, step.id])
    }
    ordered.add(step)
  }
  for (const step of steps) visit(step, [])
  return [...ordered]
}

/** An answer's plan ends in the one step that gives the answer, so everything else is done before it. */
export function answerSteps(candidate: unknown): PlanStep[] {
  const steps = orderedSteps(candidate)
  const last = steps.findLast(({ capability }) => isAnswering(capability))
  if (!last) throw refused('No step gives the answer')
  if (steps.some(({ dependsOn }) => dependsOn.includes(last.id)))
    throw refused(`Step ${last.id} gives the answer, so no other step can depend on it`)
  return [...steps.filter((step) => step !== last), last]
}

const describe = (issue: z.core.$ZodIssue | undefined): string => {
  if (!issue) return 'It does not have the shape of a plan'
  const where = issue.path.join('.')
  return where === '' || where === 'steps' ? issue.message : `${where}: ${issue.message}`
}

const refused = (reason: string) => new NitroError('invalid_input', `The plan cannot be carried out. ${reason}.`)
