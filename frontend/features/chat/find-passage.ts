import type { SourceData } from '@nitroagi/shared/runs'

/** Where the cited words stand on their page. A document that was read again since may have moved them. */
export function findPassage(
  text: string,
  { start, end, quote }: Pick<SourceData, 'start' | 'end' | 'quote'>,
): { start: number; end: number } | undefined {
  const isThere = start < end && end <= text.length
  if (
    isThere &&
    (quote === '' || text.slice(start, end).includes(quote.trim()) || sameWords(text.slice(start, end), quote))
  ) {
    return { start, end }
  }
  const found = quote.trim() ? text.indexOf(quote.trim()) : -1
  if (found !== -1) return { start: found, end: found + quote.trim().length }
  return isThere ? { start, end } : undefined
}

const sameWords = (one: string, other: string) => one.replace(/\s+/g, ' ').trim() === other.replace(/\s+/g, ' ').trim()
