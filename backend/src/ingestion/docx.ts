import { NitroError } from '@nitroagi/shared/errors'
import mammoth from 'mammoth'
import { markupToText } from './html.ts'
import { zipEntries } from './zip.ts'

/** What a document may unpack to. Real ones of 100 MB are pictures, which hardly shrink. */
const unpackedBytes = 250 * 1024 * 1024
const xmlBytes = 60 * 1024 * 1024

export async function readDocx(path: string): Promise<string> {
  const entries = await zipEntries(path)
  const total = entries.reduce((sum, entry) => sum + entry.unpackedBytes, 0)
  const xml = entries
    .filter((entry) => /\.(xml|rels)$/.test(entry.name))
    .reduce((sum, entry) => sum + entry.unpackedBytes, 0)
  if (total > unpackedBytes || xml > xmlBytes || entries.length > 20_000) {
    throw new NitroError(
      'document_too_large',
      `The document unpacks to ${Math.round(total / 1024 / 1024)} MB, more than can be taken in`,
    )
  }
  // Pictures would become data: addresses of many megabytes.
  const { value } = await mammoth.convertToHtml(
    { path },
    { convertImage: mammoth.images.imgElement(async () => ({ src: '' })) },
  )
  return markupToText(value)
}
