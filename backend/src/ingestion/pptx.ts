import { posix } from 'node:path'
import { NitroError } from '@nitroagi/shared/errors'
import type { Section } from './sections.ts'
import { attribute, type XmlToken, xmlTokens } from './xml-tokens.ts'
import { withZip, type Zip } from './zip.ts'

const zipLimits = { totalBytes: 400 * 1024 * 1024, partBytes: 40 * 1024 * 1024, parts: 20_000 }

export interface Slide extends Section {
  label: string
  /** Pictures on it, for a slide that has nothing else to read. */
  pictures(): AsyncGenerator<Buffer>
}

/** One slide after the other, as they are shown. */
export const readPptx = (path: string, onSlide: (slide: Slide) => Promise<void>): Promise<void> =>
  withZip(path, 'presentation', zipLimits, async (zip) => {
    const slides = await slidesOf(zip)
    if (slides.length === 0 && !zip.names.includes('ppt/presentation.xml')) {
      throw new NitroError('document_corrupt', 'The presentation has lost the list of its slides')
    }
    for (const [index, name] of slides.entries()) {
      const xml = await zip.text(name)
      const related = await relationsOf(zip, name)
      const notes = related.find(({ type }) => type.endsWith('/notesSlide'))
      const said = notes ? slideText(await zip.text(notes.target), true) : ''
      const isHidden = /<(?:\w+:)?sld\b[^>]*\sshow="(?:0|false)"/.test(xml.slice(0, 4_096))
      const drawings = await drawingTexts(zip, related)
      const parts = [slideText(xml, false), ...drawings, said && `Notes:\n${said}`]
      await onSlide({
        label: `Slide ${index + 1}${isHidden ? ' (hidden)' : ''}`,
        text: parts.filter((part) => part !== '').join('\n\n'),
        pictures: () => picturesOf(zip, related),
      })
    }
  })

/** In the order of the presentation; by their numbers when it has lost it. */
async function slidesOf(zip: Zip): Promise<string[]> {
  const targets = new Map((await relationsOf(zip, 'ppt/presentation.xml')).map(({ id, target }) => [id, target]))
  const named: string[] = []
  for (const token of xmlTokens(await zip.text('ppt/presentation.xml'))) {
    if (token.type !== 'open' || token.name !== 'sldId') continue
    // Two attributes end in `id`; the relation's is the one with the prefix.
    const target = targets.get(/\s\w+:id\s*=\s*"([^"]*)"/.exec(token.attributes)?.[1] ?? '')
    if (target && zip.names.includes(target)) named.push(target)
  }
  if (named.length > 0) return named
  const number = (name: string) => Number(/(\d+)\.xml$/.exec(name)?.[1])
  return zip.names
    .filter((name) => /^ppt\/slides\/slide\d+\.xml$/.test(name))
    .sort((one, other) => number(one) - number(other))
}

interface Relation {
  id: string
  type: string
  target: string
}

async function relationsOf(zip: Zip, part: string): Promise<Relation[]> {
  const relations: Relation[] = []
  const { dir, base } = posix.parse(part)
  for (const token of xmlTokens(await zip.text(`${dir}/_rels/${base}.rels`))) {
    if (token.type !== 'open' || token.name !== 'Relationship') continue
    if (attribute(token.attributes, 'TargetMode') === 'External') continue
    const target = attribute(token.attributes, 'Target') ?? ''
    relations.push({
      id: attribute(token.attributes, 'Id') ?? '',
      type: attribute(token.attributes, 'Type') ?? '',
      target: target.startsWith('/') ? target.slice(1) : posix.join(dir, target),
    })
  }
  return relations
}

/** What stands in the boxes of a diagram is kept beside the slide. */
async function drawingTexts(zip: Zip, related: readonly Relation[]): Promise<string[]> {
  const texts: string[] = []
  for (const { type, target } of related) {
    if (type.endsWith('/diagramData')) texts.push(slideText(await zip.text(target), false))
  }
  return texts
}

