import { open } from 'node:fs/promises'
import { fileTypeFromFile } from 'file-type'
import { NitroError } from '@nitroagi/shared/errors'
import { looksLikeTable } from './csv.ts'
import { decodeText } from './text.ts'

/** What we read. The name of a file never decides; what it says at its beginning does. */
export type ReadableType =
  | 'application/pdf'
  | 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
  | 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  | 'application/vnd.openxmlformats-officedocument.presentationml.presentation'
  | 'application/epub+zip'
  | 'application/zip'
  | 'application/x-cfb'
  | 'application/json'
  | 'message/rfc822'
  | 'image/png'
  | 'image/jpeg'
  | 'image/webp'
  | 'image/gif'
  | 'image/bmp'
  | 'text/html'
  | 'text/markdown'
  | 'text/plain'
  | 'text/csv'
  | 'application/x-ndjson'

export const readableFormats =
  'PDF, DOCX, PPTX, XLSX, CSV, HTML, EPUB, EML, Markdown, plain text, JSON, JSONL, pictures (PNG, JPEG, WebP, GIF, BMP), and ZIP archives of them'

const headBytes = 64 * 1024

/** Throws `document_unsupported` with what the file is instead, when that can be told. */
export async function sniff(path: string, name: string): Promise<ReadableType> {
  const head = await readHead(path)
  if (head.length === 0) throw emptyFile(name)
  // Real readers accept a PDF whose header comes late, and file-type does not.
  if (head.subarray(0, 1024).includes('%PDF-')) return 'application/pdf'
  const known = await fileTypeFromFile(path).catch(() => undefined)
  if (known?.mime === 'application/vnd.openxmlformats-officedocument.wordprocessingml.document') return known.mime
  if (known && (workbooks as readonly string[]).includes(known.mime)) return workbooks[0]
  if (known && (asTheyAre as readonly string[]).includes(known.mime)) return known.mime as ReadableType
  if (known && presentations.includes(known.mime)) return presentations[0]
  // A cut DOCX has lost the directory at its end, by which it would have been known.
  if (known?.mime === 'application/zip') {
    return cutOffice.find(([part]) => part.test(head.toString('latin1')))?.[1] ?? 'application/zip'
  }
  if (known && !/^text\/|^application\/(xml|json)/.test(known.mime))
    throw unsupported(`a file of the kind ${known.ext.toUpperCase()}`)
  const text = decodeText(head, true)
  if (text === undefined) throw unsupported('binary data')
  return textType(text, name, head.length < headBytes)
}

/** By the name of one of its parts, as it stands in front of that part. */
const cutOffice: readonly [RegExp, ReadableType][] = [
  [
    /PK\x03\x04[^]{26}word\/(?:document|_rels|styles|settings|theme|media|fontTable|numbering)/,
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  ],
  [
    /PK\x03\x04[^]{26}xl\/(?:workbook|_rels|worksheets|styles|theme|sharedStrings)/,
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  ],
  [
    /PK\x03\x04[^]{26}ppt\/(?:presentation|_rels|slides|slideLayouts|slideMasters|theme|media)/,
    'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  ],
]

const asTheyAre = [
  'application/x-cfb',
  'application/epub+zip',
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'image/bmp',
] as const satisfies readonly ReadableType[]

/** As a show that starts by itself, with macros, which nobody runs here, or as a template: the slides are the same. */
const presentations: readonly [ReadableType, ...string[]] = [
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'application/vnd.openxmlformats-officedocument.presentationml.slideshow',
  'application/vnd.openxmlformats-officedocument.presentationml.template',
  'application/vnd.ms-powerpoint.presentation.macroenabled.12',
  'application/vnd.ms-powerpoint.slideshow.macroenabled.12',
]

/** With macros, which nobody runs here, or as a template: the sheets are the same. */
const workbooks = [
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.template',
  'application/vnd.ms-excel.sheet.macroenabled.12',
] as const satisfies readonly [ReadableType, ...string[]]

export const extensionOf = (name: string) => /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''

function textType(text: string, name: string, isWhole: boolean): ReadableType {
  const start = text.trimStart().slice(0, 4_096)
  if (
    /^(<!doctype html|<html|<head|<body)/i.test(start) ||
    /^(<!--[\s\S]*?-->|<\?xml[^>]*\?>)\s*(<!doctype html|<html)/i.test(start)
  ) {
    return 'text/html'
  }
  if (isJsonLine(text)) return 'application/x-ndjson'
  if (isMail(text)) return 'message/rfc822'
  if (isJson(text, isWhole)) return 'application/json'
  if (
    /<(p|div|table|h[1-6]|span|ul|ol|br)\b[^>]*>[\s\S]*<\/(p|div|table|h[1-6]|span|ul|ol)>/i.test(start) &&
    start.startsWith('<')
  ) {
    return 'text/html'
  }
  // Markdown is plain text with habits: a few lines that look like it, or the name that says so.
  const habits = text.match(/^(#{1,6} \S|```|[-*+] \S|\d+\. \S|> \S|\|.+\|)/gm)?.length ?? 0
  const headings = text.match(/^#{1,6} \S/gm)?.length ?? 0
  if (['md', 'markdown'].includes(extensionOf(name)) || (headings > 0 && habits > 2)) return 'text/markdown'
  return looksLikeTable(text, extensionOf(name)) ? 'text/csv' : 'text/plain'
}

/** It begins with a block of headers, and one of them only machines write. */
function isMail(text: string): boolean {
  const head = text
    .trimStart()
    .slice(0, 16_384)
    .split(/\r?\n\r?\n/, 1)[0]!
  const lines = head.split(/\r?\n/).filter((line) => !/^[ \t]/.test(line))
  return (
    lines.length >= 2 &&
    lines.every((line) => /^[A-Za-z][A-Za-z0-9-]*:|^From /.test(line)) &&
    /^(?:from|subject):/im.test(head) &&
    /^(?:mime-version|message-id|received|return-path|content-type|content-transfer-encoding|delivered-to|x-mailer):/im.test(
      head,
    )
  )
}

/** All of it, or so long a beginning that nothing else begins so. */
function isJson(text: string, isWhole: boolean): boolean {
  const start = text.replace(/^\uFEFF/, '').trimStart()
  if (!/^[{[]/.test(start)) return false
  if (!isWhole) return /^(?:\{\s*"[^"\n]*"\s*:|\[\s*(?:\{\s*["}]|\[|"[^"\n]*"\s*,|-?[\d.]+\s*,))/.test(start)
  try {
    JSON.parse(start)
    return true
  } catch {
    return false
  }
}

/** The first line is an object with a text: the way that collections of passages are passed around. */
function isJsonLine(text: string): boolean {
  const line = text.trimStart().split('\n', 1)[0]!
  if (!line.startsWith('{')) return false
  try {
    const value = JSON.parse(line) as unknown
    return typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string'
  } catch {
    // A line longer than what was read: its beginning must do.
    return line.length >= headBytes / 4 && /^\{\s*"(id|title|text)"\s*:/.test(line)
  }
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

export function emptyFile(name: string): NitroError {
  const text = ['txt', 'md', 'markdown', 'text', ''].includes(extensionOf(name))
  return text
    ? new NitroError('document_no_text', 'The file is empty: it has 0 bytes, so there is no text in it')
    : new NitroError(
        'document_corrupt',
        'The file is empty: it has 0 bytes. It was probably cut while it was saved or sent.',
      )
}

const unsupported = (type: string) =>
  new NitroError(
    'document_unsupported',
    `This is ${type}, which cannot be read yet. What can be read: ${readableFormats}.`,
  )
