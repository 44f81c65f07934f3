import { NitroError } from '@nitroagi/shared/errors'
import { readDocx } from './docx.ts'
import type { ExtractReply, ExtractRequest } from './extract.ts'
import { readHtml } from './html.ts'
import { cleanText, splitIntoPages } from './pages.ts'
import { readPdf } from './pdf.ts'
import { isTableType, readTables } from './read-tables.ts'
import { tablePages } from './table-text.ts'
import { readText } from './text-file.ts'

/** Pages on their way that the parent has not stored yet; more wait here instead of filling its memory. */
const windowPages = 16

let room = windowPages
let wake: (() => void) | undefined

process.on('message', (message: ExtractRequest | 'stored') => {
  if (message === 'stored') {
    room++
    wake?.()
  } else void extract(message)
})
// Nobody is left to read for.
process.on('disconnect', () => process.exit(1))

async function extract({ path, type, fromPage, title }: ExtractRequest): Promise<void> {
  try {
    if (type === 'application/pdf') {
      await readPdf(path, fromPage, {
        total: (pages) => send({ type: 'total', pages }),
        notice: (text) => send({ type: 'notice', text }),
        page,
      })
    } else if (isTableType(type)) {
      let number = 0
      for await (const table of readTables(path, type, () => send({ type: 'busy' }))) {
        send({ type: 'table', table: table.description })
        for (const { text } of tablePages(table, title)) {
          number++
          if (number >= fromPage) await page(number, text)
        }
      }
      send({ type: 'total', pages: number })
    } else {
      let number = 0
      for (const text of splitIntoPages(cleanText(await textOf(path, type)))) {
        number++
        if (number >= fromPage) await page(number, text)
      }
      send({ type: 'total', pages: number })
    }
    send({ type: 'done' })
  } catch (error) {
    if (error instanceof NitroError) send({ type: 'failed', code: error.code, message: error.message })
    else send({ type: 'failed', code: 'document_corrupt', message: corrupt, detail: String(error).slice(0, 500) })
  }
}

const corrupt = 'The file is damaged or not what it claims to be, so its text could not be read'

function textOf(path: string, type: ExtractRequest['type']): Promise<string> {
  switch (type) {
    case 'application/vnd.openxmlformats-officedocument.wordprocessingml.document':
      return readDocx(path)
    case 'text/html':
      return readHtml(path)
    default:
      return readText(path)
  }
}

async function page(number: number, text: string): Promise<void> {
  while (room === 0) await new Promise<void>((resolve) => (wake = resolve))
  room--
  send({ type: 'page', number, text })
}

const send = (reply: ExtractReply) => process.send?.(reply)
