import { NitroError } from '@nitroagi/shared/errors'
import type { PdfPage } from './pdf-file.ts'

export interface PagePicture {
  png: Buffer
  width: number
  height: number
}

/** Letters of ten points are read well from so many. */
const dotsPerInch = 200
const sideAtMost = 5_000
const pixelsAtMost = 12_000_000

/** As a reader of letters wants it. The same page gives the same picture every time. */
export const drawForReading = (page: PdfPage) => draw(page, dotsPerInch / 72)

/** As somebody looks at it. */
export const drawForViewing = (page: PdfPage, width: number) => draw(page, width / page.getViewport({ scale: 1 }).width)

async function draw(page: PdfPage, wantedScale: number): Promise<PagePicture> {
  const plain = page.getViewport({ scale: 1 })
  if (!(plain.width > 0 && plain.height > 0)) {
    throw new NitroError('document_corrupt', 'This page says no size, so that it cannot be drawn')
  }
  const scale = Math.min(
    wantedScale,
    sideAtMost / Math.max(plain.width, plain.height),
    Math.sqrt(pixelsAtMost / (plain.width * plain.height)),
  )
  const viewport = page.getViewport({ scale })
  const { createCanvas } = await import('@napi-rs/canvas')
  const canvas = createCanvas(Math.max(1, Math.round(viewport.width)), Math.max(1, Math.round(viewport.height)))
  // Made for browsers' canvases; this one has the same methods.
  await page.render({ canvas: canvas as never, viewport, background: 'white' }).promise
  return { png: await canvas.encode('png'), width: canvas.width, height: canvas.height }
}
