import { attachmentIdOf } from '@nitroagi/shared/attachments'

/** Pictures that one answer looks at, as long as the question itself brings no more. */
const picturesAtMost = 4
/** Further back, a picture has to be asked for by sending it again. */
const turnsBack = 3

interface Asked {
  question: string
  /** How much came with the question itself. */
  attached: number
  /** The messages before it, oldest first. */
  history: readonly { role: string; parts: readonly StoredPart[] }[]
}

interface StoredPart {
  type: string
  url?: unknown
  mediaType?: unknown
}

/** The pictures of the turns before that a question goes on about, oldest first. */
export const picturesAskedAbout = ({ question, attached, history }: Asked): string[] =>
  askedAbout(
    question,
    attached,
    history.filter(({ role }) => role === 'user').map(({ parts }) => picturesIn(parts)),
  )

/** The same, of pictures by turn, whatever stands for them. */
export function askedAbout(question: string, attached: number, turns: readonly (readonly string[])[]): string[] {
  if (attached > 0 && !compares.test(question)) return []
  const newest = turns
    .slice(-turnsBack)
    .toReversed()
    .flatMap((pictures, back) => (isAbout(question, back) ? pictures : []))
  return newest.slice(0, Math.max(0, picturesAtMost - attached)).toReversed()
}

export const attachmentIdsIn = (parts: readonly StoredPart[]): string[] =>
  parts.flatMap(({ type, url }) => (type === 'file' && typeof url === 'string' ? (attachmentIdOf(url) ?? []) : []))

const picturesIn = (parts: readonly StoredPart[]) =>
  attachmentIdsIn(parts.filter(({ mediaType }) => typeof mediaType === 'string' && mediaType.startsWith('image/')))

/** A picture is asked about by its name for a while, and by "it" or "the left one" directly after it was sent. */
const isAbout = (question: string, back: number): boolean =>
  namesPicture.test(question) || (back === 0 && (goesOn.test(question) || pointsAt.test(question)))

const namesPicture =
  /\b(?:images?|pictures?|photos?|pics?|screenshots?|scans?|drawings?|diagrams?|charts?|bild(?:er|ern|es)?|fotos?|bildschirmfotos?|im[aá]gen(?:es)?|dibujos?|dessins?|captures?)\b/i

const goesOn = /^\s*(?:and|but|so|then|also|now|what about|how about|und|aber|was ist mit|y|et|e)\b/i

const pointsAt =
  /\b(?:it|its|he|she|they|them|him|her|this|that|these|those|there|here|left|right|top|bottom|upper|lower|middle|centre|center|background|foreground|colou?r|es|er|sie|dies\w*|links|rechts|oben|unten|hintergrund|farbe|esto|eso|izquierda|derecha|ça|cela|gauche|droite)\b/i

const compares =
  /\b(?:both|compare|compared|difference|same|other|previous|earlier|before|first|last|beide\w*|vergleich\w*|anders|vorher\w*)\b/i
