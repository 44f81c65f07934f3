import type { Moment } from './moments.ts'
import type { Condition, Fn, Operator } from './query.ts'
import { columnOf, dateColumn, isNumeric, type Reading, take, Unclear } from './reading.ts'
import { isIdentifier } from './tagged-question.ts'
import { meanTheSame, stemOf } from './words.ts'

const operators: readonly (readonly [Operator, string])[] = [
  ['!=', 'not equal to|!='],
  ['>=', 'at least|no less than|not less than|no fewer than|minimum of|>='],
  ['<=', 'at most|no more than|not more than|up to|maximum of|<='],
  [
    '>',
    'more than|greater than|larger than|bigger than|higher than|longer than|over|above|exceeding|exceeds|exceed|exceeded|>',
  ],
  ['<', 'less than|fewer than|smaller than|lower than|shorter than|under|below|<'],
  ['=', 'exactly|equal to|equals|precisely|='],
]
const anyOperator = operators.map(([, words]) => words).join('|')
const operatorOf = (words: string): Operator => operators.find(([, all]) => all.split('|').includes(words))![0]

const link = '(?:(?:is|was|are|were|has|have|had|with|of|that|which|who|being|being|value|values|than|a) )*'
const unitWord = '(?: (?:euros?|dollars?|pounds?|percent|years?|kg|km|usd|eur|stuck|units?)(?= |$))?'

/** Replaces what narrows the rows down by @k, so that what is asked for stands there alone. */
export function readConditions(x: Reading): void {
  adjectives(x)
  comparisons(x)
  moments(x)
  emptiness(x)
  values(x)
  truths(x)
}

const hold = (x: Reading, condition: Condition): string => `@k${x.conditions.push(condition) - 1}`
const nameOf = (x: Reading, index: number) => x.vocabulary.columns[index]!.name

/** Adjectives that say of which column they speak: the oldest, cheaper than. */
const meanings: readonly (readonly [pattern: string, concept: string, types: readonly string[], to: string])[] = [
  ['older than', 'age', ['number'], '@c more than'],
  ['younger than', 'age', ['number'], '@c less than'],
  ['cheaper than|less expensive than', 'price', ['number'], '@c less than'],
  ['more expensive than|dearer than', 'price', ['number'], '@c more than'],
  ['heavier than', 'weight', ['number'], '@c more than'],
  ['lighter than', 'weight', ['number'], '@c less than'],
  ['taller than', 'height', ['number'], '@c more than'],
  ['most expensive|priciest|dearest', 'price', ['number'], 'highest @c'],
  ['least expensive|cheapest', 'price', ['number'], 'lowest @c'],
  ['oldest', 'age', ['number'], 'highest @c'],
  ['youngest', 'age', ['number'], 'lowest @c'],
  ['heaviest', 'weight', ['number'], 'highest @c'],
  ['lightest', 'weight', ['number'], 'lowest @c'],
  ['tallest', 'height', ['number'], 'highest @c'],
  ['longest', 'length', ['number'], 'highest @c'],
  ['shortest', 'length', ['number'], 'lowest @c'],
  ['most populous', 'population', ['number'], 'highest @c'],
  ['best rated|top rated|highest rated', 'rating', ['number'], 'highest @c'],
  ['worst rated|lowest rated', 'rating', ['number'], 'lowest @c'],
  ['best paid|highest paid', 'salary', ['number'], 'highest @c'],
  ['worst paid|lowest paid', 'salary', ['number'], 'lowest @c'],
  ['best selling|best-selling|bestselling|most sold', 'sale', ['number'], 'most @c'],
  ['oldest', 'founded', ['number', 'date'], 'earliest @c'],
  ['youngest|newest', 'founded', ['number', 'date'], 'latest @c'],
  ['newest|latest|most recent|last(?= @r)', 'date', ['date'], 'latest @c'],
  ['earliest|first(?= @r)', 'date', ['date'], 'earliest @c'],
]

