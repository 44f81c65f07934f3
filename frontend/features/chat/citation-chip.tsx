import type { SourceData } from '@nitroagi/shared/runs'

type CitationChipProps = { source: SourceData; onOpen: (source: SourceData) => void }

/** What it is called where it is no page of paper, else its number. */
const placeOf = ({ page, pageLabel }: SourceData) => pageLabel ?? `page ${page}`

export function CitationChip({ source, onOpen }: CitationChipProps) {
  return (
    <button
      type="button"
      aria-label={`Source ${source.number}: ${source.title}, ${placeOf(source)}`}
      title={`${source.title}, ${placeOf(source)}`}
      onClick={() => onOpen(source)}
      className="mx-0.5 inline-flex h-[18px] min-w-[18px] -translate-y-px items-center justify-center rounded-sm bg-accent-soft px-1 align-middle text-[11px] leading-none font-semibold text-accent tabular-nums hover:bg-accent hover:text-on-accent"
    >
      {source.number}
    </button>
  )
}

/** All that an answer rests on, below it. */
export function SourceList({ sources, onOpen }: { sources: SourceData[]; onOpen: CitationChipProps['onOpen'] }) {
  if (sources.length === 0) return null
  return (
    <section aria-label="Sources" className="flex flex-wrap gap-2">
      {sources.map((source) => (
        <button
          key={source.number}
          type="button"
          onClick={() => onOpen(source)}
          className="flex max-w-full items-center gap-2 rounded-md border border-line bg-raised py-1 pr-2.5 pl-1 text-left text-sm hover:border-line-strong hover:bg-hover"
        >
          <span className="flex h-5 min-w-5 items-center justify-center rounded-sm bg-accent-soft px-1 text-xs font-semibold text-accent tabular-nums">
            {source.number}
          </span>
          <span className="max-w-56 truncate">{source.title}</span>
          <span className="max-w-32 shrink-0 truncate text-xs text-ink-faint">
            {source.pageLabel ?? `p. ${source.page}`}
          </span>
        </button>
      ))}
    </section>
  )
}
