import { readFile } from 'node:fs/promises'
import { NitroError } from '@nitroagi/shared/errors'
import { getDocumentProxy } from 'unpdf'
import { cleanText } from './pages.ts'

export interface PageSink {
  total(pages: number): void
  notice(text: string): void
  page(number: number, text: string): Promise<void>
}

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>
type PdfPage = Awaited<ReturnType<Pdf['getPage']>>

/** Page by page, letting go of each before the next. A page that breaks is empty; when all are, so is the document. */
export async function readPdf(path: string, fromPage: number, sink: PageSink): Promise<void> {
  const bytes = await readFile(path)
  if (!bytes.subarray(-2_048).includes('%%EOF')) {
    sink.notice('The file is damaged or was cut; what could be recovered of it was read')
  }
  const pdf = await open(bytes)
  sink.total(pdf.numPages)
  let broken = 0
  for (let number = fromPage; number <= pdf.numPages; number++) {
    let text = ''
    try {
      const page = await pdf.getPage(number)
      text = `${await textOf(page)}\n\n${await fieldsOf(page)}`
      page.cleanup()
    } catch {
      broken++
    }
    await sink.page(number, cleanText(text).trim())
  }
  if (broken > 0 && broken === pdf.numPages) {
    throw new NitroError('document_corrupt', 'None of the pages of this PDF can be read; the file is damaged')
  }
  await pdf.cleanup()
}

async function open(bytes: Buffer): Promise<Pdf> {
  try {
    return await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0, stopAtErrors: false })
  } catch (error) {
    if (error instanceof Error && error.name === 'PasswordException') {
      throw new NitroError(
        'document_password',
        'This PDF opens with a password only. Save it without one and upload it again.',
      )
    }
    throw new NitroError('document_corrupt', 'This PDF is damaged or incomplete and cannot be opened', { cause: error })
  }
}

interface Item {
  str: string
  transform: number[]
  width: number
  height: number
  hasEOL: boolean
}

/** The pieces in the order that the file draws them, with lines and paragraphs by their places. */
async function textOf(page: PdfPage): Promise<string> {
  const { items } = await page.getTextContent()
  let text = ''
  let last: Item | undefined
  for (const item of items as Item[]) {
    if (typeof item.str !== 'string') continue
    if (item.str !== '') {
      if (last && !/\s$/.test(text)) text += between(last, item)
      else if (last && /\n$/.test(text) && gapOf(last, item) > 1.8) text += '\n'
      text += item.str
      last = item
    }
    if (item.hasEOL && !text.endsWith('\n')) text += '\n'
  }
  return joinHyphens(text)
}

/** How far below the last piece this one begins, in heights of its letters. */
function gapOf(last: Item, item: Item): number {
  const height = Math.max(last.height, item.height, 1)
  return Math.abs((last.transform[5] ?? 0) - (item.transform[5] ?? 0)) / height
}

function between(last: Item, item: Item): string {
  const gap = gapOf(last, item)
  if (gap > 1.8) return '\n\n'
  if (gap > 0.6) return '\n'
  const space = (item.transform[4] ?? 0) - ((last.transform[4] ?? 0) + last.width)
  return Math.abs(space) > Math.max(last.height, item.height, 1) * 0.15 ? ' ' : ''
}

/** A word that was cut at the end of a line is one word. */
const joinHyphens = (text: string) => text.replace(/(\p{Ll})[-\u00AD]\n(?=\p{Ll})/gu, '$1')

/** What was filled into a form stands beside the page, not on it. */
async function fieldsOf(page: PdfPage): Promise<string> {
  const annotations = (await page.getAnnotations()) as {
    fieldName?: string
    fieldValue?: unknown
    fieldType?: string
  }[]
  return annotations
    .filter(
      (field) => field.fieldType === 'Tx' && typeof field.fieldValue === 'string' && field.fieldValue.trim() !== '',
    )
    .map((field) => `${field.fieldName}: ${String(field.fieldValue)}`)
    .join('\n')
}
