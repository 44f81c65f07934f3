import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import {
  CommentRangeEnd,
  CommentRangeStart,
  CommentReference,
  Document,
  FootnoteReferenceRun,
  Header,
  Packer,
  Paragraph,
  TextRun,
} from 'docx'
import JSZip from 'jszip'
import { PDFDocument, StandardFonts } from 'pdf-lib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pictureOfText } from '../../test/pictures.ts'
import type { Ocr } from '../ports/ocr/port.ts'
import { extract, type ExtractEvent } from './extract.ts'
import { sniff } from './media-type.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'nitro-formats-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Reads whatever stands in front of it as one word. */
const oneWord: Ocr = {
  id: 'one-word',
  language: 'English',
  read: async () => ({ lines: ['Lighthouse'], confidence: 0.9 }),
  close: async () => {},
}

async function read(content: Uint8Array | string, { ocr, fromPage = 1 }: { ocr?: Ocr; fromPage?: number } = {}) {
  const path = join(folder, 'file')
  await writeFile(path, content)
  const type = await sniff(path, 'file')
  const events: ExtractEvent[] = []
  const request = { path, type, title: 'file', fromPage }
  for await (const event of extract(request, new AbortController().signal, ocr)) events.push(event)
  const of = <Type extends ExtractEvent['type']>(type: Type) =>
    events.filter((event): event is Extract<ExtractEvent, { type: Type }> => event.type === type)
  return {
    type,
    pages: of('page'),
    text: of('page')
      .map(({ text }) => text)
      .join('\n---\n'),
    labels: of('page').map(({ label }) => label),
    notices: of('notice').map(({ text }) => text),
    date: of('date')[0]?.date,
  }
}

const zipped = async (files: Record<string, string | Uint8Array>) => {
  const archive = new JSZip()
  for (const [name, content] of Object.entries(files)) archive.file(name, content)
  return archive.generateAsync({ type: 'nodebuffer', compression: 'DEFLATE' })
}

const rels = (...targets: [id: string, type: string, target: string][]) =>
  `<Relationships>${targets.map(([id, type, target]) => `<Relationship Id="${id}" Type="http://x/${type}" Target="${target}"/>`).join('')}</Relationships>`
const shape = (kind: string, ...paragraphs: string[]) =>
  `<p:sp><p:nvSpPr><p:nvPr><p:ph type="${kind}"/></p:nvPr></p:nvSpPr><p:txBody>${paragraphs.join('')}</p:txBody></p:sp>`
const paragraph = (text: string, level = 0) => `<a:p><a:pPr lvl="${level}"/><a:r><a:t>${text}</a:t></a:r></a:p>`
const slide = (...shapes: string[]) => `<p:sld><p:cSld><p:spTree>${shapes.join('')}</p:spTree></p:cSld></p:sld>`

const deck = (slides: Record<string, string | Uint8Array>) =>
  zipped({
    '[Content_Types].xml':
      '<Types><Override PartName="/ppt/presentation.xml" ContentType="application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"/></Types>',
    'ppt/presentation.xml':
      '<p:presentation><p:sldIdLst><p:sldId id="256" r:id="rId9"/><p:sldId id="257" r:id="rId3"/></p:sldIdLst></p:presentation>',
    'ppt/_rels/presentation.xml.rels': rels(
      ['rId9', 'slide', 'slides/slide2.xml'],
      ['rId3', 'slide', 'slides/slide1.xml'],
    ),
    ...slides,
  })

