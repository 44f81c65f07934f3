'use client'

import type { Learning as LearningState, LearnedVersion } from '@nitroagi/shared/learning'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Switch } from '../../ui/switch.tsx'
import { LearningReport } from './learning-report.tsx'
import { useLearning } from './use-learning.ts'

/** How answers are chosen differently because of thumbs up and down, and the switch that ends it. */
export function Learning() {
  const { state, turn, run } = useLearning()
  const { data, error, isPending, refetch } = state
  const refused = turn.error ?? run.error
  return (
    <section aria-labelledby="learning" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 id="learning" className="font-semibold">
          What it has learned
        </h2>
        {data && (
          <div className="flex flex-wrap items-center gap-3">
            <Button className="h-8 text-sm" disabled={run.isPending} onClick={() => run.mutate()}>
              {run.isPending ? 'Learning …' : 'Learn now'}
            </Button>
            <Switch
              label="Learn from thumbs up and down"
              checked={turn.isPending ? turn.variables : data.isOn}
              disabled={turn.isPending}
              onChange={(isOn) => turn.mutate(isOn)}
            />
          </div>
        )}
      </div>
      <p className="max-w-[65ch] text-sm text-ink-faint">
        Every night the thumbs of the last 90 days are weighed: which model and strategy people liked for which kind of
        question, and what counts in the choice of a module. Switched off, the starting weights and the rules decide, at
        once.
      </p>
      {error && (
        <Notice level="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
          {wordsOf(error)}
        </Notice>
      )}
      {refused && <Notice level="error">{wordsOf(refused)}</Notice>}
      {isPending && !error && <Skeleton className="h-24 w-full" />}
      {data && <State learning={data} />}
    </section>
  )
}

function State({ learning }: { learning: LearningState }) {
  const { isOn, version, report, versions } = learning
  return (
    <>
      <p className="max-w-[65ch] text-sm" role="status">
        {!isOn
          ? 'Learning is off. The starting weights and the rules decide.'
          : version === null
            ? 'Learning is on. Nothing was learned yet, so the starting weights and the rules decide.'
            : `Learning is on. Version ${version} is in effect.`}
      </p>
      {report ? (
        <LearningReport report={report} learning={learning} />
      ) : (
        <p className="max-w-[65ch] text-sm text-ink-soft">
          Give some answers a thumb up or down; what was learned from them appears here.
        </p>
      )}
      {versions.length > 1 && <Versions versions={versions} />}
    </>
  )
}

const when = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })

const Versions = ({ versions }: { versions: LearnedVersion[] }) => (
  <details className="text-sm">
    <summary className="cursor-pointer self-start rounded-sm text-ink-soft">Earlier versions</summary>
    <ol className="mt-2 flex flex-col gap-1 text-ink-soft">
      {versions.map(({ version, createdAt, madeBy, ratedAnswers }) => (
        <li key={version}>
          Version {version}, <time dateTime={createdAt}>{when.format(new Date(createdAt))}</time>,{' '}
          {madeBy === 'job' ? 'by itself' : 'on request'}, from {ratedAnswers} rated{' '}
          {ratedAnswers === 1 ? 'answer' : 'answers'}
        </li>
      ))}
    </ol>
  </details>
)