async function* picturesOf(zip: Zip, related: readonly Relation[]): AsyncGenerator<Buffer> {
  for (const { type, target } of related) {
    if (!type.endsWith('/image') || !/\.(png|jpe?g|gif|bmp|webp)$/i.test(target)) continue
    const picture = await zip.read(target)
    if (picture) yield picture
  }
}

/** Where one is while going through a slide. */
interface State {
  lines: string[]
  /** The kind of placeholder that the shape fills: 'title', 'body'; undefined for a box of its own. */
  kind: string | undefined
  /** The paragraph that is open. */
  text: string
  isBullet: boolean | undefined
  level: number
  isText: boolean
  cells: string[]
  /** Texts of the paragraphs in the open cell; undefined outside of tables. */
  cell: string[] | undefined
  skipped: string | undefined
}

const ignoredKinds = new Set(['sldNum', 'dt', 'ftr', 'hdr', 'sldImg'])

function slideText(xml: string, areNotes: boolean): string {
  const state: State = {
    lines: [],
    kind: undefined,
    text: '',
    isBullet: undefined,
    level: 0,
    isText: false,
    cells: [],
    cell: undefined,
    skipped: undefined,
  }
  for (const token of xmlTokens(xml)) {
    if (state.skipped !== undefined) {
      if (token.type === 'close' && token.name === state.skipped) state.skipped = undefined
    } else if (token.type === 'text') state.text += state.isText ? token.text : ''
    else if (token.type === 'open') opened(state, token)
    else closed(state, token.name, areNotes)
  }
  return state.lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function opened(state: State, { name, attributes, isEmpty }: Extract<XmlToken, { type: 'open' }>): void {
  switch (name) {
    // The same once more, for programs that do not know the newer way of saying it.
    case 'Fallback':
      if (!isEmpty) state.skipped = name
      break
    case 'sp':
      state.kind = undefined
      break
    case 'ph':
      state.kind = attribute(attributes, 'type') ?? 'body'
      break
    case 'p':
    case 'pt':
      if (name === 'p') Object.assign(state, { text: '', isBullet: undefined, level: 0 })
      break
    case 'pPr':
      state.level = Math.min(8, Number(attribute(attributes, 'lvl') ?? 0) || 0)
      break
    case 'buNone':
      state.isBullet = false
      break
    case 'buChar':
    case 'buAutoNum':
    case 'buBlip':
      state.isBullet = true
      break
    case 'br':
      state.text += '\n'
      break
    case 'tab':
      state.text += ' '
      break
    case 't':
      state.isText = !isEmpty
      break
    case 'tc':
      state.cell = []
      break
    case 'tr':
      state.cells = []
  }
}

function closed(state: State, name: string, areNotes: boolean): void {
  switch (name) {
    case 't':
      state.isText = false
      break
    case 'p':
      paragraph(state, areNotes)
      break
    case 'tc':
      state.cells.push((state.cell ?? []).join(' '))
      state.cell = undefined
      break
    case 'tr':
      if (state.cells.some((cell) => cell !== '')) state.lines.push(state.cells.join(' | '))
      break
    case 'sp':
    case 'tbl':
      state.lines.push('')
  }
}

function paragraph(state: State, areNotes: boolean): void {
  const text = state.text
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n')
  state.text = ''
  if (text === '' || (state.kind !== undefined && ignoredKinds.has(state.kind))) return
  if (state.cell) state.cell.push(text.replaceAll('\n', ' '))
  else if (/^(title|ctrTitle)$/.test(state.kind ?? '') && !areNotes) {
    state.lines.push(`# ${text.replaceAll('\n', ' ')}`, '')
  } else if (state.isBullet ?? (state.kind === 'body' && !areNotes)) {
    state.lines.push(`${'  '.repeat(state.level)}- ${text}`)
  } else state.lines.push(text)
}
