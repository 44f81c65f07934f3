import { NitroError } from '@nitroagi/shared/errors'
import { readDocx } from './docx.ts'
import { readEml } from './eml.ts'
import { readEpub } from './epub.ts'
import { readHtml } from './html.ts'
import { readJson } from './json.ts'
import { type ReadableType, sniff } from './media-type.ts'
import { ocrText } from './ocr-text.ts'
import type { PageSink, ReadPage } from './page-sink.ts'
import { cleanText, splitIntoPages } from './pages.ts'
import { needsReading, readPdf } from './pdf.ts'
import { drawPictureFile, drawPictureInside } from './picture-file.ts'
import { readPptx, type Slide } from './pptx.ts'
import { isTableType, readTables } from './read-tables.ts'
import type { Section } from './sections.ts'
import { tablePages } from './table-text.ts'
import { readText } from './text-file.ts'

export interface FileToRead {
  path: string
  type: ReadableType
  /** What the document is called. */
  title: string
  /** Where a mail's attachments may be put while they are read; nothing else is written. */
  scratch?: string
}

/** A mail in a mail in a mail; what is deeper is named and not read. */
const mailsInMails = 2
/** Pictures in a presentation that are looked at for letters. */
const picturesAtMost = 50

/** Reads one file of any kind. Throws what is wrong with it. */
export async function readFileInto(file: FileToRead, sink: PageSink, depth = 0): Promise<void> {
  const { path, type, title } = file
  switch (type) {
    case 'application/pdf':
      return readPdf(path, sink)
    case 'image/png':
    case 'image/jpeg':
    case 'image/webp':
    case 'image/gif':
    case 'image/bmp':
      return readPicture(path, sink, depth > 0)
    case 'application/vnd.openxmlformats-officedocument.presentationml.presentation':
      return readSlides(path, sink)
    case 'application/epub+zip':
      return readEpub(path, sink, (chapter) => writeSection(chapter, sink))
    case 'message/rfc822':
      return readMail(file, sink, depth)
    case 'application/vnd.openxmlformats-officedocument.wordprocessingml.document':
      return writeSection({ text: await readDocx(path) }, sink)
    case 'text/html':
      return writeSection({ text: await readHtml(path) }, sink)
    case 'application/zip':
      throw new NitroError('document_unsupported', 'An archive is read only when it is uploaded by itself')
    case 'application/json':
      return writeSection({ text: await readJson(path, sink) }, sink)
    default:
      if (!isTableType(type)) return writeSection({ text: await readText(path) }, sink)
      for await (const table of readTables(path, type, () => sink.busy())) {
        sink.table(table.description)
        const { sheet } = table.description
        const about = sheet === null ? {} : { label: `Sheet ${sheet}` }
        for (const { text } of tablePages(table, title)) await sink.page({ text, ...about })
      }
  }
}

async function writeSection({ text, label }: Section, sink: PageSink): Promise<void> {
  for (const page of splitIntoPages(cleanText(text)))
    await sink.page(label === undefined ? { text: page } : { text: page, label })
}

async function readPicture(path: string, sink: PageSink, isAttached: boolean): Promise<void> {
  sink.total(1)
  const picture = await drawPictureFile(path)
  const letters = await sink.letters(picture.png)
  if (!letters) throw new NitroError('document_no_text', 'The words in this picture could not be read')
  // Under most letters from offices there is a logo.
  if (isAttached && letters.lines.length === 0) return
  await sink.page({ text: ocrText(letters, picture).text, origin: 'ocr', confidence: letters.confidence })
}

async function readSlides(path: string, sink: PageSink): Promise<void> {
  let looked = 0
  await readPptx(path, async (slide) => {
    const text = cleanText(slide.text).trim()
    const isPoor = needsReading(text) && !sink.isStored() && looked < picturesAtMost
    const read = isPoor ? await pictureWords(slide, sink, () => ++looked < picturesAtMost) : undefined
    // A slide is a page, also when there is nothing to read on it: its number is what people call it by.
    await sink.page({ text, label: slide.label, ...(read && { ...read, text: `${text}\n\n${read.text}`.trim() }) })
  })
}

async function pictureWords(
  slide: Slide,
  sink: PageSink,
  goOn: () => boolean,
): Promise<Pick<ReadPage, 'text' | 'origin' | 'confidence'> | undefined> {
  for await (const bytes of slide.pictures()) {
    const picture = await drawPictureInside(bytes)
    const letters = picture && (await sink.letters(picture.png))
    if (letters && letters.lines.length > 0) {
      return { text: ocrText(letters, picture).text, origin: 'ocr', confidence: letters.confidence }
    }
    if (!goOn()) break
  }
  return undefined
}

async function readMail(file: FileToRead, sink: PageSink, depth: number): Promise<void> {
  const { scratch } = file
  if (scratch === undefined) throw new NitroError('document_unsupported', 'Mails cannot be read here')
  await readEml(file.path, scratch, {
    notice: (text) => sink.notice(text),
    // The outer mail's date is the document's.
    date: (date) => depth === 0 && sink.date(date),
    text: (text) => writeSection({ text }, sink),
    async attachment(path, name) {
      const type = await sniff(path, name)
      if (type === 'message/rfc822' && depth >= mailsInMails) {
        throw new NitroError('document_too_large', 'Mails in mails are read three deep')
      }
      const inner: PageSink = {
        ...sink,
        total: () => {},
        date: () => {},
        table: () => {},
        page: (page) => sink.page({ ...page, label: page.label ? `${name}, ${page.label}` : name }),
      }
      await readFileInto({ path, type, title: name, scratch }, inner, depth + 1)
    },
  })
}
