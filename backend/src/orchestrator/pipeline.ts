import type { NitroChunk } from '@nitroagi/shared/runs'
import type { Evidence } from '../modules/module.ts'
import { noticeChunk } from './answer-text.ts'
import { nothing, stepFailedNotice, type Execution, type Shape, type StepOutput } from './execution.ts'
import { answerAloud } from './gather.ts'
import type { PlanStep } from './plan.ts'
import { stagesIn } from './rule-planner.ts'

const passagesAtMost = 12

/**
 * A chain. "Do this, then that" becomes a step each; any other request is drafted, looked up again with what the draft
 * says, and written once more from both. A model's own chain stays as it is.
 */
export function shapePipeline(base: readonly PlanStep[], question: string, isByModel: boolean): Shape {
  const steps = isByModel ? base : byRules(base, question)
  const chained = steps.map((step, index) => ({ ...step, dependsOn: index === 0 ? [] : [steps[index - 1]!.id] }))
  return { gathering: chained.slice(0, -1), answering: chained.slice(-1) }
}

function byRules(base: readonly PlanStep[], question: string): PlanStep[] {
  const search = base.find(({ capability }) => capability === 'search')
  const first = [
    ...base.filter(({ capability }) => capability === 'recall' || capability === 'arithmetic'),
    ...(search ? [{ id: 'retrieve', capability: search.capability, task: search.task, dependsOn: [] }] : []),
  ]
  const stages = stagesIn(question)
  if (stages.length > 1) {
    const written = stages.slice(0, 6).map((stage, index): PlanStep => ({
      id: index === Math.min(stages.length, 6) - 1 ? 'answer' : `stage-${index + 1}`,
      capability: 'answer',
      task: index === 0 ? 'Do what was asked first' : `Carry on with what stage ${index} gave`,
      input: stage.slice(0, 2_000),
      dependsOn: [],
    }))
    return [...first, ...written]
  }
  return [
    ...first,
    { id: 'draft', capability: 'answer', task: 'Draft an answer', dependsOn: [] },
    ...(search
      ? [{ id: 'follow-up', capability: search.capability, task: 'Look up what the draft says', dependsOn: [] }]
      : []),
    {
      id: 'answer',
      capability: 'answer',
      task: 'Write the answer from the draft and what was looked up',
      dependsOn: [],
    },
  ]
}

/** Each step is given what the one before it gave, and nothing else that was said before. */
export async function* runPipeline(x: Execution): AsyncGenerator<NitroChunk, StepOutput> {
  let evidence: Evidence = nothing
  let previous: string | undefined
  let draft: StepOutput | undefined
  for (const step of x.shape.gathering) {
    // What was found goes along the chain, in its order: the numbers in a draft still point at it.
    const question = step.capability === 'search' && previous !== undefined ? lookUp(x, step, previous) : {}
    const work = { evidence, previous, ...question, isDraft: true }
    let output = yield* x.run(step, work)
    if (output.error !== undefined) {
      const [again] = yield* x.replan([output])
      if (again) output = yield* x.run(again, work)
    }
    if (output.error !== undefined) {
      yield stepFailedNotice(output.data.module)
      continue
    }
    evidence = along(evidence, output.evidence)
    if (output.text !== '') {
      previous = output.text
      draft = output
    }
  }
  const last = x.shape.answering[0]!
  try {
    return yield* answerAloud(x, last, { evidence, previous })
  } catch (error) {
    // A draft is better than nothing, as long as nothing else was said.
    if (!draft || x.call.signal.aborted || x.hasSpoken()) throw error
    yield noticeChunk('draft_only', 'warning', 'The last step failed, so this is the draft that it was given.')
    yield* x.say(draft.findings)
    return draft
  }
}

const lookUp = ({ request }: Execution, step: PlanStep, previous: string) => ({
  question: `${step.input ?? request.question}\n${previous.replace(/\[\d{1,3}\]/g, '')}`.slice(0, 2_000),
})

const along = (before: Evidence, found: Evidence): Evidence => ({
  passages: [...new Map([...before.passages, ...found.passages].map((hit) => [hit.entryId, hit])).values()].slice(
    0,
    passagesAtMost,
  ),
  facts: [...before.facts, ...found.facts],
  readings: [...(before.readings ?? []), ...(found.readings ?? [])],
  recalled: found.recalled ?? before.recalled,
})
