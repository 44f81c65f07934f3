import type { NitroChunk } from '@nitroagi/shared/runs'
import type { Evidence } from '../modules/module.ts'
import { noticeChunk } from './answer-text.ts'
import { nothing, stepFailedNotice, type Execution, type Shape, type StepOutput } from './execution.ts'
import { answerAloud } from './gather.ts'
import { isAnswering, type Capability, type PlanStep } from './plan.ts'
import type { Planned } from './planner.ts'

const passagesAtMost = 12
/** With what a draft has cited. */
const citedAtMost = 40

/**
 * A chain. "Do this, then that" becomes a step each, of the sort that its own words ask for; any other request is
 * drafted, looked up again with what the draft says, and written once more from both. A model's own chain stays as it
 * is, and so does what works in stages by itself, such as a summary.
 */
export function shapePipeline({ steps: base, stages, planner }: Planned): Shape {
  const steps = planner === 'model' ? base : byRules(base, stages)
  const chained = steps.map((step, index) => ({ ...step, dependsOn: index === 0 ? [] : [steps[index - 1]!.id] }))
  return { gathering: chained.slice(0, -1), answering: chained.slice(-1) }
}

const stagesAtMost = 6
const foundFirst: readonly Capability[] = ['recall', 'arithmetic', 'tabulate', 'transcribe', 'look']

function byRules(base: readonly PlanStep[], stages: Planned['stages']): PlanStep[] {
  const last = base.at(-1)!
  const search = base.find(({ capability }) => capability === 'search')
  const first = [
    ...base.slice(0, -1).filter(({ capability }) => foundFirst.includes(capability)),
    ...(search ? [{ id: 'retrieve', capability: search.capability, task: search.task, dependsOn: [] }] : []),
  ]
  if (stages.length > 1) {
    const kept = stages.slice(0, stagesAtMost)
    const written = kept.map(({ input, capability }, index): PlanStep => ({
      id: index === kept.length - 1 ? 'answer' : `stage-${index + 1}`,
      capability: index === 0 && capability === 'answer' && last.capability === 'look' ? 'look' : capability,
      task: index === 0 ? 'Do what was asked first' : `Carry on with what stage ${index} gave`,
      input: input.slice(0, 2_000),
      dependsOn: [],
    }))
    return [...first, ...written]
  }
  if (last.capability !== 'answer') return [...first, last]
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
    evidence = along(evidence, output)
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

/** What a draft cites stays whole, because its numbers point there. */
const along = (before: Evidence, { step, evidence: found }: StepOutput): Evidence => ({
  passages: [...new Map([...before.passages, ...found.passages].map((hit) => [hit.entryId, hit])).values()].slice(
    0,
    isAnswering(step.capability) ? citedAtMost : Math.max(passagesAtMost, before.passages.length),
  ),
  facts: [...before.facts, ...found.facts],
  readings: [...(before.readings ?? []), ...(found.readings ?? [])],
  recalled: found.recalled ?? before.recalled,
})
