import { readFile } from 'node:fs/promises'
import { Readability } from '@mozilla/readability'
import { parseHTML } from 'linkedom'
import { NitroError } from '@nitroagi/shared/errors'
import { decodeText } from './text.ts'

/** The article when there is one, else all that a reader would see. */
export async function readHtml(path: string): Promise<string> {
  const markup = withBody(decodeMarkup(await readFile(path)))
  const whole = visibleText(markup)
  const title = parseHTML(markup).document.title.trim()
  const article = articleText(markup)
  // Half of the page gone is not tidying up any more.
  const text = article && article.length > whole.length * 0.4 ? article : whole
  return title && !text.includes(title) ? `# ${title}\n\n${text}` : text
}

/** Text of a piece of markup: headings with their #, lists with their -, tables with a line a row. */
export function markupToText(markup: string): string {
  return visibleText(`<!doctype html><html><body>${markup}</body></html>`)
}

/** Pages may leave these tags out, and the parser does not put them in as a browser does. */
function withBody(markup: string): string {
  if (/<body[\s>]/i.test(markup)) return markup
  const title = /<title[^>]*>[\s\S]*?<\/title>/i.exec(markup)?.[0] ?? ''
  const rest = markup.replace(/<!doctype[^>]*>|<\/?html[^>]*>|<head[\s>][\s\S]*?<\/head>/gi, '').replace(title, '')
  return `<!doctype html><html><head>${title}</head><body>${rest}</body></html>`
}

function visibleText(markup: string): string {
  const { document } = parseHTML(markup)
  const parts: string[] = []
  write(document.body ?? document.documentElement, parts, false)
  return tidy(parts.join(''))
}

function articleText(markup: string): string | undefined {
  try {
    const { document } = parseHTML(markup)
    const article = new Readability(document, { charThreshold: 200 }).parse()
    return article?.content ? markupToText(article.content) : undefined
  } catch {
    return undefined
  }
}

const charsetOf = /<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/i

export function decodeMarkup(bytes: Buffer): string {
  const declared = charsetOf.exec(bytes.subarray(0, 4_096).toString('latin1'))?.[1]
  const hasMark = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  if (declared && !hasMark && !/^utf-?(8|16)/i.test(declared)) {
    try {
      return new TextDecoder(declared).decode(bytes)
    } catch {
      // An encoding that nobody knows; what the bytes say is the better guess.
    }
  }
  const text = decodeText(bytes)
  if (text === undefined) throw new NitroError('document_unsupported', 'This begins as HTML and goes on as binary data')
  return text
}

const dropped = new Set([
  'SCRIPT',
  'STYLE',
  'NOSCRIPT',
  'TEMPLATE',
  'SVG',
  'IFRAME',
  'OBJECT',
  'HEAD',
  'TITLE',
  'BUTTON',
  'SELECT',
])
const blocks = new Set(
  'ADDRESS ARTICLE ASIDE BLOCKQUOTE DD DETAILS DIV DL DT FIGCAPTION FIGURE FOOTER FORM HEADER HR MAIN NAV OL P SECTION TABLE UL'.split(
    ' ',
  ),
)

type Node = { nodeType: number; nodeName: string; textContent: string | null; childNodes: ArrayLike<Node> }

function write(node: Node, parts: string[], preformatted: boolean): void {
  if (node.nodeType === 3) {
    parts.push(preformatted ? (node.textContent ?? '') : (node.textContent ?? '').replace(/\s+/g, ' '))
    return
  }
  if (node.nodeType !== 1) return
  const name = node.nodeName.toUpperCase()
  if (dropped.has(name)) return
  const children = (inside = preformatted) => {
    for (let at = 0; at < node.childNodes.length; at++) write(node.childNodes[at]!, parts, inside)
  }
  if (name === 'BR') parts.push('\n')
  else if (/^H[1-6]$/.test(name)) wrap(parts, `\n\n${'#'.repeat(Number(name[1]))} `, '\n\n', children)
  else if (name === 'LI') wrap(parts, '\n- ', '\n', children)
  else if (name === 'TR') row(node, parts)
  else if (name === 'PRE') wrap(parts, '\n\n', '\n\n', () => children(true))
  else if (blocks.has(name)) wrap(parts, '\n\n', '\n\n', children)
  else children()
}

function wrap(parts: string[], before: string, after: string, write: () => void): void {
  parts.push(before)
  write()
  parts.push(after)
}

function row(node: Node, parts: string[]): void {
  const cells = Array.from(node.childNodes, (cell) => {
    const inside: string[] = []
    write(cell, inside, false)
    return inside.join('').replace(/\s+/g, ' ').trim()
  })
  const text = cells.filter((cell) => cell !== '').join(' | ')
  if (text) parts.push(`\n${text}\n`)
}

const tidy = (text: string) =>
  text
    .replace(/\u00A0/g, ' ')
    .replace(/[^\S\n]+\n/g, '\n')
    .replace(/\n[^\S\n]+(?=\S)/g, '\n')
    .replace(/^-[^\S\n]*\n+/gm, '- ')
    .replace(/^- +/gm, '- ')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
