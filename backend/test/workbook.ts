import { zipSync } from './zip.ts'

type TestCell =
  | string
  | number
  | boolean
  | null
  | { formula: string; value: number }
  /** A day's number, shown as a date. */
  | { serial: number }
  | { share: number }
  | { error: string }

interface TestSheet {
  name: string
  rows: TestCell[][]
  hidden?: boolean
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** A small workbook as Excel would write it, for tests. */
export function workbook(sheets: readonly TestSheet[], options: { is1904?: boolean; doctype?: string } = {}): Buffer {
  const strings: string[] = []
  const shared = (text: string) => (strings.includes(text) ? strings.indexOf(text) : strings.push(text) - 1)
  const cell = (value: TestCell, at: string): string => {
    if (value === null) return ''
    if (typeof value === 'string') return `<c r="${at}" t="s"><v>${shared(value)}</v></c>`
    if (typeof value === 'number') return `<c r="${at}"><v>${value}</v></c>`
    if (typeof value === 'boolean') return `<c r="${at}" t="b"><v>${value ? 1 : 0}</v></c>`
    if ('formula' in value) return `<c r="${at}"><f>${value.formula}</f><v>${value.value}</v></c>`
    if ('serial' in value) return `<c r="${at}" s="1"><v>${value.serial}</v></c>`
    if ('share' in value) return `<c r="${at}" s="2"><v>${value.share}</v></c>`
    return `<c r="${at}" t="e"><v>${value.error}</v></c>`
  }
  const parts: Record<string, string> = {}
  for (const [index, { rows }] of sheets.entries()) {
    const lines = rows.map(
      (row, at) =>
        `<row r="${at + 1}">${row.map((value, column) => cell(value, `${String.fromCharCode(65 + column)}${at + 1}`)).join('')}</row>`,
    )
    parts[`xl/worksheets/sheet${index + 1}.xml`] =
      `${xml}${options.doctype ?? ''}<worksheet ${main}><sheetData>${lines.join('')}</sheetData></worksheet>`
  }
  const list = sheets.map(
    ({ name, hidden }, index) =>
      `<sheet name="${escaped(name)}" sheetId="${index + 1}" ${hidden ? 'state="hidden" ' : ''}r:id="rId${index + 1}"/>`,
  )
  parts['xl/workbook.xml'] =
    `${xml}<workbook ${main} xmlns:r="${relations}"><workbookPr${options.is1904 ? ' date1904="1"' : ''}/><sheets>${list.join('')}</sheets></workbook>`
  const rels = sheets.map(
    (_, index) =>
      `<Relationship Id="rId${index + 1}" Type="${relations}/worksheet" Target="worksheets/sheet${index + 1}.xml"/>`,
  )
  parts['xl/_rels/workbook.xml.rels'] =
    `${xml}<Relationships xmlns="${packages}/relationships">${rels.join('')}</Relationships>`
  parts['xl/sharedStrings.xml'] =
    `${xml}<sst ${main}>${strings.map((text) => `<si><t>${escaped(text)}</t></si>`).join('')}</sst>`
  parts['xl/styles.xml'] =
    `${xml}<styleSheet ${main}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="10"/></cellXfs></styleSheet>`
  const types = [
    ['/xl/workbook.xml', 'sheet.main'],
    ...sheets.map((_, index) => [`/xl/worksheets/sheet${index + 1}.xml`, 'worksheet']),
  ].map(
    ([name, type]) =>
      `<Override PartName="${name}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${type}+xml"/>`,
  )
  return zipSync({
    '[Content_Types].xml': `${xml}<Types xmlns="${packages}/content-types"><Default Extension="xml" ContentType="application/xml"/>${types.join('')}</Types>`,
    '_rels/.rels': `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ...parts,
  })
}

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packages = 'http://schemas.openxmlformats.org/package/2006'
