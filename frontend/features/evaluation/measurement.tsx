'use client'

import { Ruler } from 'lucide-react'
import type { Evaluation, EvaluationRun, RetrievalFigures } from '@nitroagi/shared/evaluation'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { mean, moment, percent, reasons, settingsOf } from './figures.ts'
import { RankChanges } from './rank-changes.tsx'
import type { useEvaluation } from './use-evaluation.ts'

type MeasurementProps = { evaluation: ReturnType<typeof useEvaluation>; hasQuestions: boolean }

/** How well the collection is searched, against the run before. */
export function Measurement({ evaluation: { state, run, isRunning }, hasQuestions }: MeasurementProps) {
  const { data, error, isPending, refetch } = state
  const newest = data?.runs[0]
  return (
    <section aria-labelledby="measurement" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 id="measurement" className="font-semibold">
          How well it is searched
        </h2>
        <Button look="primary" disabled={!hasQuestions || isRunning} onClick={() => run.mutate()}>
          {isRunning ? 'Measuring…' : 'Measure now'}
        </Button>
      </div>
      {(error || run.error) && (
        <Notice level="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
          {wordsOf(run.error ?? error)}
        </Notice>
      )}
      {newest?.status === 'failed' && <Notice level="error">The last measurement failed: {newest.error}</Notice>}
      {isPending && !error && <Loading />}
      {data && !data.latest && (
        <EmptyState icon={Ruler} title="Nothing was measured yet">
          {hasQuestions
            ? 'Measure now: each golden question is searched for, and the place of the first right passage is noted.'
            : 'Add questions below whose answers you know to stand in a document of this collection, then measure.'}
        </EmptyState>
      )}
      {data?.latest && <Latest latest={data.latest} />}
      {data && data.runs.length > 0 && <Runs runs={data.runs} />}
    </section>
  )
}

const rows: readonly (readonly [name: string, figure: (figures: RetrievalFigures) => number | null, isMean?: true])[] =
  [
    ['Right passage first (hit@1)', ({ hitAt1 }) => hitAt1],
    ['Among the first three (hit@3)', ({ hitAt3 }) => hitAt3],
    ['Among the first five (hit@5)', ({ hitAt5 }) => hitAt5],
    ['Among the first ten (hit@10)', ({ hitAt10 }) => hitAt10],
    ['Mean of 1 / place (MRR)', ({ mrr }) => mrr, true],
  ]

function Latest({ latest }: { latest: NonNullable<Evaluation['latest']> }) {
  const { run, before, same, regressions, improvements } = latest
  const { figures } = run
  if (!figures) return null
  return (
    <>
      <div role="region" aria-label="Figures" tabIndex={0} className="overflow-x-auto">
        <table className="w-full max-w-2xl min-w-max text-left text-sm">
          <thead className="text-ink-faint">
            <tr>
              <th className="py-2 pr-4 font-medium">Of {figures.questions.toLocaleString('en')} questions</th>
              <th className="py-2 pr-4 text-right font-medium">Last run</th>
              <th className="py-2 pr-4 text-right font-medium">Before</th>
              <th className="py-2 text-right font-medium">Change</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, figureOf, isMean]) => {
              const now = figureOf(figures)
              const then = before?.figures ? figureOf(before.figures) : null
              const change = same && { now: figureOf(same.now), before: figureOf(same.before) }
              const words = isMean ? mean : percent
              return (
                <tr key={name} className="border-t border-line">
                  <th scope="row" className="py-2 pr-4 font-normal text-ink-soft">
                    {name}
                  </th>
                  <td className="py-2 pr-4 text-right font-medium tabular-nums">{words(now)}</td>
                  <td className="py-2 pr-4 text-right text-ink-soft tabular-nums">
                    {before ? words(then) : 'no run before'}
                  </td>
                  <Change now={change?.now ?? null} before={change?.before ?? null} isMean={isMean ?? false} />
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      {before && same?.questions !== figures.questions && (
        <p className="max-w-[65ch] text-sm text-ink-faint">
          {same
            ? `The run before asked other questions too: the change is that of the ${same.questions.toLocaleString('en')} that both asked.`
            : 'The run before asked other questions, so there is no change to show.'}
        </p>
      )}
      {figures.skipped > 0 && (
        <p className="max-w-[65ch] text-sm text-ink-faint">
          {figures.skipped} {figures.skipped === 1 ? 'question was' : 'questions were'} left out, because the document
          is gone or not ready.
        </p>
      )}
      <RankChanges hasBefore={before !== null} regressions={regressions} improvements={improvements} />
    </>
  )
}

function Change({ now, before, isMean }: { now: number | null; before: number | null; isMean: boolean }) {
  if (now === null || before === null) return <td className="py-2 text-right text-ink-faint">–</td>
  const difference = now - before
  const tone = Math.abs(difference) < 0.0005 ? 'text-ink-faint' : difference < 0 ? 'text-danger' : 'text-accent'
  const sign = difference > 0 ? '+' : difference < 0 ? '−' : ''
  const amount = isMean ? Math.abs(difference).toFixed(3) : `${(Math.abs(difference) * 100).toFixed(1)} points`
  return (
    <td className={`py-2 text-right tabular-nums ${tone}`}>
      {tone === 'text-ink-faint' ? 'none' : `${sign}${amount}`}
    </td>
  )
}

function Runs({ runs }: { runs: EvaluationRun[] }) {
  return (
    <details>
      <summary className="cursor-pointer text-sm text-ink-soft hover:text-ink">
        All measurements ({runs.length.toLocaleString('en')})
      </summary>
      <div role="region" aria-label="All measurements" tabIndex={0} className="mt-2 overflow-x-auto">
        <table className="w-full min-w-max text-left text-sm">
          <thead className="text-ink-faint">
            <tr>
              {['When', 'Why', 'With', 'hit@1', 'hit@5', 'MRR'].map((name) => (
                <th key={name} className="py-2 pr-4 font-medium last:pr-0">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.id} className="border-t border-line text-ink-soft">
                <th scope="row" className="py-2 pr-4 font-medium text-ink">
                  {moment(run.startedAt)}
                </th>
                <td className="py-2 pr-4">{reasons[run.reason]}</td>
                <td className="py-2 pr-4">{settingsOf(run)}</td>
                {run.figures ? (
                  <>
                    <td className="py-2 pr-4 tabular-nums">{percent(run.figures.hitAt1)}</td>
                    <td className="py-2 pr-4 tabular-nums">{percent(run.figures.hitAt5)}</td>
                    <td className="py-2 tabular-nums">{mean(run.figures.mrr)}</td>
                  </>
                ) : (
                  <td colSpan={3} className="py-2">
                    {run.status === 'failed' ? (run.error ?? 'It failed') : 'Measuring…'}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
