/** How long a text is to be, as far as the request says. */
export interface WantedLength {
  words?: number
  sentences?: number
  points?: number
  manner?: 'brief' | 'detailed'
}

const numerals: Record<string, number> = Object.fromEntries(
  [
    ['one', 'a', 'an', 'single', 'ein', 'eine', 'einem', 'einer', 'einen', 'un', 'una', 'une'],
    ['two', 'zwei', 'dos', 'deux'],
    ['three', 'drei', 'tres', 'trois'],
    ['four', 'vier', 'cuatro', 'quatre'],
    ['five', 'fünf', 'cinco', 'cinq'],
    ['six', 'sechs', 'seis'],
    ['seven', 'sieben', 'siete', 'sept'],
    ['eight', 'acht', 'ocho', 'huit'],
    ['nine', 'neun', 'nueve', 'neuf'],
    ['ten', 'zehn', 'diez', 'dix'],
  ].flatMap((names, index) => names.map((name) => [name, index + 1])),
)

const count = `(\\d[\\d.,]*|${Object.keys(numerals).join('|')})`
const spaced = (unit: string) =>
  new RegExp(
    `(?<![\\p{L}\\p{N}])${count}[- ]?(?:short |long |brief |key |main |kurzen? |bullet )*(?:${unit})(?!\\p{L})`,
    'iu',
  )

const words = spaced('words?|wörtern?|worte[n]?|palabras?|mots?')
const sentences = spaced('sentences?|sätzen?|satz|frases?|oraciones|oración|phrases?|lines?')
const points = spaced('points?|bullets?|bullet points?|stichpunkten?|punkten?|puntos?|takeaways?')
const pages = spaced('pages?|seiten?|páginas?')
const paragraphs = spaced('paragraphs?|absätzen?|absatz|párrafos?|paragraphes?')

const wordsPerPage = 450
const wordsPerParagraph = 100
const wordsAtMost = 5_000

/** "in 200 words", "three sentences", "fünf Stichpunkte", "briefly". */
export function wantedLength(request: string): WantedLength {
  const text = request.slice(0, 600)
  const number = (pattern: RegExp, most: number): number | undefined => {
    const found = pattern.exec(text)?.[1]?.toLowerCase()
    if (found === undefined) return undefined
    const value = numerals[found] ?? Number(found.replace(/[.,](?=\d{3}\b)/g, '').replace(/[.,]$/, ''))
    return Number.isInteger(value) && value > 0 ? Math.min(value, most) : undefined
  }
  const inPages = number(pages, 20)
  const inParagraphs = number(paragraphs, 50)
  const inWords =
    number(words, wordsAtMost) ??
    (inPages === undefined ? undefined : Math.min(inPages * wordsPerPage, wordsAtMost)) ??
    (inParagraphs === undefined ? undefined : inParagraphs * wordsPerParagraph)
  const inSentences = number(sentences, 50)
  const inPoints = number(points, 50)
  const manner =
    /\b(?:brief(?:ly)?|short|quick(?:ly)?|concise(?:ly)?|tl;?dr|kurz\w*|knapp\w*|breve(?:mente)?|bref|brève(?:ment)?|corto)(?!\p{L})/iu.test(
      text,
    )
      ? 'brief'
      : /\b(?:detailed|in detail|long|thorough(?:ly)?|comprehensive(?:ly)?|ausführlich\w*|detailliert\w*|detallad[oa]|détaillée?|extens[oa])(?!\p{L})/iu.test(
            text,
          )
        ? 'detailed'
        : undefined
  return {
    ...(inWords === undefined ? {} : { words: inWords }),
    ...(inSentences === undefined ? {} : { sentences: inSentences }),
    ...(inPoints === undefined ? {} : { points: inPoints }),
    ...(manner === undefined ? {} : { manner }),
  }
}
