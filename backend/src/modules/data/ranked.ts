import type { Fn, Query } from './query.ts'
import {
  columnOf,
  dateColumn,
  filler,
  item,
  labelColumn,
  measure,
  type Measure,
  measureOf,
  nameOf,
  periods,
  personColumn,
  queryOf,
  type Reading,
  simple,
  take,
  Unclear,
  usual,
} from './reading.ts'
import { isAdditive } from './tagged-question.ts'

const most = 'most|highest|largest|biggest|greatest|maximum|max|top|best|latest|newest|most recent'

const least = 'least|lowest|smallest|fewest|minimum|min|bottom|worst|earliest'

export function readSuperlative(x: Reading, groups: Query['groupBy']): Query | undefined {
  const number = (tag: string | undefined) => (tag === undefined ? 1 : (x.tagged.numbers[Number(tag.slice(2))] ?? 1))
  const asks = /\b(?:which|what|who|whose|when|where|list|show|name|give|top|bottom|@n\d+|in which)\b/.test(x.text)
  // "top 3 products by sales"
  const byMeasure =
    take(
      x,
      new RegExp(
        `\\b(?:(${most})|(${least})) (@n\\d+ )?(@c\\d+|@r)${' '}(?:by|per|with|in terms of|in|on) (?:(?:${most}|${least}) )?${measure}`,
      ),
    ) ?? take(x, new RegExp(`\\b(@n\\d+ )?()(?:(${most})|(${least})) (@c\\d+|@r) (?:by|in terms of) ${measure}`))
  if (byMeasure) {
    const isFirst = byMeasure[0].match(/^@n/) === null && byMeasure.length === 7
    const [descending, count, target, word, tag] = isFirst
      ? [byMeasure[1] !== undefined, byMeasure[3]?.trim(), byMeasure[4]!, byMeasure[5], byMeasure[6]!]
      : [byMeasure[3] !== undefined, byMeasure[1]?.trim(), byMeasure[5]!, byMeasure[6], byMeasure[7]!]
    return ranked(x, target, measureOf(x, word, tag), descending, number(count), groups)
  }
  // The groups took "by sales" out of "top 3 products by sales".
  const grouped =
    groups.length === 1 &&
    x.vocabulary.columns.find(({ name, type }) => name === groups[0]!.column && type === 'number')
  const topOnly = grouped && take(x, new RegExp(`(@n\\d+ )?\\b(?:(${most})|(${least})) (@n\\d+ )?(@c\\d+|@r)`))
  if (topOnly && grouped) {
    const column = x.vocabulary.columns.indexOf(grouped)
    return ranked(
      x,
      topOnly[5]!,
      { fn: null, column },
      topOnly[2] !== undefined,
      number((topOnly[1] ?? topOnly[4])?.trim()),
      [],
    )
  }
  const match =
    take(x, new RegExp(`(@n\\d+ )?\\b(?:(${most})|(${least})) (@n\\d+ )?(?:(?:${most}) )?${filler}${measure}`)) ??
    take(
      x,
      new RegExp(`${measure}(?: @k\\d+)*? (?:is |was |were |are )?(?:(${most})|(${least}))(?![a-z ]*@[cr])(?=\\s|$)`),
      ' @late ',
    )
  if (!match) return undefined
  const isLate = x.text.includes('@late')
  x.text = x.text
    .replace('@late', [...match[0].matchAll(/@k\d+/g)].join(' '))
    .replace(/\s+/g, ' ')
    .trim()
  const [descending, count, word, tag] = isLate
    ? [match[3] !== undefined, undefined, match[1], match[2]!]
    : [match[2] !== undefined, (match[1] ?? match[4])?.trim(), match[5], match[6]!]
  const found = measureOf(x, word, tag)
  const isMost = /\b(?:most|least|fewest)\b/.test(match[0])
  const target = targetOf(x, asks || count !== undefined, tag)
  if (target === undefined) {
    if (found.column === null || found.fn !== null) return undefined
    return queryOf({
      select: [item(simple(descending ? 'maximum' : 'minimum', nameOf(x, found.column)))],
      groupBy: groups,
      orderBy: groups.length > 0 ? [{ item: 0, descending }] : [],
    })
  }
  const wanted =
    isMost && found.fn === null && found.column !== null && isAdditive(x.vocabulary.columns[found.column]!)
      ? { ...found, fn: 'sum' as const }
      : found
  return ranked(x, target, wanted, descending, number(count), groups)
}

/** Of what the highest is wanted: the thing that is asked for, not what it is measured by. */
function targetOf(x: Reading, asks: boolean, measured: string): string | undefined {
  const period = take(x, /\b(?:in |on )?(?:which|what) (day|month|quarter|year|weekday)\b(?: of| in)?/)
  if (period) return period[1]!
  const match =
    /\b(?:which|what|whose|list|show|name of|names of|name|give|top|bottom) (?:is |are |was |were |of )?(?:name of |names of )?(?:@n\d+ )?(@c\d+|@r)/.exec(
      x.text,
    ) ??
    /(@c\d+|@r) (?:that |who |which )?(?:with|has|have|had|having|at)\b/.exec(x.text) ??
    (asks ? /(?:^|\s)(@c\d+|@r)(?:\s|$)/.exec(x.text) : null)
  if (match && match[1] !== measured) {
    const tag = match[1]!
    x.text = x.text.replace(tag, ' ').replace(/\s+/g, ' ')
    return tag
  }
  return /\bwho\b/.test(x.text) ? '@who' : undefined
}

function ranked(
  x: Reading,
  target: string,
  { fn, column }: Measure,
  descending: boolean,
  limit: number,
  groups: Query['groupBy'],
): Query {
  const orderBy = [{ item: 0, descending }]
  if (groups.length > 0) throw new Unclear('the best of each group cannot be worked out yet')
  const isPeriod = target in periods
  if (isPeriod) {
    const { fn: how, column: what } = usual(x, { fn, column })
    return queryOf({
      select: [item(simple(how, what))],
      groupBy: [{ column: dateColumn(x), part: periods[target]! }],
      orderBy,
      limit,
    })
  }
  const label = target.startsWith('@c') ? columnOf(x, target) : target === '@who' ? personColumn(x) : labelColumn(x)
  const given = x.vocabulary.columns[label]!
  const isRow = target === '@r' || given.distinct + given.empty >= x.rows
  // Rows without a name for their group are in no contest.
  const grouped = (how: Fn, what: string | null) =>
    queryOf({
      select: [item(simple(how, what))],
      where: given.empty > 0 ? [{ column: given.name, part: null, operator: 'is not empty', values: [] }] : [],
      groupBy: [{ column: given.name, part: null }],
      orderBy,
      limit,
    })
  if (column === null || (fn !== null && !isRow) || fn === 'count different') {
    const { fn: how, column: what } = usual(x, { fn, column })
    return grouped(how, what)
  }
  if (!isRow && isAdditive(x.vocabulary.columns[column]!)) return grouped('sum', nameOf(x, column))
  return queryOf({
    select: [item(simple(null, given.name)), item(simple(null, nameOf(x, column)))],
    where: [{ column: nameOf(x, column), part: null, operator: 'is not empty', values: [] }],
    orderBy: [{ item: 1, descending }],
    limit,
    distinct: given.distinct + given.empty < x.rows,
  })
}
