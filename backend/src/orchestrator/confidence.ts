import type { ConfidenceData, ConfidencePart, NitroChunk } from '@nitroagi/shared/runs'
import { statementsIn } from '../statements.ts'
import type { Call } from '../call.ts'
import { questionsIn } from '../questions.ts'
import type { MeasureSupport } from './conditional.ts'
import type { StepOutput } from './execution.ts'

/** What rated answers have shown about such a figure; `value` is undefined while there are too few of them. */
export type Calibrate = (
  call: Call,
  raw: number,
) => Promise<{ value: number | undefined; ratedAnswers: number; neededAnswers: number }>

interface Answered {
  call: Call
  question: string
  answered: StepOutput
  checked: StepOutput | undefined
}

interface Dependencies {
  measureSupport: MeasureSupport
  calibrate?: Calibrate | undefined
}

/** How sure the whole answer is, from what was measured on its way; said last, because all of it has to be there. */
export async function* tellConfidence(
  whole: Answered,
  { measureSupport, calibrate }: Dependencies,
): AsyncGenerator<NitroChunk> {
  const raw = composeConfidence(whole, measureSupport)
  const data = calibrate && raw.value !== null ? await calibrated(whole.call, raw, raw.value, calibrate) : raw
  yield { type: 'data-confidence', id: 'confidence', data }
}

/** From measured parts only; without one, or without anything that could be right or wrong, there is no value. */
export function composeConfidence(
  { question, answered, checked }: Omit<Answered, 'call'>,
  measureSupport: MeasureSupport,
): ConfidenceData {
  const calculation = calculationIn(answered)
  if (!calculation && !statesSomething(answered, checked)) {
    return without('The answer states nothing that could be right or wrong, such as one that says it found nothing')
  }
  const critic = criticOf(answered, checked)
  const parts = [
    retrievalOf(question, answered, measureSupport),
    quotationOf(answered),
    answered.agreement,
    critic,
    calculation,
  ].filter((part) => part !== undefined)
  if (parts.length === 0)
    return without('Nothing was there to measure it by: no passage, no calculation, no second answer')
  return { ...combined(parts), parts, calibration: null }
}

const without = (basis: string): ConfidenceData => ({ value: null, parts: [], calibration: null, basis })

function statesSomething({ text }: StepOutput, checked: StepOutput | undefined): boolean {
  if (checked?.critique) return checked.critique.supportedShare !== null
  return statementsIn(text, 60).statements.some(({ isClaim }) => isClaim)
}

/**
 * How surely the cited passages are about the question. What cites nothing stands on no passage, and a computed result
 * stands on its computation, not on how its table's words are like the question's.
 */
function retrievalOf(question: string, { citations, given }: StepOutput, measure: MeasureSupport) {
  const numbers = new Set(citations.map(({ number }) => number))
  const computedFrom = new Set(given.facts.flatMap(({ sources = [] }) => sources))
  const cited = given.passages.filter(({ entryId }, index) => numbers.has(index + 1) && !computedFrom.has(entryId))
  if (cited.length === 0) return undefined
  const subject = given.recalled?.subject
  const several = questionsIn(question).map(({ alone }) => alone)
  const asked = several.length > 0 ? several : [question]
  const measured = asked.map((one) => measure(subject === undefined ? one : `${one} ${subject}`, cited))
  // All of its questions are to be answered, so the one that the passages bear least counts.
  const { value, basis } = measured.reduce((one, other) => (other.value < one.value ? other : one))
  return part('retrieval', value, several.length > 0 ? `${basis}; of ${several.length} questions the weakest` : basis)
}

/** Only nitro-offline measures its own answer: how often such a quotation held the answer. */
function quotationOf({ data: { model, confidence, confidenceBasis } }: StepOutput): ConfidencePart | undefined {
  if (model !== 'nitro-offline' || confidence === null) return undefined
  return part('quotation', confidence, confidenceBasis ?? 'measured by nitro-offline')
}