it('reads slides in their order, with titles, bullets, tables and notes', async () => {
  const row = (...cells: string[]) =>
    `<a:tr>${cells.map((cell) => `<a:tc><a:txBody>${paragraph(cell)}</a:txBody></a:tc>`).join('')}</a:tr>`
  const { type, pages } = await read(
    await deck({
      'ppt/slides/slide2.xml': slide(
        shape('ctrTitle', paragraph('Lights of the &amp; coast')),
        shape('body', paragraph('Skerry'), paragraph('built 1901', 1)),
        shape('sldNum', paragraph('7')),
      ),
      'ppt/slides/slide1.xml': slide(`<a:tbl>${row('Island', 'Year')}${row('Holm', '1903')}</a:tbl>`),
      'ppt/slides/_rels/slide1.xml.rels': rels(['rId1', 'notesSlide', '../notesSlides/notesSlide1.xml']),
      'ppt/notesSlides/notesSlide1.xml': slide(shape('body', paragraph('Do not forget the oil.'))),
    }),
  )
  expect(type).toContain('presentationml')
  expect(pages.map(({ label, text }) => [label, text])).toEqual([
    ['Slide 1', '# Lights of the & coast\n\n- Skerry\n  - built 1901'],
    ['Slide 2', 'Island | Year\nHolm | 1903\n\nNotes:\nDo not forget the oil.'],
  ])
})

it('reads the picture of a slide that has nothing else', async () => {
  const file = await deck({
    'ppt/slides/slide2.xml': slide('<p:pic/>'),
    'ppt/slides/_rels/slide2.xml.rels': rels(['rId1', 'image', '../media/image1.png']),
    'ppt/media/image1.png': pictureOfText(['Lighthouse']),
    'ppt/slides/slide1.xml': slide(shape('body', paragraph('Words enough that nobody looks at pictures'))),
  })
  const { pages } = await read(file, { ocr: oneWord })
  expect(pages[0]).toMatchObject({ label: 'Slide 1', text: 'Lighthouse', origin: 'ocr', confidence: 0.9 })
  expect(pages[1]!.origin).toBeUndefined()
})

const book = (extra: Record<string, string> = {}) =>
  zipped({
    mimetype: 'application/epub+zip',
    'META-INF/container.xml': '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
    'OPS/book.opf': `<package><metadata><dc:date>2019-04-05</dc:date></metadata><manifest>
      <item id="b" href="two.xhtml" media-type="application/xhtml+xml"/>
      <item id="a" href="one%20.xhtml" media-type="application/xhtml+xml"/>
      <item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/></manifest>
      <spine><itemref idref="a"/><itemref idref="b"/></spine></package>`,
    'OPS/nav.xhtml': '<nav><ol><li><a href="one%20.xhtml#top">The first light</a></li></ol></nav>',
    'OPS/one .xhtml':
      '<?xml version="1.0"?><html><head><title>x</title></head><body><p>It was lit in 1901.</p><script/><p>And went out.</p></body></html>',
    'OPS/two.xhtml': '<html><body><h2>The second light</h2><ul><li>Holm</li></ul></body></html>',
    ...extra,
  })

it('reads a book chapter by chapter, by the order of its spine', async () => {
  const { pages, date } = await read(await book())
  expect(date).toBe('2019-04-05T00:00:00.000Z')
  expect(pages.map(({ label, text }) => [label, text])).toEqual([
    ['The first light', '# The first light\n\nIt was lit in 1901.\n\nAnd went out.'],
    ['The second light', '## The second light\n\n- Holm'],
  ])
})

it('says that a book is locked', async () => {
  const locked = '<encryption><CipherReference URI="OPS/two.xhtml"/></encryption>'
  await expect(read(await book({ 'META-INF/encryption.xml': locked }))).rejects.toMatchObject({
    code: 'document_password',
  })
})

const mail = (parts: readonly string[]) =>
  [
    'From: =?UTF-8?Q?J=C3=B6rg?= <joerg@example.com>',
    'To: Ann <ann@example.com>, bob@example.com',
    'Cc: "Pell, Jonas" <jonas@example.com>',
    'Date: Tue, 4 May 2021 10:00:00 +0200',
    'Subject: The new lens',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    ...parts.flatMap((part) => ['--b', part]),
    '--b--',
    '',
  ].join('\r\n')

