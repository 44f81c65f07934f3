import { NitroError } from '@nitroagi/shared/errors'

export type XmlToken =
  /** Names come without their namespace's prefix. */
  | { type: 'open'; name: string; attributes: string; isEmpty: boolean }
  | { type: 'close'; name: string }
  | { type: 'text'; text: string }

/**
 * The tags and texts of a piece of XML, in one pass and without a tree. Office files define no entities of their own;
 * one that does is a bomb or wants to read our files, and is refused.
 */
export function* xmlTokens(xml: string): Generator<XmlToken> {
  let at = 0
  while (at < xml.length) {
    const open = xml.indexOf('<', at)
    if (open > at || open === -1) {
      yield { type: 'text', text: unescape(xml.slice(at, open === -1 ? undefined : open)) }
      if (open === -1) return
    }
    if (xml.startsWith('<!--', open)) at = after(xml, '-->', open)
    else if (xml.startsWith('<![CDATA[', open)) {
      at = after(xml, ']]>', open)
      yield { type: 'text', text: xml.slice(open + 9, at - 3) }
    } else if (xml.startsWith('<!', open)) {
      throw new NitroError('document_too_large', 'The file defines XML entities, as bombs do, so it is not taken in')
    } else {
      at = after(xml, '>', open)
      if (xml[open + 1] === '?') continue
      const tag = xml.slice(open + 1, at - 1)
      if (tag.startsWith('/')) yield { type: 'close', name: local(tag.slice(1).trim()) }
      else {
        const isEmpty = tag.endsWith('/')
        const space = tag.search(/[\s/]/)
        const name = local(space === -1 ? tag : tag.slice(0, space))
        yield { type: 'open', name, attributes: space === -1 ? '' : tag.slice(space), isEmpty }
      }
    }
  }
}

export function attribute(attributes: string, name: string): string | undefined {
  const match = new RegExp(`\\s(?:\\w+:)?${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes)
  return match ? unescape(match[1] ?? match[2] ?? '') : undefined
}

const local = (name: string) => name.slice(name.indexOf(':') + 1)

function after(xml: string, mark: string, from: number): number {
  const at = xml.indexOf(mark, from)
  return at === -1 ? xml.length : at + mark.length
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const unescape = (text: string): string =>
  !text.includes('&')
    ? text
    : text.replace(
        /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w+));/g,
        (whole, hex: string, decimal: string, name: string) => {
          if (name !== undefined) return named[name] ?? whole
          const code = hex === undefined ? Number(decimal) : parseInt(hex, 16)
          return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ''
        },
      )
