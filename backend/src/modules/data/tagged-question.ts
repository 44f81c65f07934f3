import type { TableColumn } from '../../ports/database/tables-port.ts'
import { type Link, linksIn, type Vocabulary } from './links.ts'
import { type Moment, momentAt } from './moments.ts'
import { translated } from './translate.ts'
import { meanTheSame, things, type Token, tokensOf } from './words.ts'

export type ColumnLink = Extract<Link, { kind: 'column' }>
export type ValueLink = Extract<Link, { kind: 'value' }>

/**
 * A question in which what the table knows is marked: @c a column, @v a value, @n a number, @d a time, @r what its rows
 * are. Articles are gone, and other languages ask in English words.
 */
export interface TaggedQuestion {
  text: string
  columns: ColumnLink[]
  values: ValueLink[]
  numbers: number[]
  moments: Moment[]
}

const articles = /\b(?:the|a|an|our|my|their|his|her|its|all|any|please|ever|there|of all|of these)\b/g

export function tagQuestion(question: string, vocabulary: Vocabulary): TaggedQuestion {
  const tokens = tokensOf(question)
  const links = new Map(linksIn(tokens, vocabulary).map((link) => [link.from, link]))
  const tagged: TaggedQuestion = { text: '', columns: [], values: [], numbers: [], moments: [] }
  const hasDates = vocabulary.columns.some(({ type }) => type === 'date')
  const words: string[] = []
  for (let at = 0; at < tokens.length;) {
    const link = links.get(at)
    const moment = hasDates ? momentAt(tokens, at) : undefined
    // "May" may be somebody's name, but "May 2024" is not.
    if (moment && (!link || moment.to > link.to || link.kind === 'column')) {
      words.push(`@d${tagged.moments.push(moment.moment) - 1}`)
      at = moment.to
    } else if (link) {
      words.push(link.kind === 'column' ? `@c${tagged.columns.push(link) - 1}` : `@v${tagged.values.push(link) - 1}`)
      at = link.to
    } else {
      const word = wordFor(tokens[at]!, tagged, vocabulary)
      const scale = scales.get(tokens[at + (word.startsWith('@n') ? 1 : 0)]?.word ?? '')
      if (scale !== undefined && (word.startsWith('@n') || /^an?$/.test(tokens[at - 1]?.word ?? ''))) {
        if (word.startsWith('@n')) tagged.numbers[Number(word.slice(2))]! *= scale
        words.push(word.startsWith('@n') ? word : `@n${tagged.numbers.push(scale) - 1}`)
        at += word.startsWith('@n') ? 2 : 1
      } else {
        words.push(word)
        at++
      }
    }
  }
  const text = translated(words.join(' '))
    .replace(articles, ' ')
    .replace(/\b(day|month|quarter|year|weekday)s\b/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
  return { ...tagged, text }
}

const scales = new Map([
  ['hundred', 100],
  ['thousand', 1_000],
  ['million', 1_000_000],
  ['billion', 1_000_000_000],
])
const smallNumbers = new Map(
  'two three four five six seven eight nine ten twelve twenty'
    .split(' ')
    .map((word, at) => [word, [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 20][at]!]),
)
const general = new Set(
  'row rows record records entry entries line lines item items people persons person datensatze eintrage zeilen registros filas lignes'.split(
    ' ',
  ),
)

function wordFor(token: Token, tagged: TaggedQuestion, vocabulary: Vocabulary): string {
  const number = numberOf(token)
  if (number !== undefined) return `@n${tagged.numbers.push(number) - 1}`
  const isRow = [...vocabulary.rowNouns].some(
    (noun) => noun === token.stem || (things.test(token.word) && meanTheSame(noun, token.stem)),
  )
  if (isRow || general.has(token.word)) return '@r'
  return token.word === '%' ? 'percent' : /^[€$£¥]$/.test(token.word) ? '' : token.word
}

function numberOf({ text, word }: Token): number | undefined {
  const small = smallNumbers.get(word)
  if (small !== undefined) return small
  const thousand = /^(\d+(?:\.\d+)?)k$/.exec(word)
  if (thousand) return Number(thousand[1]) * 1_000
  if (!/^\d/.test(text) || !/^[\d.,]+$/.test(text)) return undefined
  const number = Number(
    /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text)
      ? text.replaceAll(',', '')
      : /^\d{1,3}(?:\.\d{3})+,\d+$/.test(text)
        ? text.replaceAll('.', '').replace(',', '.')
        : text.replace(',', '.'),
  )
  return Number.isFinite(number) ? number : undefined
}

/** More of it of several rows makes sense: sales do, prices and ages do not. */
export const isAdditive = ({ name, unit }: TableColumn): boolean =>
  unit !== '%' &&
  !/\b(?:price|preis|age|alter|rate|rating|score|temperature|percent|share|discount|year|jahr|latitude|longitude|height|salary|gehalt|grade|level|rank|elevation|id|no|nr|number|code)\b/i.test(
    name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[_-]/g, ' '),
  )

export const isIdentifier = ({ name, type, distinct, empty }: TableColumn, rows: number): boolean =>
  /(?:^|[\s_-])(?:id|no|nr|number|nummer|code|key|#)\.?$/i.test(name.replace(/([a-z])([A-Z])/g, '$1 $2')) ||
  (type === 'text' && distinct + empty >= rows && rows > 0)
