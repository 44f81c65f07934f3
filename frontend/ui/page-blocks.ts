type Span = { start: number; end: number }

export type PageBlock =
  | ({ kind: 'heading'; level: number } & Span)
  | ({ kind: 'paragraph' } & Span)
  | { kind: 'list'; items: (Span & { depth: number })[] }
  | { kind: 'table'; rows: Span[][] }

/** A page's text in the pieces that it is shown in. Each knows its offsets, so that a passage can be marked. */
export function pageBlocks(text: string): PageBlock[] {
  const blocks: PageBlock[] = []
  let isOpen = false
  for (const { start, end, line } of linesOf(text)) {
    const last = blocks.at(-1)
    if (line.trim() === '') {
      isOpen = false
      continue
    }
    const heading = /^(#{1,6}) +(?=\S)/.exec(line)
    const item = /^(\s*)- +(?=\S)/.exec(line)
    if (heading) blocks.push({ kind: 'heading', level: heading[1]!.length, start: start + heading[0].length, end })
    else if (item) {
      const entry = { start: start + item[0].length, end, depth: Math.min(4, Math.floor(item[1]!.length / 2)) }
      if (last?.kind === 'list') last.items.push(entry)
      else blocks.push({ kind: 'list', items: [entry] })
    } else if (line.includes(' | ')) {
      if (last?.kind === 'table') last.rows.push(cellsOf(line, start))
      else blocks.push({ kind: 'table', rows: [cellsOf(line, start)] })
    } else if (isOpen && last?.kind === 'paragraph') last.end = end
    else blocks.push({ kind: 'paragraph', start, end })
    isOpen = true
  }
  // One line with a bar in it is a sentence.
  return blocks.map((block) =>
    block.kind === 'table' && block.rows.length === 1
      ? { kind: 'paragraph', start: block.rows[0]![0]!.start, end: block.rows[0]!.at(-1)!.end }
      : block,
  )
}

function* linesOf(text: string): Generator<Span & { line: string }> {
  let start = 0
  for (const line of text.split('\n')) {
    yield { start, end: start + line.length, line }
    start += line.length + 1
  }
}

function cellsOf(line: string, from: number): Span[] {
  const cells: Span[] = []
  let start = from
  for (const cell of line.split(' | ')) {
    cells.push({ start, end: start + cell.length })
    start += cell.length + 3
  }
  return cells
}