function adjectives(x: Reading): void {
  for (const [pattern, concept, types, to] of meanings) {
    const found = new RegExp(`\\b(?:${pattern})${concept === 'date' ? '(?! @c)' : ''}(?=\\s|$)`)
    if (!found.test(x.text)) continue
    const { columns, names } = x.vocabulary
    const able = columns.flatMap(({ type }, index) => (types.includes(type) ? [index] : []))
    const stem = stemOf(concept)
    const alike = able.filter((index) =>
      names[index]!.some((name) => name.stem === stem || meanTheSame(name.stem, stem)),
    )
    const meant = alike.length > 0 ? alike : concept === 'date' && able.length === 1 ? able : []
    if (meant.length === 0) continue
    const tag = `@c${x.tagged.columns.push({ kind: 'column', columns: meant, strength: 1, from: 0, to: 0 }) - 1}`
    take(x, found, to.replace('@c', tag))
  }
}

const computedBefore = '(total|sum of|average|mean|median|number of|count of)'
const fns: Record<string, Fn> = { total: 'sum', 'sum of': 'sum', average: 'average', mean: 'average', median: 'median' }

function comparisons(x: Reading): void {
  const number = (tag: string) => x.tagged.numbers[Number(tag.slice(2))]!
  // Groups are compared by what is computed of them: "with an average price over 10", "with more than 3 orders".
  for (
    let match;
    (match = take(
      x,
      new RegExp(
        `\\b(?:with|have|has|had|having|where|whose) ${computedBefore} (@c\\d+|@r) ${link}(?:not )?(${anyOperator}) (@n\\d+)${unitWord}`,
      ),
    ));
  ) {
    const fn = fns[match[1]!] ?? null
    const column = fn === null ? null : nameOf(x, columnOf(x, match[2]!, isNumeric(x), 'numbers'))
    x.having.push({ fn: fn ?? 'count', column, operator: operatorOf(match[3]!), values: [number(match[4]!)] })
  }
  for (
    let match;
    (match = take(x, new RegExp(`\\b(?:with|have|has|had|having|placed|made) (${anyOperator}) (@n\\d+) @r`)));
  )
    x.having.push({ fn: 'count', column: null, operator: operatorOf(match[1]!), values: [number(match[2]!)] })

  const numeric = (tag: string) => nameOf(x, columnOf(x, tag, isNumeric(x), 'numbers'))
  const between = (tag: string, one: string, other: string) => {
    const values = [number(one), number(other)].sort((a, b) => a - b)
    return hold(x, { column: numeric(tag), part: null, operator: 'between', values })
  }
  replaceAll(x, new RegExp(`(@c\\d+) ${link}(?:between|from) (@n\\d+) (?:and|to) (@n\\d+)${unitWord}`), (m) =>
    between(m[1]!, m[2]!, m[3]!),
  )
  replaceAll(x, new RegExp(`\\bbetween (@n\\d+) and (@n\\d+) (@c\\d+)`), (m) => between(m[3]!, m[1]!, m[2]!))
  const compare = (tag: string, operator: Operator, value: string) =>
    hold(x, { column: numeric(tag), part: null, operator, values: [number(value)] })
  replaceAll(x, new RegExp(`(@c\\d+) ${link}(${anyOperator}) (@n\\d+)${unitWord}`), (m) =>
    x.tagged.columns[Number(m[1]!.slice(2))]!.columns.some(isNumeric(x))
      ? compare(m[1]!, operatorOf(m[2]!), m[3]!)
      : undefined,
  )
  // A year in a column of numbers.
  const times: Record<string, Operator> = { before: '<', until: '<=', after: '>', since: '>=', in: '=' }
  replaceAll(x, new RegExp(`(@c\\d+) (before|until|after|since|in) (@n\\d+)`), (m) =>
    x.tagged.columns[Number(m[1]!.slice(2))]!.columns.some(isNumeric(x))
      ? `${compare(m[1]!, times[m[2]!]!, m[3]!)}`
      : undefined,
  )
  replaceAll(x, new RegExp(`\\b(${anyOperator}) (@n\\d+)${unitWord} (?:in |of )?(@c\\d+)`), (m) =>
    x.tagged.columns[Number(m[3]!.slice(2))]!.columns.some(isNumeric(x))
      ? compare(m[3]!, operatorOf(m[1]!), m[2]!)
      : undefined,
  )
  const lone = x.vocabulary.columns.flatMap((column, index) =>
    column.type === 'number' && !isIdentifier(column, x.rows) ? [index] : [],
  )
  replaceAll(x, new RegExp(`\\b(${anyOperator}) (@n\\d+)${unitWord}`), (m) => {
    if (lone.length !== 1)
      throw new Unclear(
        `it does not say what is compared with ${number(m[2]!)}; it could be ${lone.map((index) => nameOf(x, index)).join(', ')}`,
      )
    return hold(x, { column: nameOf(x, lone[0]!), part: null, operator: operatorOf(m[1]!), values: [number(m[2]!)] })
  })
  // "order 1005", "a rating of 5"
  replaceAll(
    x,
    new RegExp(`(@c\\d+) (?:is |was |of |= |equals )?(@n\\d+)(?! @c| highest| lowest| most| largest)${unitWord}`),
    (m) =>
      x.tagged.columns[Number(m[1]!.slice(2))]!.columns.filter(isNumeric(x)).length === 1
        ? compare(m[1]!, '=', m[2]!)
        : undefined,
  )
  replaceAll(x, /@r (@n\d+)(?=\s|$)/, (m) => {
    const identifiers = x.vocabulary.columns.filter(
      (column) => column.type === 'number' && isIdentifier(column, x.rows),
    )
    return identifiers.length === 1
      ? `${hold(x, { column: identifiers[0]!.name, part: null, operator: '=', values: [number(m[1]!)] })}`
      : undefined
  })
}

