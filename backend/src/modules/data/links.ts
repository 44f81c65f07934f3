import type { OpenTable, TableColumn } from '../../ports/database/tables-port.ts'
import { meanTheSame, nameWords, things, type Token, tokensOf } from './words.ts'

/** What a stretch of the question stands for in the table. */
export type Link =
  | { kind: 'column'; columns: number[]; strength: 1 | 2 | 3; from: number; to: number }
  | { kind: 'value'; column: number; values: string[]; others: number[]; from: number; to: number }

export interface Vocabulary {
  columns: readonly TableColumn[]
  names: Token[][]
  /** What rows are called: words of the document's and the sheet's name. */
  rowNouns: ReadonlySet<string>
  values: Map<string, Map<number, string[]>>
  /** Columns whose values are too many to be known beforehand. */
  unknown: number[]
}

const wordsAtMost = 7

export function vocabularyOf(
  { columns, texts }: Pick<OpenTable, 'columns' | 'texts'>,
  title: string,
  sheet: string | null,
): Vocabulary {
  const values: Vocabulary['values'] = new Map()
  for (const [column, found] of texts) {
    for (const text of found) {
      const tokens = tokensOf(text)
      if (tokens.length === 0 || tokens.length > wordsAtMost) continue
      const key = keyOf(tokens)
      const places = values.get(key) ?? new Map<number, string[]>()
      places.set(column, [...(places.get(column) ?? []), text])
      values.set(key, places)
    }
  }
  const called = `${title.replace(/\.[A-Za-z0-9]{2,5}$/, '')} ${sheet ?? ''}`
  return {
    columns,
    names: columns.map(({ name }) => nameWords(name)),
    rowNouns: new Set([...nameWords(called), ...identified(columns)].map(({ stem }) => stem)),
    values,
    unknown: columns.flatMap(({ type }, index) => (type === 'text' && !texts.has(index) ? [index] : [])),
  }
}

/** A column "Order ID" whose values never come again says that rows are orders. */
const identified = (columns: readonly TableColumn[]): Token[] => {
  const rows = Math.max(0, ...columns.map(({ distinct, empty }) => distinct + empty))
  const unique = columns.filter(
    ({ name, distinct, empty }) => empty === 0 && distinct >= rows && /[\s_-](?:id|no|nr|number|code)\.?$/i.test(name),
  )
  return unique.flatMap(({ name }) => nameWords(name).slice(0, -1))
}

const keyOf = (tokens: readonly Token[]): string => tokens.map(({ stem }) => stem).join(' ')

/** Words that ask, join or compare. A value or column that is called so must be written exactly so. */
const asking = new Set(
  'a an and are as at average be between by count different do does each for from had has have how i in is it least less list many max maximum me mean median min minimum more most much my no not number of on or over per show sum than that the their there to top total under us was we were what when where which who with without all any new yes'.split(
    ' ',
  ),
)

/** Columns and values that a question names: the longest stretch wins, then the one that is meant more literally. */
export function linksIn(tokens: readonly Token[], vocabulary: Vocabulary): Link[] {
  const links: Link[] = []
  for (let from = 0; from < tokens.length;) {
    const link = linkAt(tokens, from, vocabulary)
    if (link) links.push(link)
    from = link ? link.to : from + 1
  }
  return links
}

function linkAt(tokens: readonly Token[], from: number, vocabulary: Vocabulary): Link | undefined {
  for (let to = Math.min(tokens.length, from + wordsAtMost); to > from; to--) {
    const span = tokens.slice(from, to)
    const column = columnAt(span, from, to, vocabulary)
    const value = valueAt(span, from, to, vocabulary)
    if (column && (column.strength === 3 || !value)) return column
    if (value) return value
  }
  return undefined
}

