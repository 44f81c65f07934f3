import { limits } from '@nitroagi/shared/limits'
import { NitroError } from '@nitroagi/shared/errors'
import { z } from 'zod'

/** What a step is for. Modules say which of these they can do. */
export const Capability = z.enum(['recall', 'search', 'arithmetic', 'answer'])
export type Capability = z.infer<typeof Capability>

const Step = z.strictObject({
  id: z.string().min(1).max(40),
  capability: Capability,
  /** In words, for the trace. */
  task: z.string().min(1).max(200),
  dependsOn: z.array(z.string()),
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
  if (!parsed.success) throw refused(parsed.error.issues[0]?.message ?? 'It does not have the shape of a plan')
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

const refused = (reason: string) => new NitroError('invalid_input', `The plan cannot be carried out. ${reason}.`)
