import { readFile } from 'node:fs/promises'
import { NitroError } from '@nitroagi/shared/errors'
import { bytesInMemory, withFileBytes } from './byte-source.ts'
import type { PagePicture } from './page-picture.ts'
import { readPictureHeader } from './picture-header.ts'

const megapixelsAtMost = 50
/** Reading letters takes time and memory by the pixel, and nobody needs more to read by. */
const readingPixels = 12_000_000

/** As a reader of letters wants it, upright; `width` for somebody who looks at it. The first of several, when it moves. */
export async function drawPictureFile(path: string, width?: number): Promise<PagePicture> {
  const size = await withFileBytes(path, sizeOf)
  if (size === undefined) throw damaged()
  if (size.width * size.height > megapixelsAtMost * 1_000_000) {
    throw new NitroError(
      'document_too_large',
      `This picture has ${size.width.toLocaleString('en')} × ${size.height.toLocaleString('en')} pixels; at most ${megapixelsAtMost} million are taken. Make it smaller.`,
    )
  }
  return drawPicture(await readFile(path), width)
}

/** Undefined for one that is too large, or of a kind that is not known: pictures inside of documents. */
export async function drawPictureInside(bytes: Buffer): Promise<PagePicture | undefined> {
  const size = await sizeOf(bytesInMemory(bytes))
  if (!size || size.width < 40 || size.height < 20 || size.width * size.height > megapixelsAtMost * 1_000_000)
    return undefined
  return drawPicture(bytes).catch(() => undefined)
}

async function sizeOf(source: Parameters<typeof readPictureHeader>[0]) {
  const head = await source.read(0, 26)
  if (head.length === 26 && head.toString('latin1', 0, 2) === 'BM') {
    return { width: Math.abs(head.readInt32LE(18)), height: Math.abs(head.readInt32LE(22)) }
  }
  const header = await readPictureHeader(source)
  return header === 'damaged' ? undefined : header
}

async function drawPicture(bytes: Buffer, width?: number): Promise<PagePicture> {
  const { createCanvas, loadImage } = await import('@napi-rs/canvas')
  const image = await loadImage(bytes).catch((cause: unknown) => {
    throw damaged(cause)
  })
  if (!(image.width > 0 && image.height > 0)) throw damaged()
  const scale = Math.min(
    width === undefined ? 1 : width / image.width,
    Math.sqrt(readingPixels / (image.width * image.height)),
  )
  const canvas = createCanvas(
    Math.max(1, Math.round(image.width * scale)),
    Math.max(1, Math.round(image.height * scale)),
  )
  const pen = canvas.getContext('2d')
  // What is transparent is shown on white, as everywhere.
  pen.fillStyle = 'white'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.drawImage(image, 0, 0, canvas.width, canvas.height)
  return { png: await canvas.encode('png'), width: canvas.width, height: canvas.height }
}

const damaged = (cause?: unknown) =>
  new NitroError('document_corrupt', 'This picture is damaged and cannot be opened. Save it again.', { cause })
