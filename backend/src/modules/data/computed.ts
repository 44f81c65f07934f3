import type { Item, Query } from './query.ts'
import {
  columnOf,
  computing,
  dateColumn,
  extreme,
  isMeasure,
  isNumeric,
  item,
  type Measure,
  measureOf,
  nameOf,
  periods,
  queryOf,
  type Reading,
  simple,
  take,
  Unclear,
  usual,
} from './reading.ts'
import { isAdditive, isIdentifier } from './tagged-question.ts'
import { meanTheSame, stemOf } from './words.ts'

export function readComputed(x: Reading, groups: Query['groupBy']): Query | undefined {
  const select: Item[] = []
  const grouping = () => [...groups, ...askedGroup(x)]
  const add = ({ fn, column }: Measure) => {
    const measured = usual(x, { fn, column })
    // "How many units were sold in total" says it twice.
    if (select.some(({ term }) => term.fn === measured.fn && term.column === measured.column)) return
    select.push(item(simple(measured.fn, measured.column)))
  }
  // "minimum and maximum price"
  for (
    let match;
    (match = take(x, new RegExp(`\\b(${computing}|${extreme}) (?:and|,) (?:and )?(${computing}|${extreme}) (@c\\d+)`)));
  ) {
    add(measureOf(x, match[1], match[3]))
    add(measureOf(x, match[2], match[3]))
  }
  for (
    let match;
    (match = take(
      x,
      /\bhow many (?:different|distinct|unique) ((?:@k\d+ )*)(@c\d+|@r)|\bhow many ((?:@k\d+ )*)(?:different|distinct|unique) (@c\d+)/,
    ));
  ) {
    x.text += ` ${match[1] ?? ''} ${match[3] ?? ''}`
    const tag = match[2] ?? match[4]!
    if (tag === '@r') add({ fn: 'count', column: null })
    else select.push(item(simple('count different', nameOf(x, columnOf(x, tag)))))
  }
  for (let match; (match = take(x, /\b(?:how many|number of|count of|count) (?:of )?((?:@k\d+ )*)(@c\d+|@r)/));) {
    x.text += ` ${match[1]}`
    countOf(x, match[2]!, add)
  }
  for (
    let match;
    (match = take(
      x,
      new RegExp(`\\b(${computing}|${extreme}) ((?:(?:@k\\d+|@r|amount|value|of|in|for|number) )*?)(@c\\d+)`),
    ));
  ) {
    x.text += ` ${match[2]}`
    add(measureOf(x, match[1], match[3]))
  }
  for (
    let match;
    (match = take(
      x,
      /(@c\d+)(?: (?:is|was|of|for|in|@k\d+))*? (?:on average|in average|on mean|in total|altogether|combined|total|average)(?=\s|$)/,
    ));
  ) {
    x.text += ` ${[...match[0].matchAll(/@k\d+/g)].join(' ')}`
    add(measureOf(x, / on mean| average/.test(match[0]) ? 'average' : 'total', match[1]))
  }
  for (
    let match;
    (match = take(x, /\bhow much ((?:@k\d+ )*)(?:is |are |was |were |of |did |does |do |in )*(@c\d+)/));
  ) {
    x.text += ` ${match[1]}`
    // "How much is the laptop" asks for its price, not for a sum.
    const column = columnOf(x, match[2]!, isNumeric(x), 'numbers')
    if (isAdditive(x.vocabulary.columns[column]!)) add({ fn: 'sum', column })
    else x.text = `what ${match[2]} ${x.text}`
  }
  if (select.length === 0 && /\b(?:how many|number of|count)\b/.test(x.text)) {
    // "How many laptops were sold": pieces, where the table counts pieces.
    take(x, /\b(?:how many|number of|count)\b/)
    const isSold = /\b(?:sold|bought|ordered)\b/.test(x.text)
    const sold = take(x, /@c\d+/)
    const meant = sold ? x.tagged.columns[Number(sold[0].slice(2))]!.columns : []
    const isPieces = (index: number) =>
      isMeasure(x)(index) &&
      (isSold || meant.includes(index)) &&
      x.vocabulary.names[index]!.at(-1)?.stem !== undefined &&
      meanTheSame(x.vocabulary.names[index]!.at(-1)!.stem, stemOf('quantity'))
    const pieces = x.vocabulary.columns.flatMap((_, index) => (isPieces(index) ? [index] : []))
    if (sold && pieces.length !== 1) throw new Unclear(`it does not say what ${nameOf(x, meant[0]!)} has to do with it`)
    // Something must say what is counted; a word that nothing stands for is no such thing.
    if (!/@k\d+|@r/.test(x.text) && pieces.length !== 1) return undefined
    add(pieces.length === 1 ? { fn: 'sum', column: pieces[0]! } : { fn: 'count', column: null })
  }
  const boundGroups = select.length > 0 || x.having.length > 0 ? grouping() : groups
  if (select.length === 0 && x.having.length > 0 && boundGroups.length > 0)
    return queryOf({ select: [], groupBy: boundGroups })
  if (select.length === 0 && groups.length > 0) {
    const lone = /(@c\d+|@r)/.exec(x.text)
    if (!lone) return undefined
    take(x, /(@c\d+|@r)/)
    add(measureOf(x, lone[1] === '@r' ? 'count' : undefined, lone[1]))
  }
  if (select.length === 0) return undefined
  return queryOf({
    select,
    groupBy: boundGroups,
    orderBy:
      boundGroups.length > 0 ? [{ item: isTime(boundGroups[0]!) ? -1 : 0, descending: !isTime(boundGroups[0]!) }] : [],
  })
}

const isTime = ({ part }: Query['groupBy'][number]): boolean => part !== null

/** "Which regions have total sales over 1000": what is asked for is what is grouped by. */
function askedGroup(x: Reading): Query['groupBy'] {
  const isGrouped = x.having.length > 0
  const match = isGrouped ? take(x, /\b(?:which|what|list|show) (@c\d+|day|month|quarter|year)\b/) : undefined
  if (!match) return []
  const [, what] = match
  return what!.startsWith('@c')
    ? [{ column: nameOf(x, columnOf(x, what!)), part: null }]
    : [{ column: dateColumn(x), part: periods[what!]! }]
}

function countOf(x: Reading, tag: string, add: (measure: Measure) => void): void {
  if (tag === '@r') return add({ fn: 'count', column: null })
  const { columns } = x.tagged.columns[Number(tag.slice(2))]!
  const numbers = columns.filter(isNumeric(x)).filter((index) => !isIdentifier(x.vocabulary.columns[index]!, x.rows))
  if (numbers.length === 1 && columns.length === 1)
    return add({ fn: isAdditive(x.vocabulary.columns[numbers[0]!]!) ? 'sum' : 'count different', column: numbers[0]! })
  add(measureOf(x, 'number of', tag))
}
