import type { PlanStep } from './plan.ts'
import type { AnswerRequest } from './port.ts'

/** What sort of request it is, by what its plan needs; feedback is learned from by sort. */
export const kinds = [
  'image',
  'recording',
  'summary',
  'writing',
  'table',
  'calculation',
  'several-questions',
  'lookup',
  'conversation',
] as const
export type Kind = (typeof kinds)[number]

export function kindOf({ attachments = [] }: AnswerRequest, steps: readonly PlanStep[]): Kind {
  const count = (capability: PlanStep['capability']) => steps.filter((step) => step.capability === capability).length
  const brings = (type: string) => attachments.some(({ mediaType }) => mediaType.startsWith(type))
  if (count('look') > 0 || brings('image/')) return 'image'
  if (count('transcribe') > 0 || brings('audio/')) return 'recording'
  if (count('summarise') > 0) return 'summary'
  if (count('compose') > 0) return 'writing'
  if (count('tabulate') > 0) return 'table'
  if (count('arithmetic') > 0) return 'calculation'
  if (count('search') > 1) return 'several-questions'
  return count('search') === 1 ? 'lookup' : 'conversation'
}
