'use client'

import { useEffect, useRef, type ReactNode } from 'react'
import { type PageBlock, pageBlocks } from './page-blocks.ts'

type Span = { start: number; end: number }
type Slice = (span: Span) => ReactNode

type PageTextProps = {
  text: string
  /** Marked and scrolled to. */
  mark?: Span | undefined
  /** As it is written, letter for letter: for files that are text themselves. */
  isPlain?: boolean
}

/** What was read from a page. Nothing in it is markup: it came from a file of somebody's. */
export function PageText({ text, mark, isPlain = false }: PageTextProps) {
  const marked = useRef<HTMLElement>(null)
  const [from, to] = [mark?.start, mark?.end]
  useEffect(() => {
    // In braces: newer browsers return a promise, which React would take for a clean-up.
    marked.current?.scrollIntoView({ block: 'center' })
  }, [from, to, text])

  if (text.trim() === '') return <p className="text-ink-soft">There is no text on this page.</p>

  const slice: Slice = ({ start, end }) => {
    if (!mark || mark.end <= start || mark.start >= end) return text.slice(start, end)
    const [first, last] = [Math.max(start, mark.start), Math.min(end, mark.end)]
    return (
      <>
        {text.slice(start, first)}
        <mark
          // The one that the passage begins in.
          ref={mark.start >= start ? marked : undefined}
          className="rounded-xs bg-mark box-decoration-clone px-0.5 py-0.5 text-ink"
        >
          {text.slice(first, last)}
        </mark>
        {text.slice(last, end)}
      </>
    )
  }
  return (
    <div dir="auto" className="flex flex-col gap-3 text-[0.9375rem] leading-7 [overflow-wrap:anywhere]">
      {isPlain ? (
        <p className="whitespace-pre-wrap">{slice({ start: 0, end: text.length })}</p>
      ) : (
        pageBlocks(text).map((block, index) => <Block key={index} block={block} slice={slice} />)
      )}
    </div>
  )
}

const headings = ['text-lg', 'text-base', 'text-[0.9375rem]']

function Block({ block, slice }: { block: PageBlock; slice: Slice }) {
  switch (block.kind) {
    case 'heading':
      return (
        <p
          role="heading"
          aria-level={Math.min(6, block.level + 2)}
          className={`font-semibold ${headings[Math.min(block.level, 3) - 1]}`}
        >
          {slice(block)}
        </p>
      )
    case 'paragraph':
      return <p className="whitespace-pre-wrap">{slice(block)}</p>
    case 'list':
      return (
        <ul className="flex list-disc flex-col gap-0.5 pl-5">
          {block.items.map((item) => (
            <li key={item.start} style={{ marginInlineStart: `${item.depth}rem` }}>
              {slice(item)}
            </li>
          ))}
        </ul>
      )
    case 'table':
      return (
        <div className="overflow-x-auto" tabIndex={0} role="group" aria-label="Table">
          <table className="border-collapse text-sm leading-6">
            <tbody>
              {block.rows.map((row) => (
                <tr key={row[0]!.start} className="border-b border-line first:font-medium">
                  {row.map((cell) => (
                    <td key={cell.start} className="min-w-16 py-1 pr-4 align-top">
                      {slice(cell)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )
  }
}
