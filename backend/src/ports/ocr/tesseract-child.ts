import { createRequire } from 'node:module'
import { setPriority } from 'node:os'
import { dirname, join } from 'node:path'
import { createWorker, OEM, type Line, type Page } from 'tesseract.js'
import { withPlainOrientation } from './orientation.ts'
import type { PictureText } from './port.ts'

/** A process of its own: what the decoders of pictures do to their memory stays here, and ends with it. */
export interface OcrRequest {
  id: number
  picture: Uint8Array
}

export type OcrReply = { id: number; text: PictureText } | { id: number; failure: string }

/** Of 100. Edges and shadows are taken for letters too, but never surely. */
const surelyAWord = 60
const maybeALine = 50

// People who chat go first.
setPriority(10)

// The package has no types of its own.
const require = createRequire(import.meta.url)
const english = require('@tesseract.js-data/eng') as { langPath: string }

const worker = createWorker('eng', OEM.LSTM_ONLY, {
  // Nothing is fetched and nothing written.
  // It names its data for the older engine too; beside that stands the one for this engine, a quarter of its size.
  langPath: join(dirname(english.langPath), '4.0.0_best_int'),
  cacheMethod: 'none',
  gzip: true,
  // Without one it throws in the middle of an event, past everybody who waits.
  errorHandler: () => {},
})

process.on('message', ({ id, picture }: OcrRequest) => void read(id, picture))
// Nobody is left to read for.
process.on('disconnect', () => process.exit(0))

async function read(id: number, picture: Uint8Array): Promise<void> {
  try {
    const upright = withPlainOrientation(Buffer.from(picture))
    const { data } = await (await worker).recognize(upright, {}, { text: false, blocks: true })
    send({ id, text: textOf(data) })
  } catch (error) {
    send({ id, failure: String(error).slice(0, 500) })
  }
}

function textOf({ blocks }: Page): PictureText {
  const lines = (blocks ?? []).flatMap(({ paragraphs }) => paragraphs.flatMap(({ lines }) => lines)).filter(isText)
  const words = lines.flatMap(({ words }) => words)
  const sum = words.reduce((total, { confidence }) => total + confidence, 0)
  return {
    lines: lines.map(({ text }) => text.replace(/\s+/g, ' ').trim()),
    confidence: words.length === 0 ? null : Math.round(sum / words.length) / 100,
  }
}

const isText = ({ confidence, words }: Line): boolean =>
  confidence >= maybeALine && words.some((word) => word.confidence >= surelyAWord && /[\p{L}\p{N}]/u.test(word.text))

const send = (reply: OcrReply) => process.send?.(reply)
