import { classNames } from '../../ui/class-names.ts'

type Span = { start: number; end: number }

/** A page's text with its passages as marked stretches, every other one in the other tint. */
export function MarkedPassages({ text, passages }: { text: string; passages: readonly Span[] }) {
  return (
    <p className="max-w-[75ch] text-[0.9375rem] leading-7 [overflow-wrap:anywhere] whitespace-pre-wrap">
      {stretches(text, passages).map(({ start, end, passage, isShared }) =>
        passage === undefined ? (
          <span key={start} className="text-ink-faint">
            {text.slice(start, end)}
          </span>
        ) : (
          <mark
            key={start}
            title={isShared ? 'In two passages' : `Passage ${passage + 1}`}
            className={classNames(
              'rounded-xs box-decoration-clone py-0.5 text-ink',
              isShared ? 'bg-hover underline decoration-dotted' : passage % 2 === 0 ? 'bg-mark' : 'bg-accent-soft',
            )}
          >
            {text.slice(start, end)}
          </mark>
        ),
      )}
    </p>
  )
}

type Stretch = Span & { passage: number | undefined; isShared: boolean }

/** The text in pieces, each of one passage, of none, or where two overlap. */
export function stretches(text: string, passages: readonly Span[]): Stretch[] {
  const edges = new Set([0, text.length])
  for (const { start, end } of passages) edges.add(Math.min(start, text.length)).add(Math.min(end, text.length))
  const sorted = [...edges].sort((one, other) => one - other)
  return sorted.slice(0, -1).map((start, index) => {
    const end = sorted[index + 1]!
    const over = passages.flatMap((span, number) => (span.start <= start && span.end >= end ? [number] : []))
    return { start, end, passage: over[0], isShared: over.length > 1 }
  })
}
