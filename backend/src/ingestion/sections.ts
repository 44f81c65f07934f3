/** A part of a document that is no page of paper: a slide, a chapter, an attachment. Long ones become several pages. */
export interface Section {
  text: string
  label?: string
}

/** What reading a format finds besides text. */
export interface Findings {
  notice(text: string): void
  /** When it was written, sent or published, where it says so itself. */
  date(date: Date): void
}

/** Undefined for what is no date, or none of a document's. */
export function saneDate(said: string | undefined): Date | undefined {
  const date = new Date(said ?? '')
  const year = date.getUTCFullYear()
  return year >= 1970 && year <= 2200 ? date : undefined
}
