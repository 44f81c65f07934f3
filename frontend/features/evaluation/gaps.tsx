'use client'

import { CircleHelp } from 'lucide-react'
import type { Gap, GapReason } from '@nitroagi/shared/evaluation'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { moment, percent } from './figures.ts'
import { useGaps } from './use-evaluation.ts'

const words: Record<GapReason, string> = {
  unanswered: 'nothing in the documents answered it',
  weak: 'the answer was hardly supported',
  thumbs_down: 'thumb down',
}

const feedbackWords: Record<Gap['feedback'][number], string> = {
  wrong: 'wrong',
  incomplete: 'incomplete',
  unsupported: 'not supported',
  off_topic: 'off topic',
  unclear: 'unclear',
  other: 'another reason',
}

/** What people asked and the documents did not answer well; each can become a golden question. */
export function Gaps({ onAdd }: { onAdd: (question: string) => void }) {
  const { data, error, isPending, refetch } = useGaps()
  return (
    <section aria-labelledby="gaps" className="flex flex-col gap-4">
      <div className="flex flex-col gap-1">
        <h2 id="gaps" className="font-semibold">
          What was not answered well
        </h2>
        {data && (
          <p className="max-w-[65ch] text-sm text-ink-faint">
            {data.scope === 'workspace'
              ? `Your own questions of the last ${data.days} days, and as an owner or admin also those that two people asked or that somebody gave a thumb down, without names and answers.`
              : `Your own questions of the last ${data.days} days. Owners and admins of the workspace see one of them, without your name and the answer, when somebody else asked it too or when you gave it a thumb down.`}
          </p>
        )}
      </div>
      {error && (
        <Notice level="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
          {wordsOf(error)}
        </Notice>
      )}
      {isPending && !error && <Loading />}
      {data?.items.length === 0 && (
        <EmptyState icon={CircleHelp} title="No gap is known">
          Questions appear here when nothing in the documents answers them, when an answer is hardly supported, or when
          somebody gives it a thumb down.
        </EmptyState>
      )}
      {data && data.items.length > 0 && (
        <ul aria-label="Gaps">
          {data.items.map((gap) => (
            <li key={gap.question} className="flex flex-wrap items-start gap-3 border-b border-line py-2.5">
              <div className="min-w-0 flex-1 basis-64">
                <p className="font-medium [overflow-wrap:anywhere]">{gap.question}</p>
                <p className="text-sm text-ink-faint">{whyOf(gap)}</p>
                {gap.others.length > 0 && (
                  <p className="text-sm text-ink-faint [overflow-wrap:anywhere]">Also: {gap.others.join(' · ')}</p>
                )}
              </div>
              <Button className="h-8 text-sm" onClick={() => onAdd(gap.question)}>
                Add as golden question
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function whyOf({ times, lastAskedAt, reasons, confidence, feedback }: Gap): string {
  const asked = `${times === 1 ? 'Asked' : `Asked ${times} times, last`} ${moment(lastAskedAt)}`
  const why = reasons.map(({ reason, times: count }) =>
    count === times ? words[reason] : `${words[reason]} (${count})`,
  )
  const said = feedback.length > 0 ? [`said to be ${feedback.map((one) => feedbackWords[one]).join(', ')}`] : []
  const sure = confidence === null ? [] : [`confidence ${percent(confidence)}`]
  return [asked, ...why, ...said, ...sure].join(' · ')
}
