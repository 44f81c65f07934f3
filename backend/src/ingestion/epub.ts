import { posix } from 'node:path'
import { NitroError } from '@nitroagi/shared/errors'
import { markupToText } from './html.ts'
import { type Findings, saneDate, type Section } from './sections.ts'
import { attribute, xmlTokens } from './xml-tokens.ts'
import { withZip, type Zip } from './zip.ts'

const zipLimits = { totalBytes: 400 * 1024 * 1024, partBytes: 20 * 1024 * 1024, parts: 20_000 }

interface Item {
  path: string
  type: string
  properties: string
}

/** The chapters in the order in which the book is read. */
export const readEpub = (
  path: string,
  findings: Findings,
  onChapter: (chapter: Section) => Promise<void>,
): Promise<void> =>
  withZip(path, 'book', zipLimits, async (zip) => {
    const root = /full-path\s*=\s*["']([^"']+)/.exec(await zip.text('META-INF/container.xml'))?.[1]
    const packageFile = root ?? zip.names.find((name) => name.endsWith('.opf'))
    const xml = packageFile ? withoutDoctype(await zip.text(packageFile)) : ''
    if (!packageFile || xml === '') {
      throw new NitroError('document_corrupt', 'The book has lost the list of its chapters')
    }
    const { items, spine, date } = packageOf(xml, posix.dirname(packageFile))
    const published = saneDate(date)
    if (published) findings.date(published)
    const locked = await zip.text('META-INF/encryption.xml')
    const titles = await titlesOf(zip, items)
    let number = 0
    for (const id of spine) {
      const item = items.get(id)
      if (!item || !/x?html/.test(item.type)) continue
      if (locked.includes(`"${item.path}"`)) {
        throw new NitroError('document_password', 'This book is locked to its buyer (DRM), so its text cannot be read')
      }
      number++
      const text = markupToText(bodyOf(await zip.text(item.path)))
      if (text === '') continue
      const heading = /^#{1,6} (.+)$/m.exec(text)?.[1]
      const title = (titles.get(item.path) ?? heading ?? `Chapter ${number}`).slice(0, 200)
      await onChapter({ label: title, text: heading || !titles.has(item.path) ? text : `# ${title}\n\n${text}` })
    }
  })

function packageOf(xml: string, folder: string) {
  const items = new Map<string, Item>()
  const spine: string[] = []
  for (const token of xmlTokens(xml)) {
    if (token.type !== 'open') continue
    const get = (name: string) => attribute(token.attributes, name) ?? ''
    if (token.name === 'item') {
      items.set(get('id'), {
        path: pathIn(folder, get('href')),
        type: get('media-type'),
        properties: get('properties'),
      })
    } else if (token.name === 'itemref') spine.push(get('idref'))
  }
  return { items, spine, date: /<dc:date[^>]*>([^<]+)/.exec(xml)?.[1] }
}

function pathIn(folder: string, href: string): string {
  const path = href.replace(/[#?].*$/, '')
  try {
    return posix.join(folder, decodeURIComponent(path))
  } catch {
    return posix.join(folder, path)
  }
}

/** What the book's own contents call its chapters: by its newer list, else by the older one. */
async function titlesOf(zip: Zip, items: ReadonlyMap<string, Item>): Promise<Map<string, string>> {
  const titles = new Map<string, string>()
  const add = (file: string, href: string | undefined, label: string) => {
    const path = pathIn(posix.dirname(file), href ?? '')
    const title = label.replace(/\s+/g, ' ').trim()
    if (title !== '' && !titles.has(path)) titles.set(path, title)
  }
  const all = [...items.values()]
  const contents = all.find(({ properties }) => /\bnav\b/.test(properties))
  if (contents) {
    for (const [, attributes = '', label = ''] of (await zip.text(contents.path)).matchAll(
      /<a\b([^>]*)>([\s\S]*?)<\/a>/gi,
    )) {
      add(contents.path, attribute(attributes, 'href'), markupToText(label))
    }
  }
  const older = all.find(({ type }) => type === 'application/x-dtbncx+xml')
  if (!older) return titles
  let label = ''
  for (const token of xmlTokens(withoutDoctype(await zip.text(older.path)))) {
    if (token.type === 'open' && token.name === 'navPoint') label = ''
    else if (token.type === 'text') label += token.text
    else if (token.type === 'open' && token.name === 'content') {
      add(older.path, attribute(token.attributes, 'src'), label)
      label = ''
    }
  }
  return titles
}

/** Books name the public type of their files, and define nothing with it. */
const withoutDoctype = (xml: string) => xml.replace(/<!DOCTYPE[^[>]*>/i, '')

/** What the parser of HTML would take for text, or for the beginning of a comment, is not part of the chapter. */
const bodyOf = (xhtml: string) =>
  (
    /<body\b[^>]*>([\s\S]*?)<\/body>/i.exec(xhtml)?.[1] ?? xhtml.replace(/<\?xml[^>]*\?>|<!DOCTYPE[^>]*>/gi, '')
  ).replace(/<(\w+)([^>]*)\/>/g, (whole, name: string, rest: string) =>
    /^(br|hr|img|col|wbr)$/i.test(name) ? whole : `<${name}${rest}></${name}>`,
  )
