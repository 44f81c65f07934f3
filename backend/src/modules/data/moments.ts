import { fold, type Token } from './words.ts'

/** A time that a question names: a stretch of days, or what every year has, such as March or Mondays. */
export type Moment =
  { kind: 'range'; from: string; to: string } | { kind: 'part'; part: 'month of year' | 'weekday'; values: number[] }

const months = [
  /^jan(?:uary|uar|vier)?$|^enero$/,
  /^feb(?:ruary|ruar|rero)?$|^fevrier$/,
  /^mar(?:ch|s|zo)?$|^marz$/,
  /^apr(?:il)?$|^abril$|^avril$/,
  /^may$|^mai$|^mayo$/,
  /^june?$|^juni$|^junio$|^juin$/,
  /^july?$|^juli$|^julio$|^juillet$/,
  /^aug(?:ust)?$|^agosto$|^aout$/,
  /^sept?(?:ember|embre|iembre|tembre)?$/,
  /^o[ck]t(?:ober|ubre|obre)?$/,
  /^nov(?:ember|embre|iembre)?$/,
  /^de[cz](?:ember|embre)?$|^dic(?:iembre)?$/,
]
const weekdays = [
  /^sundays?$|^sonntags?$/,
  /^mondays?$|^montags?$/,
  /^tuesdays?$|^dienstags?$/,
  /^wednesdays?$|^mittwochs?$/,
  /^thursdays?$|^donnerstags?$/,
  /^fridays?$|^freitags?$/,
  /^saturdays?$|^samstags?$/,
]
const quarterWords = ['first', 'second', 'third', 'fourth']

const two = (value: number) => String(value).padStart(2, '0')
const yearOf = (token: Token | undefined) => (token && /^(?:19|20)\d\d$/.test(token.text) ? token.text : undefined)
const dayOf = (token: Token | undefined) => {
  const day = /^(\d{1,2})$/.exec(token?.text ?? '')?.[1]
  return day !== undefined && Number(day) >= 1 && Number(day) <= 31 ? Number(day) : undefined
}

const monthAt = (token: Token | undefined): number | undefined => {
  if (!token) return undefined
  const at = months.findIndex((pattern) => pattern.test(fold(token.text)))
  // "may" and "mar" are other words, too, unless they are written as names.
  const isName = token.text !== token.word || token.word.length > 3
  return at >= 0 && isName ? at + 1 : undefined
}

/** The moment that begins at a token, and where it ends. Years count only where the table has dates. */
export function momentAt(tokens: readonly Token[], from: number): { moment: Moment; to: number } | undefined {
  const [one, next, third] = tokens.slice(from, from + 3)
  const found = (length: number, moment: Moment) => ({ moment, to: from + length })
  const stretch = (length: number, first: string, last = first) =>
    found(length, { kind: 'range', from: first, to: last })

  const iso = /^(\d{4}-\d{2}(?:-\d{2})?)$/.exec(one!.text)?.[1]
  if (iso) return stretch(1, iso)
  const german = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(one!.text)
  if (german) return stretch(1, `${german[3]}-${two(Number(german[2]))}-${two(Number(german[1]))}`)

  const quarter = quarterAt(tokens, from)
  if (quarter) return quarter
  // 5 March 2024, 5. März 2024
  const day = dayOf(one)
  if (day !== undefined) {
    const gap = next?.word === 'of' || next?.word === 'de' ? 1 : 0
    const month = monthAt(tokens[from + 1 + gap])
    const year = month && yearOf(tokens[from + 2 + gap])
    if (year) return stretch(3 + gap, `${year}-${two(month)}-${two(day)}`)
  }
  const month = monthAt(one)
  if (month !== undefined) {
    const monthDay = dayOf(next)
    const year = yearOf(third)
    if (monthDay !== undefined && year) return stretch(3, `${year}-${two(month)}-${two(monthDay)}`)
    const gap = next?.word === 'of' || next?.word === 'de' ? 1 : 0
    const only = yearOf(tokens[from + 1 + gap])
    if (only) return stretch(2 + gap, `${only}-${two(month)}`)
    return found(1, { kind: 'part', part: 'month of year', values: [month] })
  }
  const weekday = weekdays.findIndex((pattern) => pattern.test(one!.word))
  if (weekday >= 0) return found(1, { kind: 'part', part: 'weekday', values: [weekday] })
  if (/^weekends?$/.test(one!.word)) return found(1, { kind: 'part', part: 'weekday', values: [0, 6] })
  const year = yearOf(one)
  return year ? stretch(1, year) : undefined
}

function quarterAt(tokens: readonly Token[], from: number): { moment: Moment; to: number } | undefined {
  const [one, next, third] = tokens.slice(from, from + 3)
  const named = /^q([1-4])$/.exec(one!.word)?.[1]
  const ordinal = quarterWords.indexOf(one!.word) + 1
  const number = named
    ? Number(named)
    : ordinal > 0 && next && /^(?:quarter|quartal)$/.test(next.word)
      ? ordinal
      : undefined
  if (!number) {
    const year = yearOf(one)
    const behind = year && /^q([1-4])$/.exec(next?.word ?? '')?.[1]
    return behind ? { moment: quarterOf(year, Number(behind)), to: from + 2 } : undefined
  }
  const length = named ? 1 : 2
  const gap = tokens[from + length]?.word === 'of' ? 1 : 0
  const year = yearOf(named ? (gap ? third : next) : tokens[from + length + gap])
  if (year) return { moment: quarterOf(year, number), to: from + length + gap + 1 }
  const first = number * 3 - 2
  return { moment: { kind: 'part', part: 'month of year', values: [first, first + 1, first + 2] }, to: from + length }
}

const quarterOf = (year: string, quarter: number): Moment => ({
  kind: 'range',
  from: `${year}-${two(quarter * 3 - 2)}`,
  to: `${year}-${two(quarter * 3)}`,
})
