import type { PageOrigin } from '@nitroagi/shared/knowledge'

/** How a page's text was got, where that is worth a word. */
export function originWords(origin: PageOrigin, confidence: number | null): string | undefined {
  if (origin === 'edited') return 'Edited by hand'
  if (origin === 'text') return undefined
  return confidence === null
    ? 'Read from a picture'
    : `Read from a picture, ${Math.round(confidence * 100)} % sure of its letters`
}
