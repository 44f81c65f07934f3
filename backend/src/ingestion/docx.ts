import { readFile } from 'node:fs/promises'
import { NitroError } from '@nitroagi/shared/errors'
import JSZip from 'jszip'
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
  const buffer = await withoutDoctypes(path)
  // Pictures would become data: addresses of many megabytes.
  const { value } = await mammoth.convertToHtml(
    { buffer },
    { convertImage: mammoth.images.imgElement(async () => ({ src: '' })) },
  )
  return markupToText(value)
}

/**
 * Word writes no document type; one that is there defines entities, for bombs or for reading files. The parser would
 * refuse the whole document, so the definition and what refers to it are taken out and the text is kept.
 */
async function withoutDoctypes(path: string): Promise<Buffer> {
  const bytes = await readFile(path)
  const archive = await JSZip.loadAsync(bytes)
  let changed = false
  for (const file of archive.file(/^word\/.*\.xml$/)) {
    const xml = await file.async('string')
    if (!/<!DOCTYPE/i.test(xml.slice(0, 10_000))) continue
    archive.file(
      file.name,
      xml
        .replace(/<!DOCTYPE[^[>]*(\[[\s\S]*?\]\s*)?>/i, '')
        .replace(/&(?!(amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)[\w.-]+;/gi, ''),
    )
    changed = true
  }
  return changed ? archive.generateAsync({ type: 'nodebuffer', compression: 'STORE' }) : bytes
}
