import type { SearchHit } from '@nitroagi/shared/knowledge'

const group = /\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/g
/** No group of numbers is longer; a bracket that goes on is none. */
const groupCharacters = 60

type Renumber = (number: number) => number | undefined

/** The text with its numbers changed; one that means nothing is taken out. */
export const renumbered = (text: string, renumber: Renumber): string =>
  text.replace(group, (_, numbers: string) =>
    numbers
      .split(/[,;]/)
      .flatMap((digits) => renumber(Number(digits)) ?? [])
      .map((number) => `[${number}]`)
      .join(''),
  )

/** The same for words that come one by one: a bracket that is not closed yet waits for its end. */
export function createRenumbering(renumber: Renumber) {
  let held = ''
  return {
    add(delta: string): string {
      const text = held + delta
      const open = text.lastIndexOf('[')
      const isOpen = open >= 0 && text.length - open <= groupCharacters && /^\[[\d\s,;]*$/.test(text.slice(open))
      held = isOpen ? text.slice(open) : ''
      return renumbered(isOpen ? text.slice(0, open) : text, renumber)
    },
    end(): string {
      const rest = held
      held = ''
      return rest
    },
  }
}

/** Gives passages numbers in the order in which they are first cited, on from those that were given. */
export function createNumbers(given: readonly SearchHit[], from = given.length) {
  const numbers = new Map(given.map((hit, index) => [hit.entryId, index + 1]))
  /** By number; what lies between the given ones and the first of our own was never ours. */
  const passages: SearchHit[] = [...given]
  const own: SearchHit[] = []
  return {
    passages,
    own,
    of(hit: SearchHit): number | undefined {
      const known = numbers.get(hit.entryId)
      if (known !== undefined) return known
      const number = from + own.length + 1
      // Readers of answers know three digits.
      if (number > 999) return undefined
      numbers.set(hit.entryId, number)
      own.push(hit)
      passages[number - 1] = hit
      return number
    },
  }
}
