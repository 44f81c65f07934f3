import { defaultChunkProfile, type ChunkProfile } from '@nitroagi/shared/collections'

/** A passage of one page: `text.slice(start, end)`, and the heading that it stands under. */
export interface Chunk {
  start: number
  end: number
  heading: string
}

interface Sizes {
  target: number
  /** What is no longer is not cut at all when it is one paragraph. */
  maximum: number
  /** A page that is no longer stays whole. */
  wholePage: number
  /** The same of a document's only page: what fits on a card is read as one thing, and is found better so. */
  wholeDocument: number
  /** Less than this is put to its neighbour, when that one has the room. */
  minimum: number
}

const sizesOf = ({ targetCharacters: target }: Pick<ChunkProfile, 'targetCharacters'>): Sizes => ({
  target,
  maximum: Math.round((target * 4) / 3),
  wholePage: target * 2,
  wholeDocument: target * 3,
  minimum: Math.round(target / 3.6),
})

interface Span {
  start: number
  end: number
}

/**
 * Cuts a page's text along its structure: headings begin passages, paragraphs stay whole while they fit, long ones are cut
 * between sentences into parts of about one length, and only a sentence that is too long by itself within. `heading` is
 * the one in force before the page.
 */
export function chunkPage(
  text: string,
  heading = '',
  profile: ChunkProfile = defaultChunkProfile,
  isOnlyPage = false,
): { chunks: Chunk[]; heading: string } {
  const sizes = sizesOf(profile)
  const whole = isOnlyPage ? sizes.wholeDocument : sizes.wholePage
  const [bounds] = text.length <= whole ? trimmed(text, 0, text.length) : []
  if (bounds)
    return { chunks: [{ ...bounds, heading: firstHeading(text) ?? heading }], heading: lastHeading(text) ?? heading }
  const chunks: Chunk[] = []
  let open: Chunk | undefined
  const close = () => {
    if (open) chunks.push(open)
    open = undefined
  }
  for (const block of paragraphs(text)) {
    const title = headingOf(text, block)
    if (title !== undefined) {
      if (open && open.end - open.start >= sizes.minimum) close()
      heading = title
    }
    const length = block.end - block.start
    const isLong = length > sizes.maximum
    // Cut at the target, a paragraph would leave a last piece that is too short to be found.
    const room = isLong ? length / Math.ceil(length / sizes.target) + sizes.target / 10 : sizes.target
    for (const piece of isLong ? sentences(text, block, sizes) : [block]) {
      if (open && piece.end - open.start > room) close()
      if (open) open.end = piece.end
      else open = { start: piece.start, end: piece.end, heading }
    }
  }
  close()
  return { chunks: withoutCrumbs(chunks, sizes), heading }
}

/** A table's page: every paragraph is a passage, a row or several, and none is put to another that says something else. */
export function chunkRows(
  text: string,
  heading = '',
  profile: ChunkProfile = defaultChunkProfile,
): { chunks: Chunk[]; heading: string } {
  const { target, maximum } = sizesOf(profile)
  const chunks: Chunk[] = []
  for (const block of paragraphs(text)) {
    heading = headingOf(text, block) ?? heading
    const pieces = block.end - block.start <= maximum ? [block] : parts(text, block.start, block.end, target)
    for (const { start, end } of pieces) {
      const spans: Span[] = []
      add(spans, text, start, end)
      chunks.push(...spans.map((span) => ({ ...span, heading })))
    }
  }
  return { chunks, heading }
}

/**
 * What is embedded of a passage: its content, and before it, where the profile wants that, the title and the heading
 * that it stands under, unless it begins with them itself. Content, offsets and words stay what they are.
 */
export function embeddingText(
  { content, heading }: { content: string; heading: string },
  title: string,
  { context }: Pick<ChunkProfile, 'context'>,
): string {
  if (context === 'none') return content
  const begins = content.replace(/^[#\s]+/, '').toLowerCase()
  const place = [title, heading]
    .map((part) => part.trim())
    .filter((part, index, all) => {
      const isSaid = begins.startsWith(part.toLowerCase()) || (index > 0 && part === all[0])
      return part !== '' && !isSaid
    })
  return place.length === 0 ? content : `${place.join(' › ')}\n${content}`
}

function withoutCrumbs(chunks: Chunk[], { minimum, maximum }: Sizes): Chunk[] {
  const kept: Chunk[] = []
  for (const chunk of chunks) {
    const before = kept.at(-1)
    const isCrumb = chunk.end - chunk.start < minimum || (before && before.end - before.start < minimum)
    if (before && isCrumb && chunk.end - before.start <= maximum) before.end = chunk.end
    else kept.push({ ...chunk })
  }
  return kept
}

function paragraphs(text: string): Span[] {
  const spans: Span[] = []
  let from = 0
  for (const gap of text.matchAll(/\n[^\S\n]*\n\s*|\n(?=#{1,6} )/g)) {
    add(spans, text, from, gap.index)
    from = gap.index + gap[0].length
  }
  add(spans, text, from, text.length)
  return spans
}

function sentences(text: string, block: Span, { target, maximum }: Sizes): Span[] {
  const spans: Span[] = []
  const segmenter = new Intl.Segmenter('und', { granularity: 'sentence' })
  for (const { segment, index } of segmenter.segment(text.slice(block.start, block.end))) {
    const start = block.start + index
    const end = start + segment.length
    if (segment.length <= maximum) add(spans, text, start, end)
    else for (const part of parts(text, start, end, target)) add(spans, text, part.start, part.end)
  }
  return spans
}

/** A table, a list without full stops or a wall of characters: cut at a line's end, else between words, else anywhere. */
function parts(text: string, start: number, end: number, target: number): Span[] {
  const spans: Span[] = []
  while (end - start > target) {
    const window = text.slice(start, start + target)
    const line = window.lastIndexOf('\n')
    const space = window.search(/\s\S*$/)
    let cut = line > target / 2 ? line + 1 : space > target / 2 ? space + 1 : target
    if (isLowSurrogate(text.charCodeAt(start + cut))) cut--
    spans.push({ start, end: start + cut })
    start += cut
  }
  spans.push({ start, end })
  return spans
}

const isLowSurrogate = (code: number) => code >= 0xdc00 && code <= 0xdfff

const add = (spans: Span[], text: string, start: number, end: number) => void spans.push(...trimmed(text, start, end))

/** Without the blanks at its ends; nothing when only blanks are left. */
function trimmed(text: string, start: number, end: number): Span[] {
  while (start < end && isBlank(text, start)) start++
  while (end > start && isBlank(text, end - 1)) end--
  return end > start ? [{ start, end }] : []
}

const isBlank = (text: string, at: number) => /\s/.test(text[at]!)

const headings = (text: string) => text.match(/^#{1,6} +[^\n]+/gm) ?? []
const firstHeading = (text: string) => (text.trimStart().startsWith('#') ? titleOf(headings(text)[0]) : undefined)
const lastHeading = (text: string) => titleOf(headings(text).at(-1))
const titleOf = (line: string | undefined) => line?.replace(/^#{1,6} +|[#\s]+$/g, '').slice(0, 200)

function headingOf(text: string, block: Span): string | undefined {
  return titleOf(/^#{1,6} +[^\n]+/.exec(text.slice(block.start, Math.min(block.end, block.start + 300)))?.[0])
}
