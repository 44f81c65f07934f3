import { rankQuotations, type Quotation } from './quotations.ts'
import type { Passage } from './signs.ts'

/**
 * Fitted as the weights of quotations.ts were, to tell questions that the documents answer from those of another field
 * (SciFact's and chunkeval's). The bias is shifted until 3.25 in a hundred of the questions that have an answer are
 * refused. Fitted on one half, 96 in a hundred of the other half's questions that are off topic are then refused.
 */
const bias = -0.31
const weights = {
  own: -0.78,
  withTitle: 0,
  withBefore: -0.95,
  inPassage: -1.08,
  inText: -1.55,
  names: 0.37,
  rarest: 0.78,
  score: 0.94,
  matched: 0.66,
  missing: -3.08,
  mostInPassage: 1.47,
  mostOwn: 0.67,
  agreement: 0.42,
  asked: -2.18,
  mostMatched: 2.49,
  missingEverywhere: -0.25,
}
export type SupportSign = keyof typeof weights

/** What speaks for the passages being about the question at all, seen from one sentence. */
export const supportSigns = ({ signs, surroundings, score }: Quotation): Record<SupportSign, number> => ({
  own: signs.own,
  withTitle: signs.withTitle,
  withBefore: signs.withBefore,
  inPassage: signs.inPassage,
  inText: signs.inText,
  names: signs.names,
  rarest: signs.rarest,
  score,
  matched: signs.matchedInPassage,
  missing: signs.missingHere,
  ...surroundings,
})

/** Whether the best quotation is about what was asked. Without this, something is quoted for every question. */
export const isSupported = (quotation: Quotation): boolean => logitOf(quotation) >= 0

/** The same as a probability for whole passages: at 0.5 the fit is as sure as not that they are about the question. */
export function supportOf(question: string, passages: readonly Passage[]): number {
  const best = rankQuotations(question, passages)[0]
  return best ? 1 / (1 + Math.exp(-logitOf(best))) : 0
}

function logitOf(quotation: Quotation): number {
  const signs = supportSigns(quotation)
  return (Object.keys(weights) as SupportSign[]).reduce((sum, sign) => sum + weights[sign] * signs[sign], bias)
}

/** How often a sentence with this share of the odds did hold the answer; fitted on the same questions. */
export const chanceOfAnswer = ({ share }: Quotation): number => 1 / (1 + Math.exp(2.54 - 5.52 * share))
