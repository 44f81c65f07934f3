import { calendarQuestion } from './calendar.ts'
import { evaluate, hasOperator, parseExpression } from './expression.ts'
import { inSigns, withoutOpening } from './phrases.ts'
import { cubeRoot, divide, formatRational, multiply, parseRational, rational, add, type Rational } from './rational.ts'
import { convert, unitNamed, type Unit } from './units.ts'
import { wordProblem } from './word-problems.ts'

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
const unit = String.raw`(?:(?:square|sq\.?|cubic|us|imperial|uk|nautical|fluid|metric|degrees?)\s+)?[\p{L}°²³/]+[23]?`
/** What has no digit can still be calculated when it names a month or "a mile". */
const mayCalculate = /\d|\bin an? [\p{L} ]+\s*\??$|\bdays\b.{0,20}\b(?:in|does|has)\b/iu

/** The calculation that the whole question asks for; undefined when it asks for anything else. */
export function recognise(question: string): Calculation | undefined {
  if (question.length > charactersAtMost || !mayCalculate.test(question)) return undefined
  const asked = withoutOpening(question.normalize('NFKC').trim())
  return percentage(asked) ?? dates(asked) ?? units(asked) ?? story(asked) ?? root(asked) ?? arithmetic(asked)
}

function dates(asked: string): Calculation | undefined {
  const found = calendarQuestion(asked)
  return found && { kind: 'dates', ...found }
}

function story(asked: string): Calculation | undefined {
  const problem = wordProblem(asked)
  const calculation = problem && arithmetic(problem.expression)
  if (!calculation) return undefined
  const { statement, unit: counted } = problem
  const calculate = () => `${calculation.calculate()}${counted === undefined ? '' : ` ${counted}`}`
  return { kind: 'arithmetic', statement, calculate }
}

function root(asked: string): Calculation | undefined {
  const of = parseNumber(new RegExp(`^(?:the )?(?:cube|third) root of (${number})$`, 'i').exec(asked)?.[1])
  if (!of) return undefined
  return {
    kind: 'arithmetic',
    statement: asked,
    calculate() {
      const { value, isExact } = cubeRoot(of)
      return formatRational(value, isExact)
    },
  }
}

