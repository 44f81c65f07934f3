/** Ways of asking for a calculation that say no more than "calculate". */
const openings: readonly RegExp[] = [
  /^¿\s*/,
  /^(?:hi|hello|hey|hallo|hola|bonjour)\b[,!. ]*/i,
  /^(?:please|bitte|por favor|(?:can|could) you(?: please)?(?: tell me)?|tell me)\b[, ]*/i,
  /^(?:what(?:'s|’s| is| are| was| does)|how (?:much|tall|long|heavy|far|fast|hot|cold|big) (?:is|are)|calculate|compute|evaluate|solve|work out)(?=[\s:(])[:\s]*/i,
  /^(?:(?:was|wie ?viel(?:e)?) (?:ist|sind|macht|ergibt|ergeben)|berechne|rechne)(?=[\s:(])[:\s]*/i,
  /^(?:cu[aá]nto (?:es|son)|calcula|combien (?:font|fait)|calcule)(?=[\s:(])[:\s]*/i,
]

/** The calculation itself, without greeting, request and question mark. */
export const withoutOpening = (text: string): string =>
  openings
    .reduce(
      (left, opening) => left.replace(opening, ''),
      // From where the run begins alone: from each of its signs, it would take the square of their number.
      text.replace(/(?<![?=.!\s])[?=.!\s]+$/, (end) => (/^!/.test(end) ? '!' : '')),
    )
    .replace(/(?<!\s)\s+(?:equals?|equal to|please)$/i, '')
    .replaceAll('’', "'")
    .trim()

const parts: Record<string, number> = {
  half: 2,
  third: 3,
  quarter: 4,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  eighth: 8,
  tenth: 10,
}
const counts: Record<string, number> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  nine: 9,
}
const sizes: Record<string, number> = { hundred: 2, thousand: 3, million: 6, billion: 9, trillion: 12 }
const plainNumber = String.raw`-?(?:\d[\d,]*(?:\.\d+)?|\.\d+)`
const list = `(${plainNumber}(?:(?:\\s*,\\s+(?:and )?|\\s+and\\s+)${plainNumber})+)`

/** Words of arithmetic as its signs. What it does not know stays, and is then no expression. */
export const inSigns = (asked: string): string =>
  wholePhrase(asked)
    .replace(/[×✕⋅·]/g, '*')
    .replace(/[÷∶]/g, '/')
    .replace(/[−–]/g, '-')
    .replace(/√/g, ' sqrt ')
    .replace(/(?<=[\d)\s])[x](?=[\s(\d])/gi, '*')
    .replace(/\b(\d+(?:\.\d+)?)e([+-]?\d{1,2})\b/gi, '($1*10^($2))')
    .replace(
      new RegExp(`(\\d[\\d,]*(?:\\.\\d+)?) (${Object.keys(sizes).join('|')})\\b`, 'gi'),
      (_, digits: string, size: string) => `(${digits}*10^${sizes[size.toLowerCase()]})`,
    )
    .replace(
      new RegExp(`\\b(?:the )?(${Object.keys(counts).join('|')}) (${Object.keys(parts).join('|')})s? of\\b`, 'gi'),
      (_, count: string, part: string) => `(${counts[count.toLowerCase()]}/${parts[part.toLowerCase()]}) *`,
    )
    .replace(/\bhalf of\b/gi, '0.5 *')
    .replace(/\b(?:twice|double)\b/gi, '2 *')
    .replace(/\b(?:triple|three times)\b/gi, '3 *')
    .replace(/\b(?:the )?square root of\b/gi, 'sqrt')
    .replace(/(?<![\p{L}])(?:plus|und|más)(?![\p{L}])/giu, '+')
    .replace(/(?<![\p{L}])(?:minus|weniger|menos|moins)(?![\p{L}])/giu, '-')
    .replace(/(?<![\p{L}])(?:times|multiplied by|mal|por|fois|multiplicado por)(?![\p{L}])/giu, '*')
    .replace(/(?<![\p{L}])(?:divided by|over|geteilt durch|durch|dividido (?:por|entre)|divisé par)(?![\p{L}])/giu, '/')
    .replace(/\b(?:to the power of|raised to(?: the power of)?|hoch)\b/gi, '^')
    .replace(/\bmodulo\b/gi, 'mod')
    .replace(/\bsquared\b/gi, '^2')
    .replace(/\bcubed\b/gi, '^3')
    .replace(/\s*(?:percent|per cent|prozent|por ciento|pour cent)\b/gi, '%')
    .replace(/%\s*(?:von|de|des)\b/gi, '% of')

/** "The sum of 1, 2 and 3": a form of words that is all of the question. */
function wholePhrase(asked: string): string {
  const several = new RegExp(`^(?:the )?(sum|product|total|average|mean) of ${list}$`, 'i').exec(asked)
  if (several) {
    const numbers = several[2]!.split(/\s*,\s+(?:and )?|\s+and\s+/).map((number) => `(${number})`)
    const what = several[1]!.toLowerCase()
    if (what === 'product') return numbers.join(' * ')
    return what === 'sum' || what === 'total' ? numbers.join(' + ') : `(${numbers.join(' + ')}) / ${numbers.length}`
  }
  const two = new RegExp(
    `^(?:the )?(difference|quotient) (?:between|of) (${plainNumber}) and (${plainNumber})$`,
    'i',
  ).exec(asked)
  if (two) return `(${two[2]}) ${two[1]!.toLowerCase() === 'difference' ? '-' : '/'} (${two[3]})`
  const into = new RegExp(
    `^(?:how many times (?:does|do|will) )(${plainNumber}) goe?s? into (${plainNumber})$`,
    'i',
  ).exec(asked)
  return into ? `(${into[2]}) / (${into[1]})` : asked
}
