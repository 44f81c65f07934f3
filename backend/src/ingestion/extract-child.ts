import { NitroError } from '@nitroagi/shared/errors'
import type { PictureText } from '../ports/ocr/port.ts'
import type { ExtractAnswer, ExtractReply, ExtractRequest } from './extract.ts'
import type { PageSink } from './page-sink.ts'
import { readFileInto } from './read-file.ts'

/** Pages on their way that the parent has not stored yet; more wait here instead of filling its memory. */
const windowPages = 64

let room = windowPages
let wake: (() => void) | undefined
let heard: ((letters: PictureText | undefined) => void) | undefined

process.on('message', (message: ExtractRequest | ExtractAnswer) => {
  if ('path' in message) void extract(message)
  else if (message.type === 'letters') heard?.(message.letters)
  else {
    room += message.pages
    wake?.()
  }
})
// Nobody is left to read for.
process.on('disconnect', () => process.exit(1))

async function extract({ fromPage, ...file }: ExtractRequest): Promise<void> {
  let number = 0
  const sink: PageSink = {
    total: (pages) => send({ type: 'total', pages }),
    notice: (text) => send({ type: 'notice', text }),
    date: (date) => send({ type: 'date', date: date.toISOString() }),
    table: (table) => send({ type: 'table', table }),
    busy: () => send({ type: 'busy' }),
    isStored: () => number + 1 < fromPage,
    async page(page) {
      number++
      if (number < fromPage) return
      while (room === 0) await new Promise<void>((resolve) => (wake = resolve))
      room--
      send({ type: 'page', number, ...page })
    },
    letters: (picture) =>
      new Promise((resolve) => {
        heard = resolve
        send({ type: 'picture', picture })
      }),
  }
  try {
    await readFileInto(file, sink)
    send({ type: 'total', pages: number })
    send({ type: 'done' })
  } catch (error) {
    if (error instanceof NitroError) send({ type: 'failed', code: error.code, message: error.message })
    else send({ type: 'failed', code: 'document_corrupt', message: corrupt, detail: String(error).slice(0, 500) })
  }
}

const corrupt = 'The file is damaged or not what it claims to be, so its text could not be read'

const send = (reply: ExtractReply) => process.send?.(reply)