function moments(x: Reading): void {
  const moment = (tag: string) => x.tagged.moments[Number(tag.slice(2))]!
  const near = (tag: string | undefined): string => {
    if (tag === undefined) return dateColumn(x)
    return nameOf(
      x,
      columnOf(x, tag, (index) => x.vocabulary.columns[index]!.type === 'date', 'dates'),
    )
  }
  const isDate = (tag: string | undefined) =>
    tag === undefined ||
    x.tagged.columns[Number(tag.trim().slice(2))]!.columns.some((index) => x.vocabulary.columns[index]!.type === 'date')
  const column = '(?:(@c\\d+) (?:is |was |are |were |)?)?'
  // What is compared with each other stays apart.
  if (/\b(?:difference|ratio|than)\b/.test(x.text))
    replaceAll(x, /\bbetween @d(\d+) and @d(\d+)/, (m) => {
      const [one, other] = [m[1], m[2]].map((index) => {
        const found = moment(`@d${index}`)
        if (found.kind !== 'range') throw new Unclear('it compares months without a year')
        return hold(x, { column: dateColumn(x), part: null, operator: 'between', values: [found.from, found.to] })
      })
      return `between ${one} and ${other}`
    })
  replaceAll(x, new RegExp(`${column}(?:between|from) @d(\\d+) (?:and|to|until|till|through) @d(\\d+)`), (m) => {
    const [one, other] = [moment(`@d${m[2]}`), moment(`@d${m[3]}`)]
    const keep = isDate(m[1]) ? '' : `${m[1]} `
    if (one.kind === 'part' && other.kind === 'part' && one.part === other.part)
      return (
        keep +
        hold(x, {
          column: near(keep ? undefined : m[1]),
          part: one.part,
          operator: 'between',
          values: [one.values[0]!, other.values.at(-1)!],
        })
      )
    // "between March and May 2024": both are of that year.
    const first = one.kind === 'part' && other.kind === 'range' ? withYear(one, other.from.slice(0, 4)) : one
    if (first.kind !== 'range' || other.kind !== 'range') throw new Unclear('the two dates do not belong together')
    return (
      keep +
      hold(x, {
        column: near(keep ? undefined : m[1]),
        part: null,
        operator: 'between',
        values: [first.from, other.to],
      })
    )
  })
  replaceAll(
    x,
    new RegExp(
      `${column}(before|until|till|up to|prior to|earlier than|after|since|later than|from|starting|starting in|not in)? ?(?:(?:in|on|during|of|for|at|within|since) |(?<!(?:per|by|each|every|which|what) )(?:year|month) )*@d(\\d+)( or later| or earlier| onwards)?`,
    ),
    (m) => {
      const found = moment(`@d${m[3]}`)
      const keep = isDate(m[1]) ? '' : `${m[1]} `
      const about = { column: near(keep ? undefined : m[1]), part: null }
      if (found.kind === 'part') {
        if (m[2] !== undefined && !/^(?:from|not in)$/.test(m[2]))
          throw new Unclear('it names a month without its year')
        return (
          keep +
          hold(x, { ...about, part: found.part, operator: m[2] === 'not in' ? 'not in' : 'in', values: found.values })
        )
      }
      const word = m[2] ?? ''
      if (/^(?:before|prior to|earlier than)$/.test(word))
        return keep + hold(x, { ...about, operator: '<', values: [found.from] })
      if (/^(?:until|till|up to)$/.test(word) || m[4] === ' or earlier')
        return keep + hold(x, { ...about, operator: '<=', values: [found.to] })
      if (/^(?:after|later than)$/.test(word)) return keep + hold(x, { ...about, operator: '>', values: [found.to] })
      if (/^(?:since|starting|starting in)$/.test(word) || /later|onwards/.test(m[4] ?? ''))
        return keep + hold(x, { ...about, operator: '>=', values: [found.from] })
      if (word === 'not in') return keep + hold(x, { ...about, operator: '!=', values: [found.from] })
      return (
        keep +
        hold(
          x,
          found.from === found.to
            ? { ...about, operator: '=', values: [found.from] }
            : { ...about, operator: 'between', values: [found.from, found.to] },
        )
      )
    },
  )
}

