import type { OwnSigns, Signs } from './signs.ts'

/** What a sentence is beside the others: 1 for those that have most. */
export interface Standing {
  mostBigrams: number
  mostWithEarlier: number
  mostAround: number
  /** Of its own passage's sentences. */
  mostOfPassage: number
  /** What the best sentence of its passage has. */
  bestOfPassage: number
}

/** Adds what they are beside each other to the signs of all sentences, given by passage. */
export function compareSigns(passages: readonly (readonly OwnSigns[])[]): Signs[][] {
  const all = passages.flat()
  const bigrams = Math.max(0, ...all.map((signs) => signs.bigrams))
  const withEarlier = Math.max(0, ...all.map((signs) => signs.withEarlier))
  const around = Math.max(0, ...all.map((signs) => signs.around))
  return passages.map((sentences) => {
    const own = Math.max(0, ...sentences.map((signs) => signs.own))
    const withTitle = Math.max(0, ...sentences.map((signs) => signs.withTitle))
    return sentences.map((signs) => ({
      ...signs,
      mostBigrams: isMost(signs.bigrams, bigrams),
      mostWithEarlier: isMost(signs.withEarlier, withEarlier),
      mostAround: isMost(signs.around, around),
      mostOfPassage: isMost(signs.own, own),
      bestOfPassage: withTitle,
    }))
  })
}

const isMost = (value: number, most: number): number => (most > 0 && value >= most - 1e-9 ? 1 : 0)
