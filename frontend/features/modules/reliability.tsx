'use client'

import { Gauge } from 'lucide-react'
import dynamic from 'next/dynamic'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { useReliability } from './use-reliability.ts'

const ReliabilityChart = dynamic(() => import('./reliability-chart.tsx'), {
  ssr: false,
  loading: () => <Skeleton className="h-60 w-full" />,
})

/** Whether answers were found good as often as they said they would be. */
export function ReliabilitySection() {
  const { data, error, isPending, refetch } = useReliability()
  return (
    <section aria-labelledby="reliability" className="flex flex-col gap-4">
      <h2 id="reliability" className="font-semibold">
        How far their confidence can be trusted
      </h2>
      {error && (
        <Notice level="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
          {wordsOf(error)}
        </Notice>
      )}
      {isPending && !error && <Skeleton className="h-60 w-full" />}
      {data && data.ratedAnswers === 0 && (
        <EmptyState icon={Gauge} title="Nothing was rated yet">
          The curve appears once answers with a measured confidence were rated: give answers a thumb up or down.
        </EmptyState>
      )}
      {data && data.ratedAnswers > 0 && (
        <>
          <ReliabilityChart bins={data.bins} />
          <dl className="grid max-w-[65ch] grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
            <Row name="Rated answers" value={String(data.ratedAnswers)} />
            <Row name="Mean distance from the line" value={figure(data.expectedCalibrationError)} />
            <Row name="Brier score" value={figure(data.brier)} />
          </dl>
          <p className="max-w-[65ch] text-sm text-ink-faint">
            On the line, answers were found good as often as they said. Both figures are 0 at best.{' '}
            {data.isCalibrated
              ? 'Ratings correct the confidence of new answers.'
              : `Ratings correct the confidence of new answers from ${data.neededAnswers} rated answers on.`}
          </p>
        </>
      )}
    </section>
  )
}

const figure = (value: number | null) => (value === null ? 'not measured' : value.toFixed(3))

const Row = ({ name, value }: { name: string; value: string }) => (
  <div className="contents">
    <dt className="text-ink-faint">{name}</dt>
    <dd className="tabular-nums">{value}</dd>
  </div>
)
