import { isRelated } from './terms.ts'

/** A word that is looked for: its weight, and the stems that count for it, with how much. */
export interface WantedWord {
  stem: string
  weight: number
  forms: ReadonlyMap<string, number>
}

/** A related word is no proof that the same is meant. */
const relatedCredit = 0.6
/** Shorter stems are related to too much. */
const relatedFrom = 4

/** What counts for a stem among the stems of a text: itself, and in part what is related to it. */
export function formsOf(stem: string, vocabulary: ReadonlySet<string>): Map<string, number> {
  const forms = new Map([[stem, 1]])
  if (stem.length >= relatedFrom) {
    for (const other of vocabulary) if (isRelated(stem, other)) forms.set(other, relatedCredit)
  }
  return forms
}

/** How well the best of the places holds the word, 0..1. */
export function creditOf({ forms }: Pick<WantedWord, 'forms'>, places: readonly ReadonlySet<string>[]): number {
  let credit = 0
  for (const [form, value] of forms) {
    if (value > credit && places.some((stems) => stems.has(form))) credit = value
  }
  return credit
}

/** The share of the words, by weight, that the places hold together, 0..1; 0 without words. */
export function shareOf(wanted: readonly WantedWord[], ...places: ReadonlySet<string>[]): number {
  let total = 0
  let found = 0
  for (const word of wanted) {
    total += word.weight
    found += word.weight * creditOf(word, places)
  }
  return total === 0 ? 0 : found / total
}
