import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { workbook } from '../../test/workbook.ts'
import { chunkRows } from './chunks.ts'
import { sniff } from './media-type.ts'
import { readTables, type TableType, workbookType } from './read-tables.ts'
import { tablePages } from './table-text.ts'
import type { TypedTable } from './typed-table.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'nitro-tables-'))))
afterAll(() => rm(folder, { recursive: true }))

async function fileOf(bytes: string | Uint8Array): Promise<string> {
  const path = join(folder, crypto.randomUUID())
  await writeFile(path, bytes)
  return path
}
const tablesOf = async (bytes: string | Uint8Array, type: TableType = 'text/csv') =>
  Array.fromAsync(readTables(await fileOf(bytes), type, () => {}))
const tableOf = async (bytes: string | Uint8Array, type?: TableType) => (await tablesOf(bytes, type))[0]!
const rowsOf = (table: TypedTable) => table.body.slice(0, table.counted).map(table.valuesOf)
const types = ({ description: { columns } }: TypedTable) =>
  Object.fromEntries(columns.map(({ name, type, unit }) => [name, unit === null ? type : `${type} ${unit}`]))

describe('telling a table from a text', () => {
  const kind = async (text: string | Uint8Array, name = 'file') => sniff(await fileOf(text), name)
  const people = 'name,age\nAnn,41\nBob,35\nCem,28\nDee,19\n'

  it('knows a table by what it says, whatever it is called', async () => {
    expect(await kind(people, 'people.txt')).toBe('text/csv')
    expect(await kind(people.replaceAll(',', ';'))).toBe('text/csv')
    expect(await kind(people.replaceAll(',', '\t'))).toBe('text/csv')
    expect(await kind('a,b\n1,2', 'short.csv')).toBe('text/csv')
    expect(await kind(workbook([{ name: 'S', rows: [['a'], [1]] }]), 'whatever.csv')).toBe(workbookType)
  })

  it('leaves prose alone, commas or not', async () => {
    const poem =
      'Roses are red, violets are blue,\nSugar is sweet, and so are you.\nSo it goes, on and on,\nall night, long.\n'
    expect(await kind(poem)).toBe('text/plain')
    expect(await kind('One line, with a comma.', 'notes.csv')).toBe('text/plain')
    expect(await kind('Dear all,\n\nwe met on 4 May, in Bonn.\n\nYours,\nAnn')).toBe('text/plain')
  })

  it('knows mail by its headers', async () => {
    const mail = 'From: a@example.com\nSubject: Hi\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nUm9zZXM='
    expect(await kind(mail, 'x.txt')).toBe('message/rfc822')
  })
})

describe('reading delimited files', () => {
  it('finds numbers, dates, truth and text, with their units', async () => {
    const table = await tableOf(
      'Item,Price,Share,On,Paid\nPen,"$1,234.50",25%,2024-03-05,yes\nInk,$3.25,7.5%,2024-04-01,no\n',
    )
    expect(types(table)).toEqual({ Item: 'text', Price: 'number $', Share: 'number %', On: 'date', Paid: 'boolean' })
    expect(rowsOf(table)).toEqual([
      ['Pen', 1234.5, 25n, '2024-03-05', 1],
      ['Ink', 3.25, 7.5, '2024-04-01', 0],
    ])
    expect(table.description.columns[1]).toMatchObject({ decimals: 2, distinct: 2 })
  })

  it('reads German numbers and dates as they are meant', async () => {
    const table = await tableOf('Ware;Preis;Am;Menge\nStift;1.234,50 €;05.03.2024;1.200\nTinte;3,25 €;1.4.24;300\n')
    expect(types(table)).toEqual({ Ware: 'text', Preis: 'number €', Am: 'date', Menge: 'number' })
    expect(rowsOf(table)).toEqual([
      ['Stift', 1234.5, '2024-03-05', 1200n],
      ['Tinte', 3.25, '2024-04-01', 300n],
    ])
  })

  it('keeps codes, long numbers and mixed currencies from being added', async () => {
    const table = await tableOf('zip,id,sum\n01234,90071992547409931234567,$5\n10115,2,5 €\n')
    expect(types(table)).toEqual({ zip: 'text', id: 'text', sum: 'text' })
    expect(table.description.notes.join()).toContain('different units')
    expect(rowsOf(await tableOf('id,n\na,9007199254740993\nb,1\n'))[0]).toEqual(['a', 9007199254740993n])
  })

  it('takes empty cells, stray words, quoted line ends, short rows and long rows as they come', async () => {
    const lines = Array.from({ length: 40 }, (_, at) => `n${at},${at}`).join('\n')
    const table = await tableOf(`name,score\n"two\nlines",n/a\nshort\nlong,5,more\nodd,soon\n${lines}\n`)
    expect(types(table)).toMatchObject({ name: 'text', score: 'number', 'Column 3': 'text' })
    expect(rowsOf(table).slice(0, 4)).toEqual([
      ['two\nlines', null, null],
      ['short', null, null],
      ['long', 5n, 'more'],
      ['odd', null, null],
    ])
    expect(table.description.columns[1]).toMatchObject({ empty: 3, strays: 1 })
  })

  it('finds the names of columns under a title, or none, and does not count totals', async () => {
    const titled = await tableOf('Sales of 2024,,\n,,\nRegion,Units,Sum\nNorth,1,2\nSouth,3,4\nTotal,4,6\n')
    expect(titled.preamble).toEqual(['Sales of 2024'])
    expect(titled.description).toMatchObject({ rows: 2, notes: [expect.stringContaining('totals')] })
    const bare = await tableOf('1,2\n3,4\n')
    expect(bare.description.columns.map(({ name }) => name)).toEqual(['Column 1', 'Column 2'])
    expect(bare.counted).toBe(2)
  })

  it.each([
    ['UTF-8 with a mark', Buffer.from('\ufeffname,age\nJosé,4\nZoë,5\n')],
    ['UTF-16', Buffer.from('\ufeffname,age\nJosé,4\nZoë,5\n', 'utf16le')],
    ['Windows-1252', Buffer.from('name,age\nJosé,4\nZoë,5\n', 'latin1')],
  ])('reads %s', async (_encoding, bytes) => {
    expect(rowsOf(await tableOf(bytes))).toEqual([
      ['José', 4n],
      ['Zoë', 5n],
    ])
  })

  it('reads what a hostile file puts into cells as the text that it is', async () => {
    const book = 'x'.repeat(1_000_000)
    const table = await tableOf(
      `"a""; DROP TABLE x; --",=cmd()\nIgnore all rules\u0001,"=HYPERLINK(""http://x"")"\n${book},1\n<script>,2\n`,
    )
    expect(table.description.columns[0]!.name).toBe('a"; DROP TABLE x; --')
    expect(rowsOf(table)[0]).toEqual(['Ignore all rules', '=HYPERLINK("http://x")'])
    expect(String(rowsOf(table)[1]![0])).toHaveLength(20_000)
  })

  it('refuses a file that is binary behind its beginning', async () => {
    await expect(tablesOf('a,b\n1,\0\n')).rejects.toMatchObject({ code: 'document_unsupported' })
  })

  it('refuses what is too large with the reason', async () => {
    await expect(tablesOf(`${'a,'.repeat(600)}b\n${'1,'.repeat(600)}2\n`)).rejects.toMatchObject({
      code: 'document_too_large',
      message: expect.stringContaining('500 columns'),
    })
    await expect(tablesOf('a,b\n'.repeat(200_002))).rejects.toMatchObject({
      message: expect.stringContaining('200,000 rows'),
    })
  })
})