const attached = (name: string, content: Uint8Array | string) =>
  `Content-Type: application/octet-stream; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(content).toString('base64')}`

it('reads a mail with its headers, its body and what is attached to it', async () => {
  const html = 'Content-Type: text/html; charset=utf-8\r\n\r\n<p>It <b>weighs</b> 480 kg.</p><script>bad()</script>'
  const inner = mail(['Content-Type: text/plain\r\n\r\nThe inner letter.'])
  const { type, labels, text, notices, date } = await read(
    mail([
      html,
      attached('prices.csv', 'Part,Price\nLens,4000\nLamp,120\n'),
      attached(
        'slides.bin',
        await deck({ 'ppt/slides/slide2.xml': slide(shape('title', paragraph('Lens on a slide'))) }),
      ),
      attached('letter.eml', inner),
      attached('sound.mp3', Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, 0, 0, 0, 0, 255, 251])),
    ]),
  )
  expect(type).toBe('message/rfc822')
  expect(date).toBe('2021-05-04T08:00:00.000Z')
  expect(text).toContain('From: Jörg <joerg@example.com>\nTo: Ann <ann@example.com>, bob@example.com\nCc: Pell, Jonas')
  expect(text).toContain('It weighs 480 kg.')
  expect(text).not.toContain('bad()')
  expect(text).toContain('Part: Lens')
  expect(text).toContain('The inner letter.')
  expect(labels).toEqual([undefined, 'prices.csv', 'slides.bin, Slide 1', 'letter.eml'])
  expect(notices.join()).toContain('sound.mp3')
})

it('goes no deeper than three mails, and says what it left out', async () => {
  let nested = mail(['Content-Type: text/plain\r\n\r\nlevel 4'])
  for (let level = 3; level >= 0; level--) {
    nested = mail([`Content-Type: text/plain\r\n\r\nlevel ${level}`, attached(`inner-${level}.eml`, nested)])
  }
  const { text, notices } = await read(nested)
  expect(text).toContain('level 2')
  expect(text).not.toContain('level 3')
  expect(notices.join()).toContain('inner-2.eml')
})

it('lists records as rows and everything else by its path', async () => {
  const value = {
    island: { name: 'Skerry', lights: [1, 2] },
    keepers: [
      { name: 'Jonas', since: 1931, left: null },
      { name: 'Mara', since: 1940 },
    ],
    boats: [{ name: 'Tern', crew: [{ name: 'Per' }] }],
  }
  const { type, text } = await read(JSON.stringify(value))
  expect(type).toBe('application/json')
  expect(text).toContain('island.name: Skerry\nisland.lights: 1, 2')
  expect(text).toContain('## keepers\n\nname: Jonas | since: 1931\n\nname: Mara | since: 1940')
  expect(text).toContain('boats[1].name: Tern')
  expect(text).toContain('name: Per')
})

it('takes broken JSON for the text that it is, and a bracket at the beginning of a text for nothing', async () => {
  expect((await read('{"a": 1, "b": ')).type).toBe('text/plain')
  expect((await read('[1] Pell, J. (1931): On bees.')).type).toBe('text/plain')
  const cut = await read(`[{"name": "${'x'.repeat(70_000)}"}, {"name": `)
  expect([cut.type, cut.notices.length]).toEqual(['application/json', 1])
})

it('keeps headers, footnotes and comments of a Word document', async () => {
  const document = new Document({
    comments: {
      children: [{ id: 0, author: 'Mara', date: new Date(0), children: [new Paragraph('Check the year.')] } as never],
    },
    footnotes: { 1: { children: [new Paragraph('According to the log.')] } },
    sections: [
      {
        headers: { default: new Header({ children: [new Paragraph('Harbour office, confidential')] }) },
        children: [
          new Paragraph({
            children: [
              new CommentRangeStart(0),
              new TextRun('The lamp was lit in 1901'),
              new CommentRangeEnd(0),
              new CommentReference(0),
              new FootnoteReferenceRun(1),
            ],
          }),
        ],
      },
    ],
  })
  const { text } = await read(await Packer.toBuffer(document))
  expect(text).toContain('The lamp was lit in 1901')
  expect(text).toContain('According to the log.')
  expect(text).toContain('Header: Harbour office, confidential')
  expect(text).toContain('Comment by Mara: Check the year.')
})