function valueAt(span: readonly Token[], from: number, to: number, { values, columns }: Vocabulary): Link | undefined {
  const places = values.get(keyOf(span))
  if (!places) return undefined
  const [first] = span
  if (span.length === 1) {
    const isShort = first!.text.length <= 3 && /^\p{L}+$/u.test(first!.text)
    const exact = [...places.values()].flat().some((text) => text === first!.text)
    if ((isShort || asking.has(first!.word)) && !(exact && first!.text !== first!.word)) return undefined
  }
  // A person's name in the column of customers is meant before the same words in a column of remarks.
  const ordered = [...places].sort(([a], [b]) => columns[a]!.distinct - columns[b]!.distinct)
  const [column, found] = ordered[0]!
  return { kind: 'value', column, values: found, others: ordered.slice(1).map(([other]) => other), from, to }
}

function columnAt(
  span: readonly Token[],
  from: number,
  to: number,
  vocabulary: Vocabulary,
): Extract<Link, { kind: 'column' }> | undefined {
  const { names } = vocabulary
  const stems = span.map(({ stem }) => stem)
  const full = names.flatMap((name, index) =>
    name.length === stems.length && name.every(({ stem }, at) => stem === stems[at]) ? [index] : [],
  )
  if (full.length > 0) {
    if (span.length === 1 && asking.has(span[0]!.word) && !isMeant(span[0]!)) return undefined
    return { kind: 'column', columns: full, strength: 3, from, to }
  }
  if (asking.has(span[0]!.word) && span.length === 1) return undefined
  // "orders" in a table of orders are its rows, whatever "Order date" says.
  if (span.length === 1 && vocabulary.rowNouns.has(stems[0]!)) return undefined
  // Two or more words of a longer name, or one of them alone.
  const part = names.flatMap((name, index) => (isWithin(stems, name) ? [index] : []))
  if (part.length > 0) return { kind: 'column', columns: part, strength: 2, from, to }
  if (span.length > 1) return undefined
  const alike = names.flatMap((name, index) =>
    headsOf(name).some((stem) => meanTheSame(stem, stems[0]!)) ? [index] : [],
  )
  return alike.length > 0 ? { kind: 'column', columns: alike, strength: 1, from, to } : undefined
}

/** A unit price is a price and no unit; of a "customer name", what is named counts too. */
const headsOf = (name: readonly Token[]): string[] => {
  const stems = name.map(({ stem }) => stem)
  return general.has(stems.at(-1) ?? '') ? stems : stems.slice(-1)
}
const general = new Set(['name', 'id', 'number', 'type', 'code', 'date'])

const isMeant = ({ text, word }: Token): boolean =>
  text !== word || word === 'total' || word === 'count' || word === 'number'

function isWithin(stems: readonly string[], name: readonly Token[]): boolean {
  const at = name.findIndex(({ stem }) => stem === stems[0])
  return at >= 0 && stems.every((stem, index) => name[at + index]?.stem === stem)
}

/** How well a table that is not open fits the question: by its columns, samples and names. */
export function fitOf(
  tokens: readonly Token[],
  table: { title: string; sheet: string | null; columns: readonly TableColumn[] },
): number {
  const { title, sheet, columns } = table
  const texts = new Map(columns.map(({ samples }, index) => [index, samples]))
  const vocabulary = vocabularyOf({ columns, texts }, title, sheet)
  const nouns = tokens.filter(({ stem }) => vocabulary.rowNouns.has(stem)).length
  const links = linksIn(tokens, vocabulary)
  const weight = (link: Link) => (link.kind === 'value' ? 2 : link.strength === 3 ? 2 : link.strength === 2 ? 1.2 : 0.5)
  const others = tokens.filter(
    ({ word, stem }) => things.test(word) && [...vocabulary.rowNouns].some((noun) => meanTheSame(noun, stem)),
  )
  return (
    nouns * 2 + others.length + links.reduce((sum, link) => sum + weight(link) * (link.to - link.from > 1 ? 1.5 : 1), 0)
  )
}