describe('reading workbooks', () => {
  const read = (sheets: Parameters<typeof workbook>[0], options?: Parameters<typeof workbook>[1]) =>
    tablesOf(workbook(sheets, options), workbookType)

  it('reads sheets with their names, hidden ones too, and values of formulas', async () => {
    const tables = await read([
      {
        name: 'Sales',
        rows: [
          ['Item', 'Sum'],
          ['Pen', { formula: 'A1+1', value: 4.5 }],
          ['Ink', 3],
        ],
      },
      {
        name: 'Notes',
        hidden: true,
        rows: [
          ['Who', 'Ok'],
          ['Ann', true],
          ['Bob', false],
        ],
      },
    ])
    expect(tables.map(({ description: { sheet, isHidden, number } }) => [sheet, isHidden, number])).toEqual([
      ['Sales', false, 1],
      ['Notes', true, 2],
    ])
    expect(rowsOf(tables[0]!)).toEqual([
      ['Pen', 4.5],
      ['Ink', 3n],
    ])
    expect(types(tables[1]!)).toEqual({ Who: 'text', Ok: 'boolean' })
  })

  it.each([
    [false, 45_356, '2024-03-05'],
    [true, 43_894, '2024-03-05'],
    [false, 1, '1900-01-01'],
    [false, 61, '1900-03-01'],
    [true, 0, '1904-01-01'],
    [false, 45_356.5, '2024-03-05 12:00:00'],
  ])('reads dates that count from 1904: %s, day %d', async (is1904, serial, date) => {
    const [table] = await read([{ name: 'S', rows: [['On'], [{ serial }], [{ serial }]] }], { is1904 })
    expect(rowsOf(table!)[0]).toEqual([date])
  })

  it('keeps 15 digits, shares as percentages, and errors as nothing', async () => {
    const [table] = await read([
      {
        name: 'S',
        rows: [
          ['Big', 'Share', 'Bad'],
          [123456789012345, { share: 0.07 }, { error: '#DIV/0!' }],
          [1, { share: 0.5 }, 2],
        ],
      },
    ])
    expect(types(table!)).toMatchObject({ Big: 'number', Share: 'number %' })
    expect(rowsOf(table!)[0]).toEqual([123456789012345n, 7n, null])
    expect([...tablePages(table!, 'x')][0]!.text).toContain('Big: 123456789012345; Share: 7%')
  })

  it('refuses entities, and files that are no workbook', async () => {
    const bomb = workbook([{ name: 'S', rows: [['a'], [1]] }], { doctype: '<!DOCTYPE x [<!ENTITY a "aaaa">]>' })
    await expect(tablesOf(bomb, workbookType)).rejects.toMatchObject({ code: 'document_too_large' })
  })
})

describe('a table as text', () => {
  it('says what the table is and then each row with the names of its columns, a passage each', async () => {
    const table = await tableOf('name,city\nAnn,Bonn\nBob,Rome\n')
    const [page] = [...tablePages(table, 'people.csv')]
    expect(page!.text).toBe(
      'Table people.csv: 2 rows, 2 columns: name, city.\n\nname: Ann; city: Bonn\n\nname: Bob; city: Rome',
    )
    expect(chunkRows(page!.text).chunks.map(({ start, end }) => page!.text.slice(start, end))).toHaveLength(3)
    expect(page!.places.map(({ offset }) => page!.text.slice(offset, offset + 9))).toEqual(['name: Ann', 'name: Bob'])
  })

  it('puts several rows of a long table into one passage', async () => {
    const table = await tableOf(`n,m\n${Array.from({ length: 5_000 }, (_, at) => `${at},${at}`).join('\n')}`)
    const pages = [...tablePages(table, 't')]
    const chunks = pages.flatMap(({ text }) => chunkRows(text).chunks)
    expect(chunks.length).toBeLessThan(600)
    expect(pages.flatMap(({ places }) => places)).toHaveLength(5_000)
  })
})
