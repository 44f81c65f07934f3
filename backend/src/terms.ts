/** A word as search and comparison see it, and where it stands. */
export interface Term {
  /** Lower case, without its endings; two characters of a script that is written without spaces. */
  stem: string
  /** As written. */
  word: string
  start: number
  end: number
  /** Says nothing about what a text is about: "the", "which". */
  isCommon: boolean
}

const wordPattern = /[\p{L}\p{M}\p{N}]+(?:['’.,][\p{L}\p{M}\p{N}]+)*/gu
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** The terms of a text in their order. */
export function termsOf(text: string): Term[] {
  const terms: Term[] = []
  for (const match of text.matchAll(wordPattern)) {
    const word = match[0]
    if (unspaced.test(word)) addBigrams(terms, word, match.index)
    else {
      const lower = word.normalize('NFKC').toLowerCase().replaceAll('’', "'")
      terms.push({
        stem: stemOf(lower),
        word,
        start: match.index,
        end: match.index + word.length,
        isCommon: commonWords.has(lower) || commonWords.has(lower.replace(/'.*$/, '')),
      })
    }
  }
  return terms
}

function addBigrams(terms: Term[], word: string, at: number): void {
  const characters = Array.from(word)
  let start = at
  for (const [index, character] of characters.entries()) {
    const next = characters[index + 1]
    const stem = next === undefined ? character : character + next
    const isLoneEnd = next === undefined && characters.length > 1
    if (!isLoneEnd) terms.push({ stem, word: stem, start, end: start + stem.length, isCommon: false })
    start += character.length
  }
}

/** Light English endings; a wrong cut does no harm as long as both sides are cut alike. */
export function stemOf(lower: string): string {
  let stem = lower
    .replace(/'s?$|'(?:s|re|ve|ll|d|t|m)$/, '')
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
  if (stem.length < 4 || /\d/.test(stem)) return stem.replace(/[.,]/g, '')
  stem = stem
    .replace(/[.,]/g, '')
    .replace(/ies$/, 'y')
    .replace(/(ss|x|ch|sh|z)es$/, '$1')
    .replace(/([^siu])s$/, '$1')
  const root = /^(.{2,}[aeiouy].*|[^aeiouy]+[aeiouy].+|[aeiou].{2,})(?:ing|ed)$/.exec(stem)?.[1]
  if (root !== undefined && root.length >= 3) stem = root.replace(/([^aeiouylsz])\1$/, '$1')
  stem = stem
    .replace(/(..)ly$/, '$1')
    .replace(/(...)(?:ation|ition)$/, '$1')
    .replace(/(....)(?:ment|ness|or|er)$/, '$1')
  return stem.replace(/(...)[ey]$/, '$1')
}

const commonWords = new Set(
  `a about above after again against all also although am among an and another any are as at be became because become
  been before being below between both but by came can cannot could did do does doing done down during each either else
  ever every few for from further get got had has have having he her here hers herself him himself his how however i if
  in into is it its itself just kind let like made make many may me might mine more most much must my myself name named
  neither no nor not of off on once one only onto or other our ours out over own per please same shall she should since
  so some such tell than that the their theirs them themselves then there these they this those through thus to too
  toward type under until up upon us used using very was we were what whatever when where whether which while who whom
  whose why will with within without would yes yet you your yours isn doesn didn don won aren wasn weren`.split(/\s+/),
)
