/** Reads what people write into cells: numbers with their marks, dates in their orders, yes and no. */

export interface ReadNumber {
  /** With a point, without thousands marks: "-1234.50". */
  digits: string
  decimals: number
  unit: string | null
  /** How certain the separators make it which of them is the decimal one; undefined when both readings work. */
  comma: boolean | undefined
}

const plain = /^\d+$/
const pointed = /^(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.\d+)$/
const comma = /^(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d*,\d+)$/
const spaced = /^\d{1,3}(?:[\u0020\u00a0\u202f'’]\d{3})+(?:[.,]\d+)?$/
const exponent = /^\d+(?:\.\d+)?[eE][+-]?\d{1,3}$/
const before = /^(?:(US\$|CA\$|A\$|HK\$|[$€£¥₹₩₽]|USD|EUR|GBP|CHF|JPY|kr|R\$)\s?)/
const behind = /\s?([\p{L}°%‰µΩ€$£¥₹/²³]{1,8})$/u

export function readNumber(text: string, hint: boolean): ReadNumber | undefined {
  let core = text.trim().replace(/[−–](?=[\d.,$€£])/, '-')
  if (core.length > 40 || !/\d/.test(core)) return undefined
  let sign = ''
  if (/^\(.*\)$/.test(core)) [sign, core] = ['-', core.slice(1, -1).trim()]
  const take = () => {
    const found = /^[+-]\s?/.exec(core)
    if (!found) return
    if (found[0].startsWith('-')) sign = sign === '-' ? '' : '-'
    core = core.slice(found[0].length)
  }
  take()
  let unit: string | null = null
  const prefix = before.exec(core)
  if (prefix) {
    unit = prefix[1]!
    core = core.slice(prefix[0].length)
    take()
  }
  if (!exponent.test(core)) {
    const suffix = behind.exec(core)
    if (suffix) {
      if (unit !== null) return undefined
      unit = suffix[1]!
      core = core.slice(0, suffix.index)
    }
  }
  const read = separators(core, hint)
  return read && { ...read, digits: sign + read.digits, unit }
}

function separators(core: string, hint: boolean): Omit<ReadNumber, 'unit'> | undefined {
  // What begins with a zero is a code: a postal code, an article's number.
  if (/^0\d/.test(core)) return undefined
  if (plain.test(core)) return { digits: core, decimals: 0, comma: undefined }
  if (exponent.test(core)) return { digits: String(Number(core)), decimals: 6, comma: false }
  const isPointed = pointed.test(core)
  const isComma = comma.test(core)
  if (isPointed || isComma) {
    const isBoth = isPointed && isComma
    const asComma = isBoth ? hint : isComma
    const whole = asComma ? core.replaceAll('.', '').replace(',', '.') : core.replaceAll(',', '')
    return { ...pointOf(whole), comma: isBoth ? undefined : asComma }
  }
  if (!spaced.test(core)) return undefined
  const joined = core.replace(/[\u0020\u00a0\u202f'’]/g, '')
  return { ...pointOf(joined.replace(',', '.')), comma: joined.includes(',') ? true : undefined }
}

function pointOf(digits: string) {
  const at = digits.indexOf('.')
  return { digits: at === 0 ? `0${digits}` : digits, decimals: at === -1 ? 0 : digits.length - at - 1 }
}

export type DayOrder = 'dmy' | 'mdy'

const clock = String.raw`(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?`
const yearFirst = new RegExp(String.raw`^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?${clock}$`)
const dotted = new RegExp(String.raw`^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})${clock}$`)
const slashed = new RegExp(String.raw`^(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})${clock}$`)
const dayName = /^(\d{1,2})(?:\.|st|nd|rd|th)?[\s-](?:de\s)?(\p{L}{3,10})\.?,?[\s-](?:de\s)?(\d{4}|\d{2})$/u
const nameDay = /^(\p{L}{3,10})\.?\s(\d{1,2})(?:st|nd|rd|th)?,?\s(\d{4})$/u
const nameYear = /^(\p{L}{3,10})\.?[\s-](\d{4})$/u

/** ISO text; `order` says which way round days and months stand where that is not plain. */
export function readDate(text: string, order: DayOrder): string | undefined {
  const given = text.trim()
  if (given.length < 6 || given.length > 40 || !/\d{2}/.test(given)) return undefined
  let match = yearFirst.exec(given)
  if (match) {
    const [, year, month, day] = match
    if (day === undefined)
      return match[4] === undefined && Number(month) >= 1 && Number(month) <= 12 && given.includes('-')
        ? `${year}-${pad(month!)}`
        : undefined
    return iso(year!, month!, day, match.slice(4))
  }
  match = dotted.exec(given)
  if (match) return iso(match[3]!, match[2]!, match[1]!, match.slice(4))
  match = slashed.exec(given)
  if (match) {
    const [, first, second, year] = match
    return order === 'dmy' ? iso(year!, second!, first!, match.slice(4)) : iso(year!, first!, second!, match.slice(4))
  }
  match = dayName.exec(given)
  if (match) return named(match[3]!, match[2]!, match[1]!)
  match = nameDay.exec(given)
  if (match) return named(match[3]!, match[1]!, match[2]!)
  match = nameYear.exec(given)
  const month = match && monthOf(match[1]!)
  return month ? `${match![2]}-${pad(String(month))}` : undefined
}

/** Which order a cell proves; undefined when both are possible or it is no such date. */
export function dayOrderOf(text: string): DayOrder | 'either' | undefined {
  const match = slashed.exec(text.trim())
  if (!match) return undefined
  const [first, second] = [Number(match[1]), Number(match[2])]
  if (first > 12 && second <= 12) return 'dmy'
  if (second > 12 && first <= 12) return 'mdy'
  return first <= 12 && second <= 12 ? 'either' : undefined
}

function named(year: string, name: string, day: string): string | undefined {
  const month = monthOf(name)
  return month === undefined ? undefined : iso(year, String(month), day, [])
}

function iso(year: string, month: string, day: string, time: (string | undefined)[]): string | undefined {
  const full = year.length === 2 ? Number(year) + (Number(year) < 70 ? 2_000 : 1_900) : Number(year)
  const date = new Date(Date.UTC(full, Number(month) - 1, Number(day)))
  date.setUTCFullYear(full)
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined
  const text = `${String(full).padStart(4, '0')}-${pad(month)}-${pad(day)}`
  const [hour, minute, second, half] = time
  if (hour === undefined) return text
  const shift =
    half === undefined ? 0 : /^p/i.test(half) ? (Number(hour) === 12 ? 0 : 12) : Number(hour) === 12 ? -12 : 0
  const at = Number(hour) + shift
  return at > 23 || Number(minute) > 59 ? undefined : `${text} ${pad(String(at))}:${minute}:${second ?? '00'}`
}

const pad = (part: string) => part.padStart(2, '0')

const months: readonly (readonly string[])[] = [
  ['jan', 'ene'],
  ['feb', 'fev', 'fév'],
  ['mar', 'mär', 'mrz'],
  ['apr', 'abr', 'avr'],
  ['may', 'mai'],
  ['jun', 'juin'],
  ['jul', 'juil'],
  ['aug', 'ago', 'aoû', 'aou'],
  ['sep'],
  ['oct', 'okt'],
  ['nov'],
  ['dec', 'dez', 'dic', 'déc'],
]
const monthNames =
  /^(?:jan(?:uar[iy]?|uary|vier)?|enero|ene|feb(?:ruar[yi]?|rero)?|f[ée]v(?:rier|r)?|mar(?:ch|s|zo)?|mär(?:z)?|mrz|apr(?:il)?|abr(?:il)?|avr(?:il)?|may|mayo|mai|june?|juni|junio|juin|jul[yi]?|julio|juil(?:let)?|aug(?:ust)?|agosto|ago|ao[uû]t|sept?(?:ember|embre|iembre|tembre)?|oct(?:ober|ubre|obre)?|okt(?:ober)?|nov(?:ember|embre|iembre)?|dec(?:ember)?|dez(?:ember)?|dic(?:iembre)?|d[ée]c(?:embre)?)$/

/** 1 to 12 for a month's name or its usual abbreviation in English, German, French or Spanish. */
export function monthOf(name: string): number | undefined {
  const lower = name.toLowerCase()
  if (!monthNames.test(lower)) return undefined
  // "juin" and "juillet" begin alike.
  if (lower.startsWith('juil')) return 7
  const at = months.findIndex((starts) => starts.some((start) => lower.startsWith(start)))
  return at === -1 ? undefined : at + 1
}

const yes = new Set(['true', 'yes', 'y', 'ja', 'oui', 'si', 'sí', 'wahr', 'vrai', 'verdadero'])
const no = new Set(['false', 'no', 'n', 'nein', 'non', 'falsch', 'faux', 'falso'])

export function readBoolean(text: string): boolean | undefined {
  const lower = text.trim().toLowerCase()
  if (lower.length > 9) return undefined
  return yes.has(lower) ? true : no.has(lower) ? false : undefined
}

/** What people write where they have no value. */
export const isBlank = (text: string): boolean =>
  /^(?:|[-–—.?]|--+|n\.?\/?a\.?|#n\/a|null|nil|none|nan|k\.\s?a\.|unbekannt|unknown|missing)$/i.test(text.trim())

/** In a column of text, "none" and "unknown" are values as others are. */
export const isBlankText = (text: string): boolean => /^(?:|[-–—]|n\/a|#n\/a|null)$/i.test(text.trim())
