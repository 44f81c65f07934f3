import { readFile } from 'node:fs/promises'
import { NitroError } from '@nitroagi/shared/errors'
import { CsvError, parse } from 'csv-parse/sync'
import { cleanCell, createTableMeter, type RawTable } from './raw-table.ts'
import { decodeText } from './text.ts'

const delimiters = [',', ';', '\t', '|'] as const
const sampleRecords = 60

export async function readCsv(path: string, goOn: () => void): Promise<RawTable> {
  const text = decodeText(await readFile(path))
  if (text === undefined) throw new NitroError('document_unsupported', 'This begins as text and goes on as binary data')
  const delimiter = bestDelimiter(text)?.delimiter ?? ','
  const meter = createTableMeter('it', goOn)
  const rows: RawTable['rows'] = []
  try {
    parse(text, {
      ...settings(delimiter),
      on_record: (record: string[]) => {
        meter(record.length)
        rows.push(record.map(cleanCell))
        return null
      },
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new NitroError('document_corrupt', `This table cannot be read: ${error.message.split('\n', 1)[0]}`)
  }
  // Who separates by semicolons mostly does so because the comma is taken by the decimals.
  return { sheet: null, isHidden: false, rows, units: new Map(), decimalComma: delimiter === ';' ? true : undefined }
}

/** Whether a text is a table, by what it says: the same number of cells line after line. The name makes that likelier. */
export function looksLikeTable(text: string, extension: string): boolean {
  const found = bestDelimiter(text)
  if (!found) return false
  const isNamed = ['csv', 'tsv', 'tab'].includes(extension)
  if (isNamed) return found.records.length >= 2 && found.regular >= 0.6
  // Prose has commas too, but neither so many nor so evenly, and its pieces are no figures.
  const longest = Math.max(...found.records.flat().map((cell) => cell.length))
  if (found.records.length < 4 || found.regular < 0.98 || longest > 200) return false
  const body = found.records.slice(1)
  const hasFigures = found.records[0]!.some(
    (_, column) =>
      body.filter((record) => /^[\s$€£¥]*[-+]?\d[\d.,:/%\s-]*$/.test(record[column] ?? '')).length >= body.length * 0.9,
  )
  return hasFigures && found.width >= 2
}

interface Sniffed {
  delimiter: string
  records: string[][]
  width: number
  /** The share of lines that have as many cells as most have. */
  regular: number
}

function bestDelimiter(text: string): Sniffed | undefined {
  let best: (Sniffed & { score: number }) | undefined
  const head = headOf(text)
  for (const delimiter of delimiters) {
    const records = sample(head, delimiter)
    if (records.length < 2) continue
    const counts = new Map<number, number>()
    for (const { length } of records) counts.set(length, (counts.get(length) ?? 0) + 1)
    const [width, times] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]!
    if (width < 2) continue
    const regular = times / records.length
    const score = regular * 10 + Math.min(width, 10) / 10
    if (!best || score > best.score) best = { delimiter, records, width, regular, score }
  }
  return best
}

/** Whole lines of the beginning, so that the cut is not taken for a short row. */
function headOf(text: string): string {
  if (text.length <= 65_536) return text
  const cut = text.lastIndexOf('\n', 65_536)
  return text.slice(0, cut > 0 ? cut : 65_536)
}

function sample(head: string, delimiter: string): string[][] {
  try {
    return parse(head, { ...settings(delimiter), to: sampleRecords })
  } catch {
    return []
  }
}

const settings = (delimiter: string) =>
  ({
    delimiter,
    bom: true,
    // What real files do: quotes in the middle of a cell, rows that are too short or too long, blank lines.
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    max_record_size: 8 * 1024 * 1024,
  }) as const
