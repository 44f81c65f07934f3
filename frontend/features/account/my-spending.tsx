'use client'

import { useQuery } from '@tanstack/react-query'
import { MySpending as Answer } from '@nitroagi/shared/spending'
import { request } from '../../backend-client/request.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { countWords, monthWords, usdWords } from '../../ui/amounts.ts'
import { Meter } from '../../ui/meter.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/section.tsx'
import { Loading } from '../../ui/skeleton.tsx'

/** What one's own questions have cost in this month. */
export function MySpending() {
  const { data, error } = useQuery({
    queryKey: ['my-spending'],
    queryFn: ({ signal }) => request('/me/spending', Answer, { signal }),
  })
  return (
    <Section
      title={data ? `Spending in ${monthWords(data.month)}` : 'Spending'}
      description="What language models have charged for your questions in this workspace. Months begin at midnight UTC."
    >
      {error && <Notice level="error">{wordsOf(error)}</Notice>}
      {!data && !error && <Loading />}
      {data && (
        <div className="flex max-w-md flex-col gap-4">
          <Meter
            label="Money"
            used={data.spent.usd}
            held={data.spent.reservedUsd}
            most={data.cap.usd}
            format={usdWords}
          />
          <Meter
            label="Tokens"
            used={data.spent.tokens}
            held={data.spent.reservedTokens}
            most={data.cap.tokens}
            format={countWords}
          />
          <p className="text-sm text-ink-faint">
            {data.cap.usd === null && data.cap.tokens === null
              ? 'You have no cap of your own. One of the whole workspace may still hold.'
              : 'When it is reached, answers are quoted from documents alone until an owner or admin lifts it or the next month begins.'}
          </p>
        </div>
      )}
    </Section>
  )
}
