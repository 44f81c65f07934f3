import type { Vocabulary } from './links.ts'
import type { Condition, Fn, Item, Operator, Part, Query, Term } from './query.ts'
import { readConditions } from './conditions.ts'
import { isAdditive, isIdentifier, type TaggedQuestion, tagQuestion } from './tagged-question.ts'
import { meanTheSame, stemOf } from './words.ts'

export type RuleResult = { query: Query } | { reason: string }

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

/** Turns a question into a query when every word of it is understood; says what is not understood otherwise. */
export function queryByRules(question: string, vocabulary: Vocabulary, rows: number): RuleResult {
  const tagged = tagQuestion(question, vocabulary)
  const x: Reading = { tagged, vocabulary, rows, text: tagged.text, conditions: [], having: [] }
  try {
    readConditions(x)
    const query = readQuestion(x)
    const left = leftOver(x)
    if (left.length > 0) throw new Unclear(unknownWords(left))
    return { query }
  } catch (error) {
    if (!(error instanceof Unclear)) throw error
    // A word that the table does not know says more than what its absence led to.
    const unknown = leftOver({ ...x, text: tagged.text }).filter((word) => !operating.has(word))
    return { reason: unknown.length > 0 ? unknownWords(unknown) : error.message }
  }
}

const unknownWords = (words: readonly string[]): string => `no column or value is called “${words.join('”, “')}”`

/** Words that rules are made of. */
const operating = new Set(
  `total sum combined overall average mean avg median highest maximum max largest biggest greatest latest most recent newest lowest minimum
  min smallest earliest count different distinct unique least fewest top bottom best worst every sorted ordered order sort ranked rank
  descending ascending day month quarter year weekday daily monthly quarterly yearly annual annually difference range spread gap ratio
  share percentage proportion fraction part more less than higher lower fewer greater larger above below under exceeding at least up
  exactly equal equals without missing lacking empty blank null not except excluding other outside besides apart before until after since
  later starting no or whose old grouped broken down split again alle`.split(/\s+/),
)

const thin = new Set(
  `is are was were be been being do does did has have had having having of in on at to from for by with and or that which what who whose when where how
  it they them we us i you me there this these those as than then so can could would will tell give show list find get calculate compute determine return name names display
  belong belongs come comes came make makes made go goes went place placed placing work works worked live lives lived exist exists contain contains
  value values amount number both single only also altogether overall combined together currently now today data table file sheet column dataset spreadsheet list
  arbeiten arbeitet leben lebt wohnen wohnt kommen kommt gibt gab trabajan viven travaillent vivent neither nor
  case cases time times entire whole given much many if out into within during over across among between kind sort please up s often percent question answer exactly approximately about`.split(
    /\s+/,
  ),
)

/** Words that no rule has taken and that are no small words. */
function leftOver({ text, vocabulary }: Reading): string[] {
  return text
    .split(' ')
    .filter((word) => word !== '' && !thin.has(word) && !/^@[kr]\d*$/.test(word))
    .filter((word) => !word.startsWith('@'))
    .filter((word) => !isAboutColumn(word, vocabulary))
}

/** "Sold" says nothing new in a table of sales. */
function isAboutColumn(word: string, { names, rowNouns }: Vocabulary): boolean {
  if (!verbs.has(word)) return false
  const stems = [...names.flat().map(({ stem }) => stem), ...rowNouns]
  return stems.some((stem) => meanTheSame(stem, verbs.get(word)!))
}
const verbs = new Map(
  Object.entries({
    sold: 'sale',
    sell: 'sale',
    sells: 'sale',
    bought: 'order',
    buy: 'order',
    ordered: 'order',
    purchased: 'purchas',
    paid: 'paid',
    earn: 'earn',
    earns: 'earn',
    earned: 'earn',
    cost: 'cost',
    costs: 'cost',
    spent: 'spent',
    spend: 'spend',
    verkauft: 'verkauft',
    bestellt: 'order',
    generated: 'sale',
    generate: 'sale',
    brought: 'sale',
    employed: 'employe',
    hired: 'hire',
  }),
)

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

const typeIs =
  (x: Reading, ...types: string[]) =>
  (index: number) =>
    types.includes(x.vocabulary.columns[index]!.type)
