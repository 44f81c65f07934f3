import { readDifference, readShare } from './compared.ts'
import { readComputed } from './computed.ts'
import { readConditions } from './conditions.ts'
import type { Vocabulary } from './links.ts'
import type { Part, Query } from './query.ts'
import { readSuperlative } from './ranked.ts'
import {
  columnOf,
  dateColumn,
  isMeasure,
  item,
  labelColumn,
  nameOf,
  periods,
  personColumn,
  queryOf,
  type Reading,
  simple,
  take,
  typeIs,
  Unclear,
  usedConditions,
} from './reading.ts'
import { isAdditive, isIdentifier, tagQuestion } from './tagged-question.ts'
import { meanTheSame } from './words.ts'

export type RuleResult = { query: Query } | { reason: string }

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
