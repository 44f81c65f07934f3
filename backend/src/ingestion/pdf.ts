import { OPS } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { NitroError } from '@nitroagi/shared/errors'
import { ocrText } from './ocr-text.ts'
import { drawForReading } from './page-picture.ts'
import type { PageSink, ReadPage } from './page-sink.ts'
import { type PdfPage, withPdf } from './pdf-file.ts'
import { refuseGiantPictures } from './pdf-pictures.ts'
import { pdfText } from './pdf-text.ts'
import { saneDate } from './sections.ts'

/** A scan may carry the name of its scanner or a page number as text. */
const fewLetters = 20
const pagesBetweenCleanups = 100

/**
 * Page by page, letting go of each before the next. A page without text is read from its picture. A page that breaks is
 * empty; when all are, so is the document.
 */
export async function readPdf(path: string, sink: PageSink): Promise<void> {
  await refuseGiantPictures(path)
  await withPdf(path, async (pdf, isWhole) => {
    if (!isWhole) sink.notice('The file is damaged or was cut; what could be recovered of it was read')
    sink.total(pdf.numPages)
    const date = await dateOf(() => pdf.getMetadata())
    if (date) sink.date(date)
    let broken = 0
    for (let number = 1; number <= pdf.numPages; number++) {
      if (sink.isStored()) {
        await sink.page({ text: '' })
        continue
      }
      let read: ReadPage = { text: '' }
      try {
        const page = await pdf.getPage(number)
        read = await readPage(page, sink)
        page.cleanup()
        // Fonts and what is known of earlier pages would pile up over thousands of them.
        if (number % pagesBetweenCleanups === 0) await pdf.cleanup()
      } catch {
        broken++
        read = { text: '', note: 'This page is damaged and could not be read' }
      }
      await sink.page(read)
    }
    if (broken > 0 && broken === pdf.numPages) {
      throw new NitroError('document_corrupt', 'None of the pages of this PDF can be read; the file is damaged')
    }
  })
}

async function readPage(page: PdfPage, sink: PageSink): Promise<ReadPage> {
  const { text } = await pdfText(page)
  if (!needsReading(text) || !(await hasDrawings(page))) return { text }
  const picture = await drawForReading(page)
  const letters = await sink.letters(picture.png)
  if (!letters) return { text }
  const read = ocrText(letters, picture).text
  return read.length > text.length ? { text: read, origin: 'ocr', confidence: letters.confidence } : { text }
}

export const needsReading = (text: string) => (text.match(/[\p{L}\p{N}]/gu)?.length ?? 0) < fewLetters

const pictures = new Set<number>([OPS.paintImageXObject, OPS.paintInlineImageXObject, OPS.paintImageMaskXObject])
/** Letters that were turned into shapes. */
const shapesAtLeast = 50

async function hasDrawings(page: PdfPage): Promise<boolean> {
  const { fnArray } = await page.getOperatorList()
  let shapes = 0
  for (const operation of fnArray as readonly number[]) {
    if (pictures.has(operation)) return true
    if (operation === OPS.constructPath && ++shapes >= shapesAtLeast) return true
  }
  return false
}

/** When it was made, as it says itself: D:20240131120000+01'00'. */
async function dateOf(metadata: () => Promise<{ info: object }>): Promise<Date | undefined> {
  try {
    const { CreationDate } = (await metadata()).info as { CreationDate?: string }
    const parts = /^D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-]\d\d)'?(\d\d)?)?/.exec(CreationDate ?? '')
    if (!parts) return undefined
    const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00', , zone, minutes = '00'] = parts
    return saneDate(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone ? `${zone}:${minutes}` : 'Z'}`)
  } catch {
    return undefined
  }
}
