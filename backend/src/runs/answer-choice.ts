import type { NitroPart } from '@nitroagi/shared/runs'
import type { AnswerChoice } from '../ports/database/learning-port.ts'

/** Which step gave the answer that somebody reads, and how it was chosen; undefined when no step did. */
export function answerChoiceIn(parts: readonly NitroPart[]): AnswerChoice | undefined {
  const plan = parts.findLast((part) => part.type === 'data-plan')?.data
  if (!plan?.kind) return undefined
  const consensus = parts.findLast((part) => part.type === 'data-consensus')?.data
  const chosen = consensus?.answers.find(({ isChosen }) => isChosen)?.step
  const steps = new Map(parts.flatMap((part) => (part.type === 'data-step' ? [[part.data.id, part.data]] : [])))
  const given = plan.steps.filter(({ id, isAnswer }) => {
    const status = steps.get(id)?.status
    return (
      isAnswer === true && (chosen === undefined || id === chosen) && (status === 'completed' || status === 'stopped')
    )
  })
  const planned = given.at(-1)
  const step = planned && steps.get(planned.id)
  if (!step) return undefined
  return {
    kind: plan.kind,
    module: step.module,
    model: step.model,
    strategy: plan.strategy,
    selection: planned.selection ?? null,
    choice: plan.choice ?? null,
  }
}
