import type { Vocabulary } from './links.ts'
import { type Condition, type Fn, type Item, type Operator, type Part, type Query, type Term } from './query.ts'
import { isAdditive, isIdentifier, type TaggedQuestion } from './tagged-question.ts'
import { meanTheSame, stemOf } from './words.ts'

/** Thrown within the rules when going on would be a guess. */
export class Unclear extends Error {
  override readonly name = 'Unclear'
}

export interface Reading {
  tagged: TaggedQuestion
  vocabulary: Vocabulary
  rows: number
  text: string
  conditions: Condition[]
  having: { fn: Fn | null; column: string | null; operator: Operator; values: number[] }[]
}

/** Takes the first place that fits out of the text; `as` stays there instead. */
export function take(x: Reading, pattern: RegExp, as = ' '): RegExpExecArray | undefined {
  const match = pattern.exec(x.text)
  if (!match) return undefined
  x.text = `${x.text.slice(0, match.index)} ${as} ${x.text.slice(match.index + match[0].length)}`
    .replace(/\s+/g, ' ')
    .trim()
  return match
}

/** The one column that is meant, of those that fit. */
export function columnOf(x: Reading, tag: string, fits: (index: number) => boolean = () => true, needs = ''): number {
  const { columns } = x.tagged.columns[Number(tag.slice(2))]!
  const able = columns.filter(fits)
  if (able.length === 1) return able[0]!
  const names = (able.length > 0 ? able : columns).map((index) => x.vocabulary.columns[index]!.name)
  throw new Unclear(
    able.length > 1
      ? `it could be about the column ${names.join(' or ')}`
      : `${names.join(', ')} ${names.length === 1 ? 'does' : 'do'} not hold ${needs}`,
  )
}

export const typeIs =
  (x: Reading, ...types: string[]) =>
  (index: number) =>
    types.includes(x.vocabulary.columns[index]!.type)

export const isNumeric = (x: Reading) => typeIs(x, 'number')

/** What can be added or averaged; numbers of orders cannot. */
export const isMeasure = (x: Reading) => (index: number) => {
  const column = x.vocabulary.columns[index]!
  return column.type === 'number' && !isIdentifier(column, x.rows)
}

export const nameOf = (x: Reading, index: number) => x.vocabulary.columns[index]!.name

export const simple = (
  fn: Fn | null,
  column: string | null,
  where: Condition[] = [],
  part: Part | null = null,
): Term => ({
  fn,
  column,
  part,
  where,
})

export const item = (term: Term, combine: Item['combine'] = null, other: Term | null = null): Item => ({
  term,
  combine,
  other,
})

export const queryOf = (given: Partial<Query> & Pick<Query, 'select'>): Query => ({
  where: [],
  groupBy: [],
  having: [],
  orderBy: [],
  limit: null,
  distinct: false,
  ...given,
})

const fnOf: Record<string, Fn> = {
  total: 'sum',
  sum: 'sum',
  'sum of': 'sum',
  'total of': 'sum',
  combined: 'sum',
  overall: 'sum',
  average: 'average',
  mean: 'average',
  avg: 'average',
  'average of': 'average',
  median: 'median',
  'median of': 'median',
  highest: 'maximum',
  maximum: 'maximum',
  max: 'maximum',
  largest: 'maximum',
  biggest: 'maximum',
  greatest: 'maximum',
  latest: 'maximum',
  'most recent': 'maximum',
  newest: 'maximum',
  lowest: 'minimum',
  minimum: 'minimum',
  min: 'minimum',
  smallest: 'minimum',
  earliest: 'minimum',
  'number of': 'count',
  'count of': 'count',
  count: 'count',
  'number of different': 'count different',
  'number of distinct': 'count different',
  'number of unique': 'count different',
}

export const computing =
  'number of (?:different|distinct|unique)|number of|count of|count|sum of|total of|total|sum|combined|overall|average of|average|mean|avg|median of|median'

export const extreme =
  'highest|maximum|max|largest|biggest|greatest|latest|most recent|newest|lowest|minimum|min|smallest|earliest'

