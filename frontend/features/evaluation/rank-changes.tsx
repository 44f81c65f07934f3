import { TrendingDown, TrendingUp } from 'lucide-react'
import type { RankChange } from '@nitroagi/shared/evaluation'
import { place } from './figures.ts'

type RankChangesProps = { hasBefore: boolean; regressions: RankChange[]; improvements: RankChange[] }

/** Question by question: what the figures alone would hide. */
export function RankChanges({ hasBefore, regressions, improvements }: RankChangesProps) {
  if (!hasBefore) return null
  if (regressions.length + improvements.length === 0) {
    return <p className="text-sm text-ink-soft">Every question fares as it did in the run before.</p>
  }
  return (
    <div className="flex flex-col gap-3">
      <Changes title="Worse than before" changes={regressions} isWorse />
      <Changes title="Better than before" changes={improvements} />
    </div>
  )
}

function Changes({ title, changes, isWorse = false }: { title: string; changes: RankChange[]; isWorse?: boolean }) {
  if (changes.length === 0) return null
  const Icon = isWorse ? TrendingDown : TrendingUp
  return (
    <div className={`rounded-lg px-3 py-2.5 text-sm ${isWorse ? 'bg-danger-soft' : 'bg-accent-soft'}`}>
      <h3 className={`flex items-center gap-2 font-medium ${isWorse ? 'text-danger' : 'text-accent'}`}>
        <Icon aria-hidden className="size-4" />
        {title} ({changes.length})
      </h3>
      <ul aria-label={title} className="mt-1.5 flex flex-col gap-1">
        {changes.map(({ questionId, question, before, after }) => (
          <li key={questionId} className="flex flex-wrap justify-between gap-x-4">
            <span className="min-w-0 [overflow-wrap:anywhere]">{question}</span>
            <span className="text-ink-soft">
              {place(before)} → {place(after)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}
