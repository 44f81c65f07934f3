import type { Item, Query } from './query.ts'
import {
  columnOf,
  isNumeric,
  item,
  measure,
  measureOf,
  nameOf,
  queryOf,
  type Reading,
  simple,
  take,
  Unclear,
  usual,
} from './reading.ts'

export function readDifference(x: Reading): Query | undefined {
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

export function readShare(x: Reading, groups: Query['groupBy']): Query | undefined {
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
