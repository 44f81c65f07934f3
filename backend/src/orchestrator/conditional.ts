import type { DecisionData, NitroChunk } from '@nitroagi/shared/runs'
import type { Evidence } from '../modules/module.ts'
import { noticeChunk } from './answer-text.ts'
import { nothing, type Execution, type Shape, type StepOutput, type Work } from './execution.ts'
import { answerAloud, gather } from './gather.ts'
import type { PlanStep } from './plan.ts'

/** How surely the passages are about the question, 0..1, and how that was measured. */
export type MeasureSupport = (question: string, passages: Evidence['passages']) => { value: number; basis: string }

/** Where the fitted measure is as sure as not. */
const threshold = 0.5

export function shapeConditional(base: readonly PlanStep[]): Shape {
  const gathering = base.slice(0, -1)
  const answer = base.at(-1)!
  const found = gathering.map(({ id }) => id)
  return {
    gathering,
    answering: [
      { ...answer, id: 'grounded', task: 'Answer from what was found', dependsOn: [...found, 'decide'] },
      { ...answer, id: 'plain', task: 'Answer without the documents', dependsOn: ['decide'] },
    ],
    own: {
      id: 'decide',
      task: 'Measure whether what was found supports an answer',
      reason: 'The answer depends on what the documents hold',
      dependsOn: found,
      before: 'grounded',
    },
  }
}

/** Answers from the documents only when they are measured to support an answer; the other branch is not carried out. */
export async function* runConditional(x: Execution, measure: MeasureSupport): AsyncGenerator<NitroChunk, StepOutput> {
  const found = yield* gather(x, 1)
  const trace = x.ownStep()
  yield trace.start()
  const decision = decide(x, found, measure)
  yield { type: 'data-decision', id: 'decision', data: decision }
  trace.report({ summary: decision.reason })
  yield trace.complete()
  const [grounded, plain] = x.shape.answering as [PlanStep, PlanStep]
  if (decision.taken === grounded.id) {
    yield* x.skip(plain, decision.reason)
    return yield* answerAloud(x, grounded, found)
  }
  yield* x.skip(grounded, decision.reason)
  yield noticeChunk('not_from_documents', 'info', `This is not from your documents. ${decision.reason}.`)
  return yield* answerAloud(x, plain, { evidence: { ...nothing, recalled: found.evidence?.recalled } })
}

function decide(x: Execution, { evidence = nothing }: Work, measure: MeasureSupport): DecisionData {
  const about = { question: 'Does what was found support an answer?', threshold }
  const grounded = { ...about, measured: null, taken: 'grounded', notTaken: 'plain' }
  const isLookedUp = x.shape.gathering.some(({ capability }) => capability === 'search')
  if (x.shape.answering[0]!.capability !== 'answer' && !isLookedUp) {
    const reason = 'It stands on what it reads or looks at itself, so nothing had to be measured'
    return { ...grounded, basis: 'read by the step itself', reason }
  }
  if ((evidence.readings?.length ?? 0) > 0) {
    const reason = 'It is about what came along with the question, so nothing had to be measured'
    return { ...grounded, basis: 'attached', reason }
  }
  if (evidence.facts.length > 0) {
    const reason = 'The result was calculated and checked, so nothing had to be measured'
    return { ...grounded, basis: 'calculated', reason }
  }
  const { value, basis } = measure(x.request.question, evidence.passages)
  const measured = Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000
  const isEnough = measured >= threshold
  const reason =
    evidence.passages.length === 0
      ? 'No passage was found'
      : `Support was measured as ${measured.toFixed(2)}, ${isEnough ? 'enough' : 'too little'} at a threshold of ${threshold.toFixed(2)}`
  const [taken, notTaken] = isEnough ? ['grounded', 'plain'] : ['plain', 'grounded']
  return { ...about, measured, basis, taken: taken!, notTaken: notTaken!, reason }
}
