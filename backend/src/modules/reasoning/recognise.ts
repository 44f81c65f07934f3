import { NitroError } from '@nitroagi/shared/errors'
import { addMonths, formatDay, isCovered, parseDay, weekdayOf, type Day } from './dates.ts'
import { evaluate, hasOperator, parseExpression } from './expression.ts'
import { divide, formatRational, multiply, parseRational, rational, type Rational } from './rational.ts'
import { convert, unitNamed } from './units.ts'

/** A question that can be calculated, and nothing else. */
export interface Calculation {
  kind: 'arithmetic' | 'percentage' | 'units' | 'dates'
  /** What is calculated, in the form of the left side of an equation. */
  statement: string
  /** Throws `invalid_input` when it has no result, such as a division by zero. */
  calculate(): string
}

const charactersAtMost = 300
const number = String.raw`-?(?:\d[\d,]*(?:\.\d+)?|\.\d+)`
const unit = String.raw`(?:square feet|square foot|(?:degrees?\s+)?[a-z°²/]+2?)`

/** The calculation that the whole question asks for; undefined when it asks for anything else. */
export function recognise(question: string): Calculation | undefined {
  const asked = plainQuestion(question)
  if (asked === undefined) return undefined
  return percentage(asked) ?? dates(asked) ?? units(asked) ?? arithmetic(asked)
}

