import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { setPriority, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { createWorker, OEM, type Line, type Page } from 'tesseract.js'
import { languageFile } from './languages.ts'
import { withPlainOrientation } from './orientation.ts'
import type { PictureText, PictureWord } from './port.ts'

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

const worker = openWorker(process.argv.slice(2))
// Said to whoever asks first.
worker.catch(() => {})

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

/** The engine wants all of its languages in one folder; each has a package of its own. */
async function openWorker(languages: readonly string[]) {
  const files = languages.flatMap((language) => languageFile(language) ?? [])
  const folder = files.length === 1 ? undefined : await mkdtemp(join(tmpdir(), 'nitro-ocr-'))
  try {
    if (folder) for (const file of files) await symlink(file, join(folder, basename(file)))
    return await createWorker([...languages], OEM.LSTM_ONLY, {
      langPath: folder ?? dirname(files[0]!),
      // Nothing is fetched and nothing kept.
      cacheMethod: 'none',
      gzip: true,
      // Without one it throws in the middle of an event, past everybody who waits.
      errorHandler: () => {},
    })
  } finally {
    if (folder) await rm(folder, { recursive: true, force: true })
  }
}

function textOf({ blocks }: Page): PictureText {
  const read = (blocks ?? []).flatMap(({ paragraphs }) => paragraphs.flatMap(({ lines }) => lines)).filter(isText)
  const lines = read.map(({ text }) => text.replace(/\s+/g, ' ').trim())
  const sure = read.flatMap(({ words }) => words.map(({ confidence }) => confidence))
  const sum = sure.reduce((total, confidence) => total + confidence, 0)
  return {
    lines,
    confidence: sure.length === 0 ? null : Math.round(sum / sure.length) / 100,
    words: read.flatMap((line, index) => placesOf(line, lines[index]!, index)),
  }
}

function placesOf({ words }: Line, text: string, line: number): PictureWord[] {
  let at = 0
  return words.flatMap((word) => {
    const said = word.text.trim()
    const start = said === '' ? -1 : text.indexOf(said, at)
    if (start === -1) return []
    at = start + said.length
    const { x0, y0, x1, y1 } = word.bbox
    return [{ line, start, end: at, x: x0, y: y0, width: x1 - x0, height: y1 - y0 }]
  })
}

const isText = ({ confidence, words }: Line): boolean =>
  confidence >= maybeALine && words.some((word) => word.confidence >= surelyAWord && /[\p{L}\p{N}]/u.test(word.text))

const send = (reply: OcrReply) => process.send?.(reply)