function withYear(part: Extract<Moment, { kind: 'part' }>, year: string): Moment {
  const month = (value: number | undefined) => `${year}-${String(value ?? 1).padStart(2, '0')}`
  return { kind: 'range', from: month(part.values[0]), to: month(part.values.at(-1)) }
}

function emptiness(x: Reading): void {
  const empty = (tag: string, operator: 'is empty' | 'is not empty') =>
    hold(x, { column: nameOf(x, columnOf(x, tag)), part: null, operator, values: [] })
  replaceAll(x, /\b(?:without|with no|has no|have no|had no|missing|lacking|no|without known) (@c\d+)/, (m) =>
    empty(m[1]!, 'is empty'),
  )
  replaceAll(x, /(@c\d+) (?:is|are|was|were) (?:missing|empty|blank|null|unknown|not (?:set|given|known))\b/, (m) =>
    empty(m[1]!, 'is empty'),
  )
  replaceAll(x, /\b(?:missing|empty|blank) (@c\d+)/, (m) => empty(m[1]!, 'is empty'))
  replaceAll(x, /(@c\d+) (?:is|are|was|were) (?:not (?:missing|empty|blank|null|unknown)|set|given|known)\b/, (m) =>
    empty(m[1]!, 'is not empty'),
  )
}

function values(x: Reading): void {
  const linkOf = (tag: string) => x.tagged.values[Number(tag.slice(2))]!
  const isOf = (tag: string, value: string) => {
    const { column, others } = linkOf(value)
    return x.tagged.columns[Number(tag.slice(2))]!.columns.some((index) => index === column || others.includes(index))
  }
  const condition = (tags: string[], isNot: boolean, columns: readonly number[] = []): string => {
    const links = tags.map(linkOf)
    const [{ column, others }] = links as [ReturnType<typeof linkOf>]
    const named = columns.find((index) => index === column || others.includes(index))
    if (named === undefined && others.length > 0) throwIfUnclear(x, column, others, links[0]!.values[0]!)
    const at = named ?? column
    const texts = links.flatMap((given) => (given.column === at ? given.values : valuesIn(x, at, given.values)))
    return hold(x, {
      column: nameOf(x, at),
      part: null,
      operator: texts.length === 1 ? (isNot ? '!=' : '=') : isNot ? 'not in' : 'in',
      values: texts,
    })
  }
  const not = '(?:not|except for|except|excluding|other than|outside of|outside|besides|apart from|but not)'
  const small = '(?: (?:in|from|by|for|of|is|are|was|were|to|with|at))?'
  // Their column named beside them: "category is Toys", "in the city of Bonn", "Sales department".
  replaceAll(
    x,
    new RegExp(`(@c\\d+) (?:is |are |was |were |= |of |named |called )?(not )?(@v\\d+)(?: or (@v\\d+))?(?! @c)`),
    (m) => {
      if (!isOf(m[1]!, m[3]!)) return undefined
      const tags = [m[3]!, ...(m[4] ? [m[4]] : [])]
      return condition(tags, m[2] !== undefined, x.tagged.columns[Number(m[1]!.slice(2))]!.columns)
    },
  )
  replaceAll(x, /(@v\d+) (@c\d+)(?! @v)/, (m) =>
    isOf(m[2]!, m[1]!) ? condition([m[1]!], false, x.tagged.columns[Number(m[2]!.slice(2))]!.columns) : undefined,
  )
  replaceAll(x, /\bneither (@v\d+) nor (@v\d+)/, (m) =>
    linkOf(m[1]!).column === linkOf(m[2]!).column ? condition([m[1]!, m[2]!], true) : undefined,
  )
  replaceAll(x, new RegExp(`\\b${not}${small} (@v\\d+)(?: (?:or|and|nor)${small} (@v\\d+))?`), (m) =>
    m[2] !== undefined && linkOf(m[1]!).column !== linkOf(m[2]).column
      ? undefined
      : condition([m[1]!, ...(m[2] ? [m[2]] : [])], true),
  )
  // Two of one column cannot both hold, so either is meant; what is compared with each other stays apart.
  const isCompared = /\b(?:difference|ratio|compare|than|versus|vs|between)\b/.test(x.text)
  if (!isCompared)
    replaceAll(x, new RegExp(`(@v\\d+)((?: ?(?:,|or|and|and in|or in|or from|and from)? ?@v\\d+)+)`), (m) => {
      const tags = [...m[0].matchAll(/@v\d+/g)].map(([tag]) => tag)
      const isOne = tags.every((tag) => linkOf(tag).column === linkOf(tags[0]!).column)
      return isOne ? condition(tags, false) : tags.map((tag) => condition([tag], false)).join(' ')
    })
  replaceAll(x, /(@v\d+)/, (m) => condition([m[1]!], false))
}