function arithmetic(asked: string): Calculation | undefined {
  if (isFigureOfSpeech(asked)) return undefined
  // "3 of 4" counts; only shares are taken of something.
  if (/(?<![/\d.,])\d[\d,]*\s+of\b/i.test(asked)) return undefined
  const text = inSigns(asked)
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

const percent = String.raw`\s*(?:%|percent|per cent|prozent)`

function percentage(asked: string): Calculation | undefined {
  const share =
    matchNumbers(asked, `(${number}) is what (?:percent|per cent|percentage|%) of (${number})`) ??
    matchNumbers(asked, `(${number}) (?:out )?of (${number}) (?:in percent|as a percentage|as percent|in %)`) ??
    matchNumbers(asked, `(?:what )?(?:percent|per cent|percentage|%) of (${number}) is (${number})`)?.reverse()
  if (share) {
    const [part, whole] = share as [Rational, Rational]
    return inPercent(`${formatRational(part)} as a percentage of ${formatRational(whole)}`, part, whole)
  }
  const whole = matchNumbers(asked, `(${number}) is (${number})${percent} of (?:what(?: number)?|which number)`)
  if (whole) {
    const [part, rate] = whole as [Rational, Rational]
    const statement = `${formatRational(part)} as ${formatRational(rate)}% of a number`
    return { kind: 'percentage', statement, calculate: () => formatRational(divide(multiply(part, hundred), rate)) }
  }
  return change(asked) ?? priceWith(asked)
}

const hundred = rational(100n)

const inPercent = (statement: string, part: Rational, whole: Rational): Calculation => ({
  kind: 'percentage',
  statement,
  calculate: () => withUnit(multiply(divide(part, whole), hundred), '%'),
})

/** By how many per cent something changed, or what it becomes when it does. */
function change(asked: string): Calculation | undefined {
  const measured = new RegExp(
    `^(?:the )?(?:percentage|percent|%) (change|increase|rise|growth|decrease|drop|fall|decline) from (${number}) to (${number})$`,
    'i',
  ).exec(asked)
  const [from, to] = [parseNumber(measured?.[2]), parseNumber(measured?.[3])]
  if (measured && from && to) {
    const isDown = /^[df]/i.test(measured[1]!)
    const difference = isDown ? add(from, negative(to)) : add(to, negative(from))
    return inPercent(`${measured[1]!.toLowerCase()} from ${measured[2]} to ${measured[3]}`, difference, from)
  }
  const wanted = new RegExp(`^(increase|decrease|raise|reduce) (${number}) by (${number})${percent}$`, 'i').exec(asked)
  if (!wanted || !parseNumber(wanted[2]) || !parseNumber(wanted[3])) return undefined
  const sign = /^(?:increase|raise)$/i.test(wanted[1]!) ? '+' : '-'
  return arithmetic(`${wanted[2]!} ${sign} ${wanted[3]!}%`)
}

/** Tips, taxes and discounts. */
function priceWith(asked: string): Calculation | undefined {
  const off = new RegExp(`^(?:an? )?(${number})${percent} off (?:of )?[$€£]?(${number})$`, 'i').exec(asked)
  if (off) return arithmetic(`${off[2]} - ${off[1]}%`)
  const part = new RegExp(
    `^(?:an? |the )?(${number})${percent} (tip|vat|tax|sales tax|commission|discount|deposit) (?:on|of|for|from) [$€£]?(${number})$`,
    'i',
  ).exec(asked)
  if (!part) return undefined
  const share = arithmetic(`${part[1]}% of ${part[3]}`)
  if (!share || part[2]!.toLowerCase() !== 'discount') return share
  // Two things are called so, and both are said.
  const left = arithmetic(`${part[3]} - ${part[1]}%`)!
  return { ...share, calculate: () => `${share.calculate()} off, which leaves ${left.calculate()}` }
}

const negative = ({ dividend, divisor }: Rational): Rational => ({ dividend: -dividend, divisor })

const howMany = String.raw`(?:how many|wie ?viele?|cu[aá]nt[ao]s|combien d(?:e |'))`

function units(asked: string): Calculation | undefined {
  const measure = `(${number}\\s*${unit}(?:(?:\\s+and)?\\s+${number}\\s*${unit})?)`
  const direct = new RegExp(`^(?:convert )?${measure} (?:in|to|into|as|a|en) (${unit})$`, 'iu').exec(asked)
  const turned = new RegExp(
    `^${howMany}\\s*(${unit}) (?:are |is |sind |hat |hay |ergeben )?(?:there )?(?:in |en |dans )?(${number}|an?|eine[mrn]?|un[ae]?) ?(${unit})$`,
    'iu',
  ).exec(asked)
  const [given, wanted] = direct
    ? [direct[1]!, direct[2]!]
    : turned
      ? [`${turned[2]!.replace(/^(?:an?|eine[mrn]?|un[ae]?)$/i, '1')} ${turned[3]!}`, turned[1]!]
      : []
  const amounts = given === undefined ? undefined : measuresIn(given)
  const to = unitNamed(wanted ?? '')
  if (!amounts || !to || amounts.some(({ of }) => of.dimension !== to.dimension)) return undefined
  // Degrees of heat do not add up.
  if (amounts.length > 1 && to.dimension === 'temperature') return undefined
  return {
    kind: 'units',
    statement: amounts.map(({ amount, of }) => `${formatRational(amount)} ${of.name}`).join(' '),
    calculate: () =>
      withUnit(
        amounts.map(({ amount, of }) => convert(amount, of, to)!).reduce((sum, value) => add(sum, value)),
        to.name,
      ),
  }
}

function measuresIn(text: string): { amount: Rational; of: Unit }[] | undefined {
  const found = [...text.matchAll(new RegExp(`(${number})\\s*(${unit})(?:\\s+and)?(?:\\s+|$)`, 'giu'))].map(
    ([, digits, name]) => ({
      amount: parseNumber(digits),
      of: unitNamed(name!),
    }),
  )
  const isWhole = found.length > 0 && found.every(({ amount, of }) => amount && of)
  return isWhole ? (found as { amount: Rational; of: Unit }[]) : undefined
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
