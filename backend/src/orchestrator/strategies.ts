import type { NitroChunk, Strategy } from '@nitroagi/shared/runs'
import type { Embedder } from '../ports/embedder/port.ts'
import { runConditional, shapeConditional, type MeasureSupport } from './conditional.ts'
import { runConsensus, shapeConsensus } from './consensus.ts'
import type { Execution, Shape, StepOutput } from './execution.ts'
import { answerAloud, gather } from './gather.ts'
import { runPipeline, shapePipeline } from './pipeline.ts'
import type { PlanStep } from './plan.ts'
import type { Planned } from './planner.ts'
import type { AnswerRequest } from './port.ts'
import { stagesIn } from './rule-planner.ts'

export type Way = Exclude<Strategy, 'auto'>

/** Steps of one answer that run at the same time. */
const together = 4

interface Dependencies {
  embedder: Pick<Embedder, 'embed'>
  measureSupport: MeasureSupport
}

/** How the steps of a plan are laid out and carried out, for each strategy. */
export function shapeFor(way: Way, planned: Planned): Shape {
  const { steps } = planned
  switch (way) {
    case 'sequential':
    case 'parallel':
      return { gathering: steps.slice(0, -1), answering: steps.slice(-1) }
    case 'pipeline':
      return shapePipeline(planned)
    case 'conditional':
      return shapeConditional(steps)
    case 'consensus':
      return shapeConsensus(steps)
  }
}

export async function* runAs(
  way: Way,
  x: Execution,
  { embedder, measureSupport }: Dependencies,
): AsyncGenerator<NitroChunk, StepOutput> {
  switch (way) {
    case 'sequential':
    case 'parallel':
      return yield* answerAloud(x, x.shape.answering[0]!, yield* gather(x, way === 'parallel' ? together : 1))
    case 'pipeline':
      return yield* runPipeline(x)
    case 'conditional':
      return yield* runConditional(x, measureSupport)
    case 'consensus':
      return yield* runConsensus(x, embedder, together)
  }
}

/** `auto` looks at what was asked and at the plan, and says what it saw; a clear sign leaves no other choice. */
export function chooseStrategy(
  { strategy = 'auto', question }: AnswerRequest,
  steps: readonly PlanStep[],
  canWrite: boolean,
): { strategy: Way; reason: string; isClear: boolean } {
  const clear = (way: Way, reason: string) => ({ strategy: way, reason, isClear: true })
  if (strategy !== 'auto') return clear(strategy, 'You asked for it')
  if (doubts.test(question)) return clear('consensus', 'You want to be sure, so several answers are compared')
  if (canWrite && stagesIn(question).length > 1) return clear('pipeline', 'You named one thing to do after the other')
  if (branches.test(question)) return clear('conditional', 'What is answered depends on what the documents hold')
  const finding = steps.slice(0, -1).filter(({ capability }) => capability !== 'recall')
  const independent = finding.filter(({ dependsOn }) => !finding.some(({ id }) => dependsOn.includes(id))).length
  if (independent > 1) {
    const reason = `${independent} steps need nothing of each other, so they run together`
    return { strategy: 'parallel', reason, isClear: false }
  }
  return {
    strategy: 'sequential',
    reason: steps.length > 1 ? 'Each step needs what the one before it found' : 'There is only one step',
    isClear: false,
  }
}

const doubts =
  /\b(?:double[- ]check|are you (?:really )?sure|make sure|verify (?:this|that|whether)|second opinion|be certain)\b/i
const branches =
  /\b(?:only (?:answer )?(?:if|when|from) (?:it is |it's |this is )?(?:in )?(?:my|our|the) (?:documents|files|sources)|if (?:my|our|the) (?:documents|files|sources)\b)/i