/** An answer that cites nothing and that no passage supports is simply not from the documents. */
function criticOf({ citations }: StepOutput, checked: StepOutput | undefined): ConfidencePart | undefined {
  const critique = checked?.critique
  if (!critique || critique.supportedShare === null) return undefined
  if (citations.length === 0 && critique.supportedShare === 0) return undefined
  return part('critic', critique.supportedShare, `share of its sentences that are supported, by ${critique.basis}`)
}

/** The share of the checked results that the answer gives as they were calculated; nothing when it gives none of them. */
function calculationIn({ text, given }: StepOutput): ConfidencePart | undefined {
  if (given.facts.length === 0) return undefined
  const said = simple(text)
  const stated = given.facts.filter(({ value }) => said.includes(simple(value))).length
  if (stated === 0) return undefined
  const basis = 'share of the calculated and checked results that the answer gives as they came out'
  return part('calculation', stated / given.facts.length, basis)
}

/** "**2,340**" and "2340" are the same number. */
const simple = (text: string): string =>
  text
    .replace(/[*_`≈\s]+/g, ' ')
    .replace(/(?<=\d),(?=\d{3})/g, '')
    .trim()
    .toLowerCase()

const part = (name: ConfidencePart['name'], value: number, basis: string): ConfidencePart => ({
  name,
  value: rounded(value),
  basis,
})

const rounded = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000

/**
 * Each part says how likely one thing is that a right answer needs: passages about the question, sentences that they
 * support, other answers that say the same. How far these hang together is not known, and the chance of all of them is
 * at most that of the least likely one: so the weakest part counts. The chance of a quotation is that of a whole answer
 * found in these passages, the retrieval included, so it takes its place.
 */
function combined(parts: readonly ConfidencePart[]): Pick<ConfidenceData, 'value' | 'basis'> {
  const isQuoted = parts.some(({ name }) => name === 'quotation')
  const counted = parts
    .filter(({ name }) => !(isQuoted && name === 'retrieval'))
    .map(({ name, value }) => ({ name, value: name === 'quotation' ? rounded(wholeAnswer(value)) : value }))
  const weakest = counted.reduce((one, other) => (other.value < one.value ? other : one))
  const basis =
    counted.length === 1
      ? `its ${weakest.name} alone`
      : `the weakest of its parts, the ${weakest.name}: all have to hold`
  const fitted = isQuoted ? '; a quotation counts by how often such a whole answer held the right one' : ''
  return { value: weakest.value, basis: basis + fitted }
}

/**
 * nitro-offline's part is the chance of its first sentence; an answer has up to three. Fitted by
 * `npm run eval critic -- --fit`: logistic regression on 1,316 answers to SQuAD questions about every second article.
 * The passages' own measure was tried beside it and told no more (AUC 0.763 against 0.777).
 */
const wholeAnswer = (chance: number): number => {
  const bounded = Math.min(0.999, Math.max(0.001, chance))
  return 1 / (1 + Math.exp(-(1.2 + 0.75 * Math.log(bounded / (1 - bounded)))))
}

async function calibrated(
  call: Call,
  data: ConfidenceData,
  raw: number,
  calibrate: Calibrate,
): Promise<ConfidenceData> {
  try {
    const { value, ratedAnswers, neededAnswers } = await calibrate(call, raw)
    if (value === undefined) {
      const basis = `${data.basis}; not calibrated yet: ${ratedAnswers} of ${neededAnswers} rated answers`
      return { ...data, basis }
    }
    const basis = `${data.basis}; corrected by how ${ratedAnswers} answers were rated`
    return { ...data, value: rounded(value), calibration: { raw, ratedAnswers }, basis }
  } catch (error) {
    if (call.signal.aborted) throw error
    call.log.warn('calibration-failed', { error })
    return { ...data, basis: `${data.basis}; not calibrated, because the ratings could not be read` }
  }
}
