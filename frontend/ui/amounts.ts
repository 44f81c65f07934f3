const dollars = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' })
const small = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', maximumSignificantDigits: 2 })
const counts = new Intl.NumberFormat('en')

/** A call often costs less than a cent: that is not nothing. */
export const usdWords = (usd: number): string => (usd > 0 && usd < 0.01 ? small : dollars).format(usd)

export const countWords = (count: number): string => counts.format(count)

const dates = new Intl.DateTimeFormat('en', { dateStyle: 'medium' })
const moments = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })

export const dayWords = (moment: string): string => dates.format(new Date(moment))

export const momentWords = (moment: string): string => moments.format(new Date(moment))

/** The first day of a month, as the name of the month; it is counted in UTC. */
export const monthWords = (day: string): string =>
  new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(day))
