import type { NitroChunk } from '@nitroagi/shared/runs'
import type { Execution, Shape, StepOutput } from './execution.ts'
import type { Selector } from './registry.ts'

/** An answer from documents is checked against them when it is there, if a module can do that. */
export function withCheck(shape: Shape, { can }: Selector): Shape {
  // A summary reads its documents itself.
  const isFromDocuments =
    shape.gathering.some(({ capability }) => capability === 'search') ||
    shape.answering.some(({ capability }) => capability === 'summarise')
  if (!isFromDocuments || !can('verify')) return shape
  const dependsOn = shape.own ? [shape.own.id] : shape.answering.map(({ id }) => id)
  const check = {
    id: 'check',
    capability: 'verify' as const,
    task: 'Check each sentence against the passages',
    dependsOn,
  }
  return { ...shape, checking: [check] }
}

/** Says nothing itself: what the check found stands beside the answer, and one that fails takes nothing away from it. */
export async function* checkAnswer(
  x: Execution,
  answered: StepOutput,
): AsyncGenerator<NitroChunk, StepOutput | undefined> {
  const [check] = x.shape.checking ?? []
  if (!check) return undefined
  // What the answering step searched for itself is numbered after what it was given.
  const passages = [...answered.given.passages, ...answered.evidence.passages]
  if (passages.length === 0 || answered.text.trim() === '') {
    yield* x.skip(check, 'There are no passages to check the answer against')
    return undefined
  }
  // Several answers were compared, so the person asked to be sure.
  const isDoubted = x.shape.own?.id === 'judge'
  const answer = { text: answered.text, citations: answered.citations, isDoubted }
  return yield* x.run(check, { evidence: { ...answered.given, passages }, answer })
}