/** The same words as they stand in another column. */
function valuesIn(x: Reading, column: number, texts: readonly string[]): string[] {
  for (const places of x.vocabulary.values.values()) {
    if ([...places.values()].some((values) => values.includes(texts[0]!))) return places.get(column) ?? [...texts]
  }
  return [...texts]
}

function throwIfUnclear(x: Reading, column: number, others: readonly number[], value: string): void {
  const { columns } = x.vocabulary
  // A column of remarks happens to hold many words; a column of kinds is meant.
  const rivals = others.filter(
    (index) => columns[index]!.distinct < columns[column]!.distinct * 10 && columns[index]!.distinct < x.rows * 0.8,
  )
  if (rivals.length > 0)
    throw new Unclear(
      `${value} stands in the columns ${[column, ...rivals].map((index) => nameOf(x, index)).join(' and ')}`,
    )
}

function truths(x: Reading): void {
  replaceAll(
    x,
    /(?:(not|un|never|isn't|aren't|non) (?:been |yet |being )*)?(?<!per )(?<!by )(?<!each )(?<!different )(@c\d+)/,
    (m) => {
      const { columns } = x.tagged.columns[Number(m[2]!.slice(2))]!
      if (columns.length !== 1 || x.vocabulary.columns[columns[0]!]!.type !== 'boolean') return undefined
      return hold(x, {
        column: nameOf(x, columns[0]!),
        part: null,
        operator: '=',
        values: [m[1] === undefined ? 'yes' : 'no'],
      })
    },
  )
}

/** Replaces every place that fits and that `to` wants to replace. */
function replaceAll(x: Reading, pattern: RegExp, to: (match: RegExpExecArray) => string | undefined): void {
  for (let from = 0; from < x.text.length;) {
    const sticky = new RegExp(pattern.source, 'g')
    sticky.lastIndex = from
    const match = sticky.exec(x.text)
    if (!match) return
    const instead = to(match)
    if (instead === undefined) {
      from = match.index + Math.max(1, match[0].length - 3)
      continue
    }
    const before = `${x.text.slice(0, match.index)} ${instead}`.replace(/\s+/g, ' ')
    const after = x.text.slice(match.index + match[0].length)
    x.text = `${before}${/^\s/.test(after) || after === '' ? '' : ' '}${after}`.replace(/\s+/g, ' ').trim()
    from = before.trimStart().length
  }
}
