import type { ConsensusData, NitroChunk } from '@nitroagi/shared/runs'
import type { Embedder } from '../ports/embedder/port.ts'
import type { LanguageModels } from '../ports/language-model/port.ts'
import { measureAgreement, mean, sameFrom, type Agreement } from './agreement.ts'
import { noticeChunk } from './answer-text.ts'
import { languageModelOf } from './ask-model.ts'
import { nothing, type Execution, type Shape, type StepOutput, type Work } from './execution.ts'
import { gather } from './gather.ts'
import { judge, type Candidate } from './judge.ts'
import type { PlanStep } from './plan.ts'
import type { AnswerRequest } from './port.ts'
import { runGraph } from './run-graph.ts'

const answersWanted = 3
const keptCharacters = 8_000

export function shapeConsensus(base: readonly PlanStep[]): Shape {
  const gathering = base.slice(0, -1)
  const answer = base.at(-1)!
  const answering = Array.from({ length: answersWanted }, (_, index): PlanStep => ({
    ...answer,
    id: `answer-${index + 1}`,
    task: `Answer on its own, number ${index + 1}`,
    dependsOn: gathering.map(({ id }) => id),
  }))
  return {
    gathering,
    answering,
    own: {
      id: 'judge',
      task: 'Measure how far the answers agree and choose one',
      reason: 'Independent answers that agree are more likely right',
      dependsOn: answering.map(({ id }) => id),
    },
  }
}

/** Several answers that know nothing of each other; the chosen one is said, the others are kept beside it. */
export async function* runConsensus(
  x: Execution,
  embedder: Pick<Embedder, 'embed'>,
  limit: number,
): AsyncGenerator<NitroChunk, StepOutput> {
  const found = yield* gather(x, limit)
  const { from, works } = independent(x.request, found, x.models)
  const outputs = new Map<string, StepOutput>()
  async function* carryOut(step: PlanStep): AsyncGenerator<NitroChunk, void> {
    outputs.set(step.id, yield* x.run(step, works[x.shape.answering.indexOf(step)]!))
  }
  const steps = x.shape.answering.slice(0, works.length)
  yield* runGraph(
    steps.map((step) => ({ ...step, dependsOn: [] })),
    (step) => carryOut(original(step)),
    limit,
  )
  for (const step of x.shape.answering.slice(works.length)) {
    yield* x.skip(step, 'There is not enough evidence for another answer that stands on its own')
  }
  const inOrder = steps.map(({ id }) => outputs.get(id)!)
  const answered = inOrder.filter(({ error, text }) => error === undefined && text !== '')
  if (answered.length === 0) throw inOrder[0]!.error
  if (answered.length < inOrder.length) {
    yield noticeChunk('answers_missing', 'warning', `Only ${answered.length} of ${inOrder.length} answers came.`)
  }
  return yield* decide(x, from, answered, embedder)

  function original(copy: PlanStep): PlanStep {
    return steps.find(({ id }) => id === copy.id)!
  }
}

async function* decide(
  x: Execution,
  from: ConsensusData['from'],
  answered: readonly StepOutput[],
  embedder: Pick<Embedder, 'embed'>,
): AsyncGenerator<NitroChunk, StepOutput> {
  const trace = x.ownStep()
  yield trace.start()
  const agreement = await measureAgreement(answered.map(compared), embedder, x.call)
  const candidates = answered.map((output, index): Candidate => ({ output, agreement: withOthers(agreement, index) }))
  const { chosen, judge: verdict } = await judge(x, candidates)
  const data = accountOf(from, candidates, chosen, agreement, verdict)
  const dissenting = data.answers.filter(({ dissents }) => dissents).length
  trace.report({
    summary: `Chose ${chosen.output.step.id}; ${dissenting} of ${answered.length} ${says(dissenting)} something else`,
    ...(verdict.model === null ? {} : { model: verdict.model }),
    ...(chosen.agreement === null
      ? {}
      : {
          confidence: chosen.agreement,
          confidenceBasis: `agreement with the other answers: ${agreement.summary.basis}`,
        }),
  })
  yield trace.complete()
  yield { type: 'data-consensus', id: 'consensus', data }
  yield* x.say(chosen.output.findings)
  if (dissenting > 0) {
    yield noticeChunk(
      'dissent',
      'info',
      `${dissenting} of ${answered.length} answers ${says(dissenting)} something else.`,
    )
  }
  if (chosen.agreement === null) return chosen.output
  const basis = `agreement with the other answers: ${agreement.summary.basis}`
  return { ...chosen.output, agreement: { name: 'agreement', value: chosen.agreement, basis } }
}

function accountOf(
  from: ConsensusData['from'],
  candidates: readonly Candidate[],
  chosen: Candidate,
  { pairs, summary }: Agreement,
  verdict: ConsensusData['judge'],
): ConsensusData {
  const place = candidates.indexOf(chosen)
  return {
    from,
    answers: candidates.map((candidate, index) => ({
      step: candidate.output.step.id,
      model: candidate.output.data.model,
      text: candidate.output.text.slice(0, keptCharacters),
      agreement: candidate.agreement,
      isChosen: candidate === chosen,
      dissents: candidate !== chosen && (pairs[index]?.[place]?.overall ?? 1) < sameFrom,
    })),
    agreement: summary,
    judge: verdict,
  }
}

const withOthers = ({ pairs }: Agreement, index: number): number | null =>
  mean(pairs[index]!.flatMap((pair) => pair?.overall ?? []))

const compared = ({ text, findings }: StepOutput) => ({
  text,
  cited: findings.flatMap((finding) =>
    finding.type === 'citation' ? [{ entryId: finding.hit.entryId, start: finding.start, end: finding.end }] : [],
  ),
})

/** What makes the answers independent: other models, the same one sampled anew, or, without one, other passages. */
function independent(
  request: AnswerRequest,
  found: Work,
  models: LanguageModels,
): { from: ConsensusData['from']; works: Work[] } {
  const asked = languageModelOf(models, request.model)
  if (!asked) return { from: 'passages', works: withOtherPassages(found) }
  const isFree = request.model === undefined || request.model === 'nitro-auto'
  const names = isFree ? [...new Set([asked.info.id, ...oneOfEachProvider(models)])] : [asked.info.id]
  if (names.length > 1)
    return { from: 'models', works: names.slice(0, answersWanted).map((model) => ({ ...found, model })) }
  const works = Array.from({ length: answersWanted }, (_, index) => ({
    ...found,
    sampling: { temperature: 0.4 + 0.3 * index, seed: index + 1 },
  }))
  return { from: 'samples', works }
}

/** Models of one provider are trained alike, so others come first. */
function oneOfEachProvider(models: LanguageModels): string[] {
  const able = models.list().filter(({ id, isLanguageModel }) => isLanguageModel && id !== 'nitro-auto')
  const first = [...new Map(able.toReversed().map((model) => [model.provider, model.id])).values()].reverse()
  return [...first, ...able.map(({ id }) => id)]
}

/** Each answer does without another third of the passages; two answers that agree do so on different evidence. */
function withOtherPassages(found: Work): Work[] {
  const evidence = found.evidence ?? nothing
  const { passages } = evidence
  if (passages.length < 2) return [found]
  const count = Math.min(answersWanted, passages.length)
  return Array.from({ length: count }, (_, left) => ({
    ...found,
    evidence: { ...evidence, passages: passages.filter((_, place) => place % count !== left) },
  }))
}

const says = (count: number) => (count === 1 ? 'says' : 'say')