function plainQuestion(question: string): string | undefined {
  const text = question.normalize('NFKC').trim()
  if (text.length > charactersAtMost || !/\d|\bin an? \w+\s*\??$/i.test(text)) return undefined
  return text
    .replace(/[?=.!\s]+$/, (end) => (/^!/.test(end) ? '!' : ''))
    .replace(/^(?:hi|hello|hey)\b[,!. ]*/i, '')
    .replace(/^(?:please|(?:can|could) you(?: please)?(?: tell me)?|tell me)\b[, ]*/i, '')
    .replace(
      /^(?:what(?:'s|’s| is| are| was| does)|how much (?:is|are)|calculate|compute|evaluate|solve|work out)(?=[\s:(])[:\s]*/i,
      '',
    )
    .replace(/\s+(?:equals?|equal to|please)$/i, '')
    .replaceAll('’', "'")
    .trim()
}

function arithmetic(asked: string): Calculation | undefined {
  if (isFigureOfSpeech(asked)) return undefined
  const text = asked
    .replace(/[×✕⋅·]/g, '*')
    .replace(/[÷∶]/g, '/')
    .replace(/[−–]/g, '-')
    .replace(/√/g, ' sqrt ')
    .replace(/(?<=[\d)\s])[x](?=[\s(\d])/gi, '*')
    .replace(/\b(?:the )?square root of\b/gi, 'sqrt')
    .replace(/\bplus\b/gi, '+')
    .replace(/\bminus\b/gi, '-')
    .replace(/\b(?:times|multiplied by)\b/gi, '*')
    .replace(/\b(?:divided by|over)\b/gi, '/')
    .replace(/\b(?:to the power of|raised to(?: the power of)?)\b/gi, '^')
    .replace(/\bmodulo\b/gi, 'mod')
    .replace(/\bsquared\b/gi, '^2')
    .replace(/\bcubed\b/gi, '^3')
    .replace(/\s*(?:percent|per cent)\b/gi, '%')
    .replace(/\bhalf of\b/gi, '0.5 *')
  const expression = parseExpression(text)
  if (!expression || !hasOperator(expression)) return undefined
  return {
    kind: text.includes('%') ? 'percentage' : 'arithmetic',
    statement: asked,
    calculate: () => {
      const { value, isExact } = evaluate(expression)
      return formatRational(value, isExact)
    },
  }
}

/** Two numbers that name a day, a span of years or a manner of speaking. */
const isFigureOfSpeech = (asked: string): boolean =>
  /^(?:9\/11|24\/7|7\/7|50\/50|\d{4}\s?[-–/]\s?\d{2,4}|\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|[\d-]{10,}|\d{3}-\d{4})$/.test(
    asked,
  )

function percentage(asked: string): Calculation | undefined {
  const share =
    matchNumbers(asked, `(${number}) is what (?:percent|per cent|percentage|%) of (${number})`) ??
    matchNumbers(asked, `(?:what )?(?:percent|per cent|percentage|%) of (${number}) is (${number})`)?.reverse()
  if (share) {
    const [part, whole] = share as [Rational, Rational]
    return {
      kind: 'percentage',
      statement: `${formatRational(part)} as a percentage of ${formatRational(whole)}`,
      calculate: () => withUnit(multiply(divide(part, whole), rational(100n)), '%'),
    }
  }
  const change = new RegExp(
    `^(increase|decrease|raise|reduce) (${number}) by (${number})\\s*(?:%|percent|per cent)$`,
    'i',
  ).exec(asked)
  const [of, by] = [parseNumber(change?.[2]), parseNumber(change?.[3])]
  if (!change || !of || !by) return undefined
  const sign = /^(increase|raise)$/i.test(change[1]!) ? '+' : '-'
  return arithmetic(`${change[2]!} ${sign} ${change[3]!}%`)
}

function units(asked: string): Calculation | undefined {
  const direct = new RegExp(`^(?:convert )?(${number})\\s*(${unit}) (?:in|to|into|as) (${unit})$`, 'i').exec(asked)
  const turned = new RegExp(`^how many (${unit}) (?:are |is )?(?:there )?in (${number}|an?) ?(${unit})$`, 'i').exec(
    asked,
  )
  const parts = direct
    ? direct.slice(1)
    : turned
      ? [turned[2]!.replace(/^an?$/i, '1'), turned[3]!, turned[1]!]
      : undefined
  const amount = parseNumber(parts?.[0])
  const [from, to] = [unitNamed(parts?.[1] ?? ''), unitNamed(parts?.[2] ?? '')]
  if (!amount || !from || !to || from.dimension !== to.dimension) return undefined
  return {
    kind: 'units',
    statement: `${formatRational(amount)} ${from.name}`,
    calculate: () => withUnit(convert(amount, from, to)!, to.name),
  }
}

function dates(asked: string): Calculation | undefined {
  return daysBetween(asked) ?? dayAfter(asked) ?? weekday(asked)
}

function daysBetween(asked: string): Calculation | undefined {
  const match =
    /^(?:how many |the number of )?(days|weeks) (?:are there |is it |are )?(?:between|from) (.+?) (?:and|to|until|till) (.+)$/i.exec(
      asked,
    )
  const [from, to] = [parseDay(match?.[2] ?? ''), parseDay(match?.[3] ?? '')]
  if (!match || from === undefined || to === undefined) return undefined
  const days = Math.abs(to - from)
  const isWeeks = match[1]!.toLowerCase() === 'weeks'
  return {
    kind: 'dates',
    statement: `${isWeeks ? 'weeks' : 'days'} from ${formatDay(from)} to ${formatDay(to)}`,
    calculate: () => (isWeeks ? weeksAndDays(days) : countOf(days, 'day')),
  }
}

function dayAfter(asked: string): Calculation | undefined {
  const match =
    /^(?:(?:what |the |which )?(?:date|day) (?:is |was |will it be |will be )?)?(?:(\d{1,6}|a|an|one) (day|week|month|year)s?) (after|from|before) (.+)$/i.exec(
      asked,
    )
  const from = parseDay(match?.[4] ?? '')
  if (!match || from === undefined) return undefined
  const many = /^\d/.test(match[1]!) ? Number(match[1]) : 1
  const sign = match[3]!.toLowerCase() === 'before' ? -1 : 1
  const what = match[2]!.toLowerCase()
  return {
    kind: 'dates',
    statement: `${countOf(many, what)} ${sign < 0 ? 'before' : 'after'} ${formatDay(from)}`,
    calculate: () => describeDay(moved(from, sign * many, what)),
  }
}

function weekday(asked: string): Calculation | undefined {
  const match = /^(?:(?:what |which )?(?:day of the week|weekday|day) (?:is|was|will be|of|on)?\s*)(.+)$/i.exec(asked)
  const day = parseDay(match?.[1] ?? '')
  if (day === undefined) return undefined
  return { kind: 'dates', statement: `weekday of ${formatDay(day)}`, calculate: () => weekdayOf(day) }
}

function moved(from: Day, many: number, what: string): Day {
  const to =
    what === 'day'
      ? from + many
      : what === 'week'
        ? from + many * 7
        : addMonths(from, what === 'year' ? many * 12 : many)
  if (to === undefined || !isCovered(to)) {
    throw new NitroError('invalid_input', 'I calculate with dates of the years 1583 to 9999.')
  }
  return to
}

const describeDay = (day: Day): string => `${formatDay(day)} (${weekdayOf(day)})`
const countOf = (many: number, what: string): string =>
  `${formatRational(rational(BigInt(many)))} ${what}${many === 1 ? '' : 's'}`

function weeksAndDays(days: number): string {
  const [weeks, rest] = [Math.floor(days / 7), days % 7]
  return rest === 0 ? countOf(weeks, 'week') : `${countOf(weeks, 'week')} and ${countOf(rest, 'day')}`
}

const withUnit = (value: Rational, name: string): string => `${formatRational(value)}${name === '%' ? '' : ' '}${name}`

function matchNumbers(asked: string, pattern: string): Rational[] | undefined {
  const found = new RegExp(`^${pattern}$`, 'i').exec(asked)?.slice(1).map(parseNumber)
  return found?.every((value) => value !== undefined) ? (found as Rational[]) : undefined
}

function parseNumber(text: string | undefined): Rational | undefined {
  if (text === undefined || (text.includes(',') && !/^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text))) return undefined
  const digits = text.replaceAll(',', '').replace(/^-/, '')
  if (!/^(\d+(\.\d+)?|\.\d+)$/.test(digits)) return undefined
  const value = parseRational(digits.replace(/^\./, '0.'))
  return text.startsWith('-') ? { ...value, dividend: -value.dividend } : value
}
