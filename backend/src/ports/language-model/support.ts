import { rankQuotations, type Quotation } from './quotations.ts'
import type { Passage } from './signs.ts'

/**
 * Fitted as the weights of quotations.ts were, to tell questions that the documents answer from those of another field
 * (every second one of SciFact's and chunkeval's). The bias is shifted until three in a hundred of the questions that it
 * was fitted on are refused; of the others' questions 4 are then, and 97 in a hundred of those off topic.
 */
const bias = -7.6
const weights = {
  own: 0.04,
  withTitle: 0.31,
  withBefore: 0.7,
  inPassage: 1.45,
  inText: 1.29,
  names: 0.58,
  rarest: 0.48,
  score: 0.86,
  mostInPassage: 2.86,
  mostOwn: 1.87,
  agreement: 1.49,
  sameTitle: 1.75,
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
export const chanceOfAnswer = ({ share }: Quotation): number => 1 / (1 + Math.exp(2.34 - 5.2 * share))