export const filler = '(?:(?:amount|value|number|figure|of|in|for|by|total) )*?'

/** "average price", "number of orders", "sales" */
export const measure = `(?:(${computing}) )?(?:(?:amount|value) (?:of )?)?(?:@r (?=@c))?(@c\\d+|@r)`

export interface Measure {
  fn: Fn | null
  column: number | null
}

export function measureOf(x: Reading, word: string | undefined, tag: string | undefined): Measure {
  const fn = word === undefined ? null : (fnOf[word] ?? null)
  if (tag === undefined || tag.startsWith('@r')) return { fn: 'count', column: null }
  if (fn === 'count' || fn === 'count different') {
    const column = columnOf(x, tag)
    return isIdentifier(x.vocabulary.columns[column]!, x.rows)
      ? { fn: 'count', column: null }
      : { fn: 'count different', column }
  }
  const needsNumber = fn === 'sum' || fn === 'average' || fn === 'median'
  return {
    fn,
    column: columnOf(
      x,
      tag,
      needsNumber ? isMeasure(x) : (index) => isMeasure(x)(index) || typeIs(x, 'date')(index),
      'numbers',
    ),
  }
}

/** Conditions that stand in the text still; those of a share or a difference were taken by it. */
export function usedConditions(x: Reading): Condition[] {
  const used = [...x.text.matchAll(/@k(\d+)/g)].map((match) => x.conditions[Number(match[1])]!)
  for (const { column, operator, values } of used) {
    const rival = used.find(
      (one) => one.column === column && one.operator === '=' && operator === '=' && one.values[0] !== values[0],
    )
    if (rival) throw new Unclear(`${column} cannot be both ${values[0]} and ${rival.values[0]}`)
  }
  return used
}

export const periods: Record<string, Part> = {
  day: 'day',
  date: 'day',
  month: 'month',
  quarter: 'quarter',
  year: 'year',
  weekday: 'weekday',
}

export function dateColumn(x: Reading): string {
  const dates = x.vocabulary.columns.filter(({ type }) => type === 'date')
  if (dates.length === 1) return dates[0]!.name
  const mentioned = x.tagged.columns.flatMap(({ columns }) => columns).filter(typeIs(x, 'date'))
  if (new Set(mentioned).size === 1) return nameOf(x, mentioned[0]!)
  throw new Unclear(
    dates.length === 0
      ? 'the table has no dates'
      : `it could be about the date in ${dates.map(({ name }) => name).join(' or ')}`,
  )
}

/** A measure in its usual sense, where no word says whether to add or to average. */
export function usual(x: Reading, { fn, column }: Measure): { fn: Fn; column: string | null } {
  if (column === null) return { fn: 'count', column: null }
  return { fn: fn ?? (isAdditive(x.vocabulary.columns[column]!) ? 'sum' : 'average'), column: nameOf(x, column) }
}

/** What a row is called: the column of names, or the first column of texts. */
export function labelColumn(x: Reading): number {
  const { columns, names } = x.vocabulary
  const texts = columns.flatMap(({ type }, index) => (type === 'text' ? [index] : []))
  const named = texts.find((index) => names[index]!.some(({ stem }) => stem === 'name' || meanTheSame(stem, 'employe')))
  const unique = texts.find((index) => columns[index]!.distinct + columns[index]!.empty >= x.rows)
  const identifier = columns.findIndex((column) => isIdentifier(column, x.rows))
  return named ?? unique ?? (identifier >= 0 ? identifier : (texts[0] ?? 0))
}

export function personColumn(x: Reading): number {
  const { columns, names } = x.vocabulary
  const people = columns.findIndex(
    ({ type }, index) =>
      type === 'text' &&
      names[index]!.some(({ stem }) =>
        ['customer', 'employee', 'name'].some((word) => stem === stemOf(word) || meanTheSame(stem, stemOf(word))),
      ),
  )
  return people >= 0 ? people : labelColumn(x)
}
