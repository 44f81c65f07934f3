import { NitroError } from '@nitroagi/shared/errors'
import { addMonths, formatDay, isCovered, parseDay, weekdayOf, type Day } from './dates.ts'

/** A question about days, weeks and hours: what is counted, and how it comes out. */
export interface CalendarQuestion {
  statement: string
  calculate(): string
}

type Sort = (asked: string) => CalendarQuestion | undefined

/** The question that all of it asks; undefined when a word is left over. */
export function calendarQuestion(asked: string): CalendarQuestion | undefined {
  for (const sort of sorts) {
    const found = sort(asked)
    if (found) return found
  }
  return undefined
}

const monthNames = 'january february march april may june july august september october november december'.split(' ')
const days = (year: number, month: number) => new Date(Date.UTC(year, month, 0)).getUTCDate()
const isLeap = (year: number) => days(year, 2) === 29
const partsOf = (day: Day) => {
  const date = new Date(day * 86_400_000)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, date: date.getUTCDate() }
}
const count = (many: number, what: string) => `${many.toLocaleString('en')} ${what}${many === 1 ? '' : 's'}`

/** So many days, or weeks and days, or months, or years. */
const between: Sort = (asked) => {
  const match =
    /^(?:how many |the number of )?(days|weeks|months|years) (?:are there |is it |are |have passed )?(?:between|from) (.+?) (?:and|to|until|till) (.+)$/i.exec(
      asked,
    )
  const [one, other] = [parseDay(match?.[2] ?? ''), parseDay(match?.[3] ?? '')]
  if (!match || one === undefined || other === undefined) return undefined
  const [from, to] = one <= other ? [one, other] : [other, one]
  const what = match[1]!.toLowerCase()
  return {
    statement: `${what} from ${formatDay(one)} to ${formatDay(other)}`,
    calculate() {
      if (what === 'days') return count(to - from, 'day')
      if (what === 'weeks') return joined([Math.floor((to - from) / 7), 'week'], [(to - from) % 7, 'day'])
      const { months, rest } = wholeMonths(from, to)
      return what === 'months'
        ? joined([months, 'month'], [rest, 'day'])
        : joined([Math.floor(months / 12), 'year'], [months % 12, 'month'], [rest, 'day'])
    },
  }
}

/** The first of them always, the others where there is something of them. */
function joined(first: [number, string], ...more: [number, string][]): string {
  const said = [first, ...more.filter(([many]) => many > 0)].map(([many, what]) => count(many, what))
  return said.length === 1 ? said[0]! : `${said.slice(0, -1).join(', ')} and ${said.at(-1)!}`
}

function wholeMonths(from: Day, to: Day): { months: number; rest: number } {
  const [one, other] = [partsOf(from), partsOf(to)]
  let months = (other.year - one.year) * 12 + other.month - one.month
  while (months > 0 && addMonths(from, months)! > to) months--
  return { months, rest: to - addMonths(from, months)! }
}

const amountOf = '(\\d{1,6}|a|an|one) (day|week|month|year)s?'

/** "Three weeks after", "plus a month", "add two days to". */
const moved: Sort = (asked) => {
  const before = new RegExp(
    `^(?:(?:what |the |which )?(?:date|day) (?:is |was |will it be |will be )?)?${amountOf} (after|from|before) (.+)$`,
    'i',
  ).exec(asked)
  const signed = new RegExp(`^(.+?)\\s*(\\+|plus|minus|-)\\s*${amountOf}$`, 'i').exec(asked)
  const verb = new RegExp(`^(add|subtract) ${amountOf} (?:to|from) (.+)$`, 'i').exec(asked)
  const said = before
    ? { many: before[1]!, what: before[2]!, isBack: before[3]!.toLowerCase() === 'before', day: before[4]! }
    : signed
      ? { many: signed[3]!, what: signed[4]!, isBack: /^(?:-|minus)$/i.test(signed[2]!), day: signed[1]! }
      : verb
        ? { many: verb[2]!, what: verb[3]!, isBack: verb[1]!.toLowerCase() === 'subtract', day: verb[4]! }
        : undefined
  const from = parseDay(said?.day ?? '')
  if (!said || from === undefined) return undefined
  const many = /^\d/.test(said.many) ? Number(said.many) : 1
  const what = said.what.toLowerCase()
  return {
    statement: `${count(many, what)} ${said.isBack ? 'before' : 'after'} ${formatDay(from)}`,
    calculate() {
      const to = movedBy(from, said.isBack ? -many : many, what)
      return `${formatDay(to)} (${weekdayOf(to)})`
    },
  }
}

