import JSZip from 'jszip'
import mammoth from 'mammoth'
import { markupToText } from './html.ts'
import { attribute, xmlTokens } from './xml-tokens.ts'
import { withZip, type Zip } from './zip.ts'

/** What a document may unpack to. Real ones of 100 MB are pictures, which hardly shrink. */
const zipLimits = { totalBytes: 250 * 1024 * 1024, partBytes: 60 * 1024 * 1024, parts: 20_000 }

export const readDocx = (path: string): Promise<string> =>
  withZip(path, 'document', zipLimits, async (zip) => {
    const buffer = await withoutPictures(zip)
    // Pictures would become data: addresses of many megabytes.
    const { value } = await mammoth.convertToHtml(
      { buffer },
      { convertImage: mammoth.images.imgElement(async () => ({ src: '' })) },
    )
    return [markupToText(value), await headersAndFooters(zip), await comments(zip)]
      .filter((text) => text !== '')
      .join('\n\n')
  })

/**
 * The parts with text alone. Word writes no document type; one that is there defines entities, for bombs or for reading
 * files. The parser would refuse the whole document, so the definition and what refers to it are taken out.
 */
async function withoutPictures(zip: Zip): Promise<Buffer> {
  const archive = new JSZip()
  for (const name of zip.names) {
    if (/\.(xml|rels)$/i.test(name)) archive.file(name, withoutDoctype(await zip.text(name)))
  }
  return archive.generateAsync({ type: 'nodebuffer', compression: 'STORE' })
}

const withoutDoctype = (xml: string) =>
  /<!DOCTYPE/i.test(xml.slice(0, 10_000))
    ? xml
        .replace(/<!DOCTYPE[^[>]*(\[[\s\S]*?\]\s*)?>/i, '')
        .replace(/&(?!(amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)[\w.-]+;/gi, '')
    : xml

/** The same ones stand on every page; here they stand once. */
async function headersAndFooters(zip: Zip): Promise<string> {
  const lines = new Set<string>()
  for (const name of zip.names.filter((name) => /^word\/(header|footer)\d*\.xml$/.test(name))) {
    const text = paragraphsIn(withoutDoctype(await zip.text(name))).join(' ')
    // A page number alone says nothing.
    if (/\p{L}/u.test(text)) lines.add(`${name.startsWith('word/header') ? 'Header' : 'Footer'}: ${text}`)
  }
  return [...lines].join('\n')
}

async function comments(zip: Zip): Promise<string> {
  const said: { author: string; paragraphs: string[] }[] = []
  const xml = withoutDoctype(await zip.text('word/comments.xml'))
  for (const piece of xml.split(/(?=<(?:\w+:)?comment\s)/).slice(1)) {
    const author = attribute(/^<[\w:]+([^>]*)>/.exec(piece)?.[1] ?? '', 'author') ?? ''
    said.push({ author, paragraphs: paragraphsIn(piece) })
  }
  return said
    .filter(({ paragraphs }) => paragraphs.length > 0)
    .map(({ author, paragraphs }) => `Comment${author ? ` by ${author}` : ''}: ${paragraphs.join(' ')}`)
    .join('\n')
}

function paragraphsIn(xml: string): string[] {
  const paragraphs = ['']
  let isText = false
  for (const token of xmlTokens(xml)) {
    if (token.type === 'text') {
      if (isText) paragraphs[paragraphs.length - 1] += token.text
    } else if (token.name === 't') isText = token.type === 'open' && !token.isEmpty
    else if (token.name === 'tab') paragraphs[paragraphs.length - 1] += ' '
    else if (token.name === 'p' && token.type === 'close') paragraphs.push('')
  }
  return paragraphs.map((text) => text.replace(/\s+/g, ' ').trim()).filter((text) => text !== '')
}