export const isNumeric = (x: Reading) => typeIs(x, 'number')
/** What can be added or averaged; numbers of orders cannot. */
const isMeasure = (x: Reading) => (index: number) => {
  const column = x.vocabulary.columns[index]!
  return column.type === 'number' && !isIdentifier(column, x.rows)
}
const nameOf = (x: Reading, index: number) => x.vocabulary.columns[index]!.name

const simple = (fn: Fn | null, column: string | null, where: Condition[] = [], part: Part | null = null): Term => ({
  fn,
  column,
  part,
  where,
})
const item = (term: Term, combine: Item['combine'] = null, other: Term | null = null): Item => ({
  term,
  combine,
  other,
})
const queryOf = (given: Partial<Query> & Pick<Query, 'select'>): Query => ({
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
const computing =
  'number of (?:different|distinct|unique)|number of|count of|count|sum of|total of|total|sum|combined|overall|average of|average|mean|avg|median of|median'
const extreme =
  'highest|maximum|max|largest|biggest|greatest|latest|most recent|newest|lowest|minimum|min|smallest|earliest'
const filler = '(?:(?:amount|value|number|figure|of|in|for|by|total) )*?'
/** "average price", "number of orders", "sales" */
const measure = `(?:(${computing}) )?(?:(?:amount|value) (?:of )?)?(?:@r (?=@c))?(@c\\d+|@r)`

interface Measure {
  fn: Fn | null
  column: number | null
}

function measureOf(x: Reading, word: string | undefined, tag: string | undefined): Measure {
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

function readQuestion(x: Reading): Query {
  const order = readOrder(x)
  const groups = readGroups(x)
  const query =
    readDifference(x) ??
    readShare(x, groups) ??
    readSuperlative(x, groups) ??
    readComputed(x, groups) ??
    readList(x, groups)
  const having = x.having.map(({ fn, column, operator, values }) => {
    let at = query.select.findIndex(({ term, combine }) => combine === null && term.fn === fn && term.column === column)
    if (at < 0) at = query.select.push(item(simple(fn ?? 'count', column))) - 1
    return { item: at, operator, values }
  })
  if (having.length > 0 && query.groupBy.length === 0) throw new Unclear('it compares groups, and names none')
  const ordered = order ? orderFor(x, query, order) : query.orderBy
  return { ...query, where: [...query.where, ...usedConditions(x)], having, orderBy: ordered }
}

/** Conditions that stand in the text still; those of a share or a difference were taken by it. */
function usedConditions(x: Reading): Condition[] {
  const used = [...x.text.matchAll(/@k(\d+)/g)].map((match) => x.conditions[Number(match[1])]!)
  for (const { column, operator, values } of used) {
    const rival = used.find(
      (one) => one.column === column && one.operator === '=' && operator === '=' && one.values[0] !== values[0],
    )
    if (rival) throw new Unclear(`${column} cannot be both ${values[0]} and ${rival.values[0]}`)
  }
  return used
}

function readOrder(x: Reading): { column: number; descending: boolean } | undefined {
  const match = take(
    x,
    /\b(?:sorted|ordered|sort|order|ranked|rank) by (@c\d+)(?: (?:in )?(descending|ascending|desc|asc)(?: order)?)?/,
  )
  return match && { column: columnOf(x, match[1]!), descending: match[2]?.startsWith('desc') ?? false }
}

function orderFor(
  x: Reading,
  query: Query,
  { column, descending }: { column: number; descending: boolean },
): Query['orderBy'] {
  const name = nameOf(x, column)
  const group = query.groupBy.findIndex((by) => by.column === name)
  if (group >= 0) return [{ item: -group - 1, descending }]
  let at = query.select.findIndex(({ term }) => term.column === name)
  if (at < 0) at = query.select.push(item(simple(null, name))) - 1
  return [{ item: at, descending }]
}

const periods: Record<string, Part> = {
  day: 'day',
  date: 'day',
  month: 'month',
  quarter: 'quarter',
  year: 'year',
  weekday: 'weekday',
}
const adverbs: Record<string, Part> = {
  daily: 'day',
  monthly: 'month',
  quarterly: 'quarter',
  yearly: 'year',
  annual: 'year',
  annually: 'year',
}
const every =
  'per|by|for each|for every|each|every|in each|in every|of each|grouped by|group by|broken down by|across|split by|within each'

function readGroups(x: Reading): Query['groupBy'] {
  const groups: Query['groupBy'] = []
  const add = (what: string) => {
    if (what.startsWith('@c')) {
      const column = columnOf(x, what)
      const isDate = x.vocabulary.columns[column]!.type === 'date'
      groups.push({ column: nameOf(x, column), part: isDate ? 'day' : null })
    } else groups.push({ column: dateColumn(x), part: periods[what]! })
  }
  for (
    let match;
    (match = take(
      x,
      new RegExp(
        `\\b(?:${every}) (@c\\d+|day|month|quarter|year|weekday)(?:(?: and|,)?(?: per| by)? and (@c\\d+|month|quarter|year))?(?=\\s|$)`,
      ),
    ));
  ) {
    add(match[1]!)
    if (match[2]) add(match[2])
  }
  // Every row has one of everything.
  take(x, /\b(?:per|for each|for every|each|every|by) @r(?=\s|$)/)
  for (let match; (match = take(x, /\b(daily|monthly|quarterly|yearly|annually|annual)\b/));)
    groups.push({ column: dateColumn(x), part: adverbs[match[1]!]! })
  return groups
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
function usual(x: Reading, { fn, column }: Measure): { fn: Fn; column: string | null } {
  if (column === null) return { fn: 'count', column: null }
  return { fn: fn ?? (isAdditive(x.vocabulary.columns[column]!) ? 'sum' : 'average'), column: nameOf(x, column) }
}

function readDifference(x: Reading): Query | undefined {
  const extremes = take(
    x,
    new RegExp(
      `\\b(?:difference|range|spread|gap) (?:in (@c\\d+) )?between (?:highest|maximum|max|largest|latest) (?:(@c\\d+) )?and (?:lowest|minimum|min|smallest|earliest)(?: (@c\\d+))?`,
    ),
  )
  if (extremes) {
    const tag = extremes[1] ?? extremes[3] ?? extremes[2]
    if (tag === undefined) throw new Unclear('it does not say of what')
    const column = nameOf(x, columnOf(x, tag, isNumeric(x), 'numbers'))
    return queryOf({ select: [item(simple('maximum', column), 'minus', simple('minimum', column))] })
  }
  const shapes: [
    RegExp,
    Item['combine'],
    (match: RegExpExecArray) => [string | undefined, string | undefined, string, string],
  ][] = [
    [
      new RegExp(`\\bdifference (?:in|of) ${measure} between (?:@r )?@k(\\d+) and @k(\\d+)`),
      'minus',
      (m) => [m[1], m[2], m[3]!, m[4]!],
    ],
    [
      new RegExp(
        `\\bdifference between ${measure} (?:(?:of|in|for|from) )?@k(\\d+) and (?:(?:in|of|for|from) )?@k(\\d+)`,
      ),
      'minus',
      (m) => [m[1], m[2], m[3]!, m[4]!],
    ],
    [
      new RegExp(`\\bratio of ${measure} (?:(?:of|in|for|from) )?@k(\\d+) to (?:(?:in|of|for|from) )?@k(\\d+)`),
      'divided by',
      (m) => [m[1], m[2], m[3]!, m[4]!],
    ],
    [
      new RegExp(`\\bratio of (?:@r )?@k(\\d+) to (?:@r )?@k(\\d+) (?:in |by |of )?${measure}`),
      'divided by',
      (m) => [m[3], m[4], m[1]!, m[2]!],
    ],
    [
      /\bratio of (?:@r )?@k(\d+) (?:@r )?to (?:@r )?@k(\d+)(?: @r)?/,
      'divided by',
      (m) => [undefined, undefined, m[1]!, m[2]!],
    ],
    [
      new RegExp(
        `\\bhow much (?:more|higher|less|lower|greater|larger) (?:(?:is|was|are|were) )?${measure} (?:(?:of|in|for|from|did|was|were|is|has|have) )*@k(\\d+) (?:[a-z]+ )?than (?:(?:of|in|for|from) )*@k(\\d+)`,
      ),
      'minus',
      (m) => [m[1], m[2], m[3]!, m[4]!],
    ],
    [
      /\bhow many (?:more|fewer|less) (@c\d+|@r) (?:(?:of|in|for|from|did|was|were|is|are|has|have) )*@k(\d+) (?:[a-z]+ )?than (?:(?:of|in|for|from) )*@k(\d+)/,
      'minus',
      (m) => ['total', m[1], m[2]!, m[3]!],
    ],
  ]
  for (const [pattern, combine, partsOf] of shapes) {
    const match = take(x, pattern)
    if (!match) continue
    const [word, tag, one, other] = partsOf(match)
    const { fn, column } = usual(x, measureOf(x, word, tag))
    const termFor = (index: string) => simple(fn, column, [x.conditions[Number(index)]!])
    const isReversed = /\b(?:less|lower|fewer)\b/.test(match[0]) && combine === 'minus'
    const [first, second] = isReversed ? [other, one] : [one, other]
    return queryOf({ select: [item(termFor(first), combine, termFor(second))] })
  }
  return undefined
}

const shareWords = '(?:share|percentage|percent|proportion|fraction|part)'

function readShare(x: Reading, groups: Query['groupBy']): Query | undefined {
  if (!new RegExp(`\\b${shareWords}\\b`).test(x.text)) return undefined
  if (groups.length > 0 || new RegExp(`\\b(?:each|every) (?:@c\\d+) ${shareWords}`).test(x.text)) {
    const match = take(x, new RegExp(`\\b${shareWords} (?:(?:of|in|on) )*${measure}`))
    if (!match) return undefined
    const { fn, column } = usual(x, measureOf(x, match[1], match[2]))
    return queryOf({
      select: [item(simple(fn, column), 'percent of all groups')],
      groupBy: groups,
      orderBy: [{ item: 0, descending: true }],
    })
  }
  // "what share of orders are cancelled": what comes after the verb is the part, what comes before it the whole.
  const ofWhole = new RegExp(
    `\\b(?:what |which )?${shareWords} (?:of )?((?:(?!\\b(?:is|are|was|were|has|have|had|come|comes|came|went|go|goes|belong|belongs|do|does|did|from|in|with|by|at|on)\\b).)*?)${measure}((?: @k\\d+| of| in| from)*?) (?:is|are|was|were|has|have|had|come|comes|came|went|go|goes|belong|belongs|do|does|did|from|in|with|by|at|on)\\b(.*)$`,
  ).exec(x.text)
  const keys = (text: string | undefined) =>
    [...(text ?? '').matchAll(/@k(\d+)/g)].map((match) => x.conditions[Number(match[1])]!)
  if (ofWhole && keys(ofWhole[5]).length > 0) {
    const { fn, column } = shareOf(x, ofWhole[2], ofWhole[3]!)
    const named = keys(ofWhole[5])
    // "delivered in 2023": of those of 2023.
    const times = named.filter(({ column }) =>
      x.vocabulary.columns.some(({ name, type }) => name === column && type === 'date'),
    )
    const part = times.length < named.length ? named.filter((condition) => !times.includes(condition)) : named
    const where = [...keys(ofWhole[1]), ...keys(ofWhole[4]), ...(part === named ? [] : times)]
    x.text = `${x.text.slice(0, ofWhole.index)} ${ofWhole[1]} ${ofWhole[4]} ${ofWhole[5]}`
      .replace(/@k\d+/g, ' ')
      .replace(/\s+/g, ' ')
    return queryOf({ select: [item(simple(fn, column, part), 'percent of', simple(fn, column))], where })
  }
  // "the share of Germany in total sales"
  const inTotal = take(
    x,
    new RegExp(`\\b${shareWords} of (?:@r )?@k(\\d+) (?:@r )?(?:in|of|among|to) (?:total )?${measure}`),
  )
  if (inTotal) {
    const { fn, column } = shareOf(x, inTotal[2], inTotal[3]!)
    return queryOf({
      select: [item(simple(fn, column, [x.conditions[Number(inTotal[1])]!]), 'percent of', simple(fn, column))],
    })
  }
  const ofRows = take(x, new RegExp(`\\b${shareWords} of @k(\\d+) @r`))
  if (ofRows)
    return queryOf({
      select: [item(simple('count', null, [x.conditions[Number(ofRows[1])]!]), 'percent of', simple('count', null))],
    })
  return undefined
}

const shareOf = (x: Reading, word: string | undefined, tag: string) => {
  if (tag.startsWith('@r')) return { fn: 'count' as const, column: null }
  const columns = x.tagged.columns[Number(tag.slice(2))]!.columns
  const isNumber = columns.some(isNumeric(x))
  // "what share of customers": rows, or different customers where they come again.
  const { fn, column } = measureOf(x, word ?? (isNumber ? 'total' : 'number of'), tag)
  return { fn: fn ?? ('sum' as const), column: column === null ? null : nameOf(x, column) }
}

const most = 'most|highest|largest|biggest|greatest|maximum|max|top|best|latest|newest|most recent'
const least = 'least|lowest|smallest|fewest|minimum|min|bottom|worst|earliest'

function readSuperlative(x: Reading, groups: Query['groupBy']): Query | undefined {
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

/** What a row is called: the column of names, or the first column of texts. */
export function labelColumn(x: Reading): number {
  const { columns, names } = x.vocabulary
  const texts = columns.flatMap(({ type }, index) => (type === 'text' ? [index] : []))
  const named = texts.find((index) => names[index]!.some(({ stem }) => stem === 'name' || meanTheSame(stem, 'employe')))
  const unique = texts.find((index) => columns[index]!.distinct + columns[index]!.empty >= x.rows)
  const identifier = columns.findIndex((column) => isIdentifier(column, x.rows))
  return named ?? unique ?? (identifier >= 0 ? identifier : (texts[0] ?? 0))
}

function personColumn(x: Reading): number {
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

function readComputed(x: Reading, groups: Query['groupBy']): Query | undefined {
  const select: Item[] = []
  const grouping = () => [...groups, ...askedGroup(x)]
  const add = ({ fn, column }: Measure) => {
    const measured = usual(x, { fn, column })
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

function readList(x: Reading, groups: Query['groupBy']): Query {
  if (groups.length > 0) throw new Unclear('it does not say what to compute for each group')
  const isWhich = /\b(?:which|list|show|name|names|give|display|find|what|who|when|where|whose)\b/.test(x.text)
  const tags = [...x.text.matchAll(/@c\d+/g)].map(([tag]) => tag)
  x.text = x.text.replace(/@c\d+/g, ' ').replace(/\s+/g, ' ')
  const shown = [...new Set(tags.map((tag) => columnOf(x, tag)))]
  const conditions = usedConditions(x)
  if (!isWhich && (shown.length === 0 || conditions.length === 0))
    throw new Unclear('it does not ask for anything that can be computed from a table')
  const [only] = shown
  const isWhat = /\bwhat\b/.test(x.text) && !/\b(?:list|show|which|who)\b/.test(x.text)
  const isOneRow = conditions.some(({ column, operator }) => {
    const found = x.vocabulary.columns.find(({ name }) => name === column)!
    return operator === '=' && (isIdentifier(found, x.rows) || found.distinct + found.empty >= x.rows)
  })
  // "What was the revenue in May" asks for one number, and its many rows are no answer.
  if (isWhat && shown.length === 1 && !isOneRow && isMeasure(x)(only!) && isAdditive(x.vocabulary.columns[only!]!))
    return queryOf({ select: [item(simple('sum', nameOf(x, only!)))] })
  if (/\bwhen\b/.test(x.text) && shown.length === 0)
    shown.push(x.vocabulary.columns.findIndex(({ name }) => name === dateColumn(x)))
  const asksRows = /@r/.test(x.text) || /\bwho\b/.test(x.text)
  const label = /\bwho\b/.test(x.text) ? personColumn(x) : labelColumn(x)
  if (asksRows && conditions.length > 0 && !shown.includes(label)) {
    if (!conditions.some(({ column, operator }) => column === nameOf(x, label) && operator === '='))
      shown.unshift(label)
  }
  if (shown.length === 0) throw new Unclear('it names no column of the table')
  if (conditions.length === 0 && shown.length === 1 && /\bwho\b/.test(x.text))
    throw new Unclear('it says nothing by which to choose')
  const names = shown.map((index) => nameOf(x, index))
  // What is picked by one value and is not unique is shown with its dates or amounts as it stands, each row.
  const distinct = conditions.length === 0 || !shown.some((index) => typeIs(x, 'number', 'date')(index))
  return queryOf({ select: names.map((name) => item(simple(null, name))), distinct })
}
