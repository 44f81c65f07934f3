import { stat } from 'node:fs/promises'
import { NitroError } from '@nitroagi/shared/errors'
import { readText } from './text-file.ts'
import type { Findings } from './sections.ts'

/** Parsed it takes several times as much. */
const bytesAtMost = 40 * 1024 * 1024
const valueCharacters = 100_000
const depthAtMost = 200

/** A line a value, named by its way to it; a list of records as rows. */
export async function readJson(path: string, findings: Findings): Promise<string> {
  const { size } = await stat(path)
  if (size > bytesAtMost) {
    throw new NitroError(
      'document_too_large',
      `A JSON file may have at most ${bytesAtMost / 1024 / 1024} MB; this has ${Math.round(size / 1024 / 1024)} MB. Save its records as JSONL and upload that.`,
    )
  }
  const text = (await readText(path)).replace(/^\uFEFF/, '')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    findings.notice('It begins as JSON, but is damaged or cut; it was read as plain text')
    return text
  }
  const lines: string[] = []
  write(value, '', lines, 0)
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

type Plain = string | number | boolean | null

const isPlain = (value: unknown): value is Plain => typeof value !== 'object' || value === null
const fieldsOf = (value: unknown) => Object.entries(value as Record<string, unknown>)

const shown = (value: Plain) =>
  typeof value === 'string' ? value.slice(0, valueCharacters).replace(/\s+/g, ' ').trim() : String(value)

function write(value: unknown, path: string, lines: string[], depth: number): void {
  if (depth > depthAtMost) {
    throw new NitroError('document_too_large', `This JSON is nested deeper than ${depthAtMost} levels`)
  }
  if (isPlain(value)) {
    // Nothing is said by what is not there.
    if (value !== null && value !== '') lines.push(path === '' ? shown(value) : `${path}: ${shown(value)}`)
  } else if (Array.isArray(value)) writeList(value, path, lines, depth)
  else for (const [key, inner] of fieldsOf(value)) write(inner, joined(path, key), lines, depth + 1)
}

const joined = (path: string, key: string) => (path === '' ? key : `${path}.${key}`)

function writeList(list: readonly unknown[], path: string, lines: string[], depth: number): void {
  if (list.length > 0 && list.every(isPlain)) {
    lines.push(`${path === '' ? '' : `${path}: `}${list.map((value) => shown(value)).join(', ')}`)
    return
  }
  if (path !== '') lines.push('', `## ${path}`, '')
  for (const [index, value] of list.entries()) {
    const row = rowOf(value)
    if (row !== undefined) lines.push(row, '')
    else {
      write(value, `${path}[${index + 1}]`, lines, depth + 1)
      lines.push('')
    }
  }
}

/** A record without anything nested, in one line that says what is what. */
function rowOf(value: unknown): string | undefined {
  if (isPlain(value) || Array.isArray(value)) return undefined
  const cells = fieldsOf(value)
  const isFlat = cells.every(([, cell]) => isPlain(cell) || (Array.isArray(cell) && cell.every(isPlain)))
  if (!isFlat) return undefined
  return cells
    .filter(([, cell]) => cell !== null && cell !== '')
    .map(([key, cell]) => `${key}: ${Array.isArray(cell) ? cell.map(shown).join(', ') : shown(cell as Plain)}`)
    .join(' | ')
}
