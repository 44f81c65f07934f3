import { open } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { NitroError } from '@nitroagi/shared/errors'
import {
  getDocument,
  PDFDataRangeTransport,
  type PDFDocumentProxy,
  type PDFPageProxy,
  VerbosityLevel,
} from 'pdfjs-dist/legacy/build/pdf.mjs'

export type Pdf = PDFDocumentProxy
export type PdfPage = PDFPageProxy

// Character maps of Asian fonts, shapes of the fonts that no file brings, decoders of pictures: all out of the package.
const folder = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'))
const data = {
  cMapUrl: `${folder}/cmaps/`,
  standardFontDataUrl: `${folder}/standard_fonts/`,
  wasmUrl: `${folder}/wasm/`,
  iccUrl: `${folder}/iccs/`,
}

/** What one picture inside may have, so that a few bytes that claim a billion pixels are not drawn. */
const picturePixels = 60_000_000
const rangeBytes = 256 * 1024

/** Of the file only those parts are read that are asked for, so that a large one is not held whole. */
export async function withPdf<Result>(
  path: string,
  work: (pdf: Pdf, isWhole: boolean) => Promise<Result>,
): Promise<Result> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const read = async (begin: number, end: number) => {
      const bytes = Buffer.alloc(Math.max(0, end - begin))
      const { bytesRead } = await file.read(bytes, 0, bytes.length, begin)
      // Its own memory, because it is handed over whole.
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytesRead).slice()
    }
    const tail = Buffer.from(await read(Math.max(0, size - 2_048), size))
    const transport = new PDFDataRangeTransport(size, await read(0, Math.min(size, rangeBytes)))
    let fail: (cause: unknown) => void = () => {}
    const unread = new Promise<never>((_, reject) => (fail = reject))
    unread.catch(() => {})
    transport.requestDataRange = (begin: number, end: number) =>
      void read(begin, end).then((chunk) => transport.onDataRange(begin, chunk), fail)
    const loading = getDocument({
      ...data,
      range: transport,
      rangeChunkSize: rangeBytes,
      disableAutoFetch: true,
      disableStream: true,
      maxImageSize: picturePixels,
      stopAtErrors: false,
      useSystemFonts: false,
      verbosity: VerbosityLevel.ERRORS,
    })
    try {
      const pdf = await Promise.race([loading.promise, unread]).catch((error: unknown) => {
        throw reasonOf(error)
      })
      return await Promise.race([work(pdf, tail.includes('%%EOF')), unread])
    } finally {
      await loading.destroy()
    }
  } finally {
    await file.close()
  }
}

function reasonOf(error: unknown): NitroError {
  if (error instanceof Error && error.name === 'PasswordException') {
    return new NitroError(
      'document_password',
      'This PDF opens with a password only. Save it without one and upload it again.',
    )
  }
  return new NitroError('document_corrupt', 'This PDF is damaged or incomplete and cannot be opened', { cause: error })
}
