const months = 'january february march april may june july august september october november december'.split(' ')
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const dayMs = 86_400_000

/** A day of the Gregorian calendar, counted from 1970-01-01; days have no time zone. */
export type Day = number

/** 2024-03-01, 1 March 2024, March 1st, 2024. undefined for no such day and for 03/04/2024, which two people read as two days. */
export function parseDay(text: string): Day | undefined {
  const asked = text.trim().toLowerCase().replaceAll(/\s+/g, ' ')
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(asked)
  if (iso) return dayOf(Number(iso[1]), Number(iso[2]), Number(iso[3]))
  const dayFirst = /^(\d{1,2})(?:st|nd|rd|th)? (?:of )?([a-z]{3,9})\.?,? (\d{4})$/.exec(asked)
  if (dayFirst) return dayOf(Number(dayFirst[3]), monthOf(dayFirst[2]!), Number(dayFirst[1]))
  const monthFirst = /^([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$/.exec(asked)
  if (monthFirst) return dayOf(Number(monthFirst[3]), monthOf(monthFirst[1]!), Number(monthFirst[2]))
  return undefined
}

export const formatDay = (day: Day): string => new Date(day * dayMs).toISOString().slice(0, 10)
export const weekdayOf = (day: Day): string => weekdays[new Date(day * dayMs).getUTCDay()]!

/** The same day so many months on, or the month's last day where it has no such day. */
export function addMonths(day: Day, count: number): Day | undefined {
  const from = new Date(day * dayMs)
  const month = from.getUTCFullYear() * 12 + from.getUTCMonth() + count
  const [year, monthIndex] = [Math.floor(month / 12), ((month % 12) + 12) % 12]
  const last = new Date(Date.UTC(year, monthIndex + 1, 0)).getUTCDate()
  return dayOf(year, monthIndex + 1, Math.min(from.getUTCDate(), last))
}

/** Only years that the Gregorian calendar covers and that ISO writes with four digits. */
export function isCovered(day: Day): boolean {
  return day >= dayOf(1583, 1, 1)! && day <= dayOf(9999, 12, 31)!
}

function dayOf(year: number, month: number, day: number): Day | undefined {
  if (year < 1583 || year > 9999) return undefined
  const date = new Date(Date.UTC(year, month - 1, day))
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isReal ? date.getTime() / dayMs : undefined
}

const monthOf = (name: string): number =>
  name === 'sept' ? 9 : months.findIndex((month) => month === name || month.slice(0, 3) === name) + 1