function movedBy(from: Day, many: number, what: string): Day {
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

const weekday: Sort = (asked) => {
  const match =
    /^(?:on )?(?:what |which )?(?:day of the week|weekday|day) (?:(?:is|was|will|of|on|does|did|fell|falls) )?(.+?)(?: (?:be|fall(?:s)?(?: on)?|fell(?: on)?|on))?$/i.exec(
      asked,
    )
  const day = parseDay(match?.[1] ?? '')
  return day === undefined ? undefined : { statement: `weekday of ${formatDay(day)}`, calculate: () => weekdayOf(day) }
}

const leapYear: Sort = (asked) => {
  const year = Number(/^(?:is|was|will) (?:the year )?(\d{4})(?: be)? (?:a )?leap[- ]?year$/i.exec(asked)?.[1])
  if (!(year >= 1583)) return undefined
  return { statement: `leap year ${year}`, calculate: () => (isLeap(year) ? 'yes' : 'no') }
}

/** The week that ISO 8601 counts it to, which begins on a Monday and belongs to the year of its Thursday. */
const isoWeek: Sort = (asked) => {
  const match =
    /^(?:in )?(?:what |which |the )?(?:iso |calendar )?week(?: number)?(?: of the year)?(?: of)? (?:(?:is|was|does|did) )?(.+?)(?: in| fall in)?$/i.exec(
      asked,
    )
  const day = parseDay(match?.[1] ?? '')
  if (day === undefined) return undefined
  return {
    statement: `ISO week of ${formatDay(day)}`,
    calculate() {
      const thursday = day - ((day + 3) % 7) + 3
      const { year } = partsOf(thursday)
      const firstOfYear = Date.UTC(year, 0, 1) / 86_400_000
      return `week ${Math.floor((thursday - firstOfYear) / 7) + 1} of ${year}`
    },
  }
}

const dayOfYear: Sort = (asked) => {
  const day = parseDay(/^(?:what |which |the )?day of the year (?:is |was )?(.+)$/i.exec(asked)?.[1] ?? '')
  if (day === undefined) return undefined
  const { year } = partsOf(day)
  return {
    statement: `day of the year of ${formatDay(day)}`,
    calculate: () => `${day - Date.UTC(year, 0, 1) / 86_400_000 + 1} of ${isLeap(year) ? 366 : 365}`,
  }
}

const daysIn: Sort = (asked) => {
  const match =
    /^how many days (?:(?:are |were )?(?:there )?in |(?:does|did|has) )(?:the (?:month|year) (?:of )?)?(?:([a-z]+) ?)?(\d{4})?(?: have)?$/i.exec(
      asked,
    )
  if (!match) return undefined
  const year = match[2] === undefined ? undefined : Number(match[2])
  if (year !== undefined && year < 1583) return undefined
  if (match[1] === undefined)
    return year === undefined
      ? undefined
      : { statement: `days of ${year}`, calculate: () => count(isLeap(year) ? 366 : 365, 'day') }
  const month = monthNames.indexOf(match[1].toLowerCase()) + 1
  // February has 28 days or 29; without its year nobody knows.
  if (month === 0 || (month === 2 && year === undefined)) return undefined
  return {
    statement: `days of ${match[1]}${year === undefined ? '' : ` ${year}`}`,
    calculate: () => count(days(year ?? 2001, month), 'day'),
  }
}

const age: Sort = (asked) => {
  const old = /^how old (?:was|is|will|would) (?:.{1,40}? )?born (?:on )?(.+?)(?: be)? on (.+)$/i.exec(asked)
  const noun = /^(?:the )?age on (.+?) of (?:.{1,40}? )?born (?:on )?(.+)$/i.exec(asked)
  const [born, on] = [parseDay(old?.[1] ?? noun?.[2] ?? ''), parseDay(old?.[2] ?? noun?.[1] ?? '')]
  if (born === undefined || on === undefined || on < born) return undefined
  return {
    statement: `age on ${formatDay(on)} of somebody born on ${formatDay(born)}`,
    calculate: () => count(yearsOf(born, on), 'year'),
  }
}

/** Who is born on 29 February is a year older on 1 March in a year that has no such day. */
function yearsOf(born: Day, on: Day): number {
  const [from, to] = [partsOf(born), partsOf(on)]
  const hadBirthday = to.month > from.month || (to.month === from.month && to.date >= from.date)
  return to.year - from.year - (hadBirthday ? 0 : 1)
}

const clock = String.raw`(\d{1,2})(?::(\d{2}))?\s?(am|pm)?`
const hours: Sort = (asked) => {
  const match = new RegExp(
    `^(?:how many |the number of )?(hours|minutes) (?:are there |is it |are )?(?:between|from) ${clock} (?:and|to|until|till) ${clock}$`,
    'i',
  ).exec(asked)
  const [from, to] = [minutesOf(match?.slice(2, 5)), minutesOf(match?.slice(5, 8))]
  // Past midnight it would be a guess on which day it ends.
  if (!match || from === undefined || to === undefined || to < from) return undefined
  const isHours = match[1]!.toLowerCase() === 'hours'
  return {
    statement: `${match[1]!.toLowerCase()} from ${timeOf(from)} to ${timeOf(to)}`,
    calculate: () =>
      isHours
        ? `${+((to - from) / 60).toFixed(4)} hours (${joined([Math.floor((to - from) / 60), 'hour'], [(to - from) % 60, 'minute'])})`
        : count(to - from, 'minute'),
  }
}

const timeOf = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

function minutesOf(parts: (string | undefined)[] | undefined): number | undefined {
  const [hour, minute, half] = parts ?? []
  if (hour === undefined || (minute === undefined && half === undefined)) return undefined
  const [h, m] = [Number(hour), Number(minute ?? 0)]
  if (m > 59 || h > 24 || (h === 24 && m > 0) || (half !== undefined && (h > 12 || h === 0))) return undefined
  const shift = half === undefined ? h : (h % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)
  return shift * 60 + m
}

const sorts: readonly Sort[] = [between, moved, dayOfYear, weekday, leapYear, isoWeek, daysIn, age, hours]