it('marks headings and rows of a PDF, joins cut words, and goes on where it was', async () => {
  const file = await PDFDocument.create()
  const font = await file.embedFont(StandardFonts.Helvetica)
  const first = file.addPage([500, 700])
  first.drawText('Lights of the coast', { x: 40, y: 650, size: 20, font })
  const lines = [
    'Every light has a keeper who lives',
    'on its island all the year and who gath-',
    'ers wood, oil and food for the winter.',
  ]
  lines.forEach((line, index) => first.drawText(line, { x: 40, y: 600 - index * 14, size: 11, font }))
  const rows = [
    ['Island', 'Keeper', 'Year'],
    ['Skerry', 'Jonas Pell', '1901'],
    ['Holm', 'Mara Lind', '1903'],
    ['Tern Rock', 'Per Aas', '1911'],
  ]
  rows.forEach((row, index) =>
    row.forEach((cell, column) => first.drawText(cell, { x: 40 + column * 130, y: 500 - index * 16, size: 11, font })),
  )
  file.addPage([500, 700]).drawText('The second page.', { x: 40, y: 650, size: 11, font })
  const bytes = await file.save()
  const { text } = await read(bytes)
  expect(text).toContain('## Lights of the coast\n\nEvery light')
  expect(text).toContain('gathers wood')
  expect(text).toContain('Island | Keeper | Year\nSkerry | Jonas Pell | 1901\nHolm | Mara Lind | 1903\n')
  const rest = await read(bytes, { fromPage: 2 })
  expect(rest.pages).toMatchObject([{ number: 2, text: 'The second page.' }])
})

it('reads pages that are pictures, and leaves them empty when nobody can', async () => {
  const file = await PDFDocument.create()
  const scan = await file.embedPng(pictureOfText(['Lighthouse']))
  file.addPage([500, 700]).drawImage(scan, { x: 40, y: 400 })
  file.addPage([500, 700])
  const bytes = await file.save()
  const { pages } = await read(bytes, { ocr: oneWord })
  expect(pages).toMatchObject([{ text: 'Lighthouse', origin: 'ocr', confidence: 0.9 }, { text: '' }])
  expect((await read(bytes)).pages.map(({ text }) => text)).toEqual(['', ''])
})

it('reads a picture as one page', async () => {
  const { type, pages } = await read(pictureOfText(['Lighthouse']), { ocr: oneWord })
  expect(type).toBe('image/png')
  expect(pages).toMatchObject([{ number: 1, text: 'Lighthouse', origin: 'ocr' }])
})

it('refuses an archive whose part is larger than it says', async () => {
  const honest = await deck({ 'ppt/slides/slide1.xml': `<a/>${' '.repeat(2_000_000)}` })
  const lie = Buffer.from(honest)
  const packed = deflateRawSync(`<a/>${' '.repeat(2_000_000)}`).length
  expect(packed).toBeLessThan(20_000)
  // Its directory entry and its own header say that it has a hundred bytes.
  for (let at = lie.indexOf('ppt/slides/slide1.xml'); at >= 0; at = lie.indexOf('ppt/slides/slide1.xml', at + 1)) {
    const isDirectory = lie.readUInt32LE(at - 46) === 0x02014b50
    lie.writeUInt32LE(100, isDirectory ? at - 46 + 24 : at - 30 + 22)
  }
  await expect(read(lie)).rejects.toMatchObject({ code: 'document_too_large' })
})
