'use client'

import { Activity, Lock } from 'lucide-react'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import { useState } from 'react'
import { NitroError } from '@nitroagi/shared/errors'
import { MetricsWindow, type ModuleMetrics } from '@nitroagi/shared/module-metrics'
import { wordsOf } from '../../backend-client/words.ts'
import { PageHeader } from '../../ui/app-shell.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Learning } from './learning.tsx'
import { MetricsTable } from './metrics-table.tsx'
import { ModuleList } from './module-list.tsx'
import { ReliabilitySection } from './reliability.tsx'
import { useModuleMetrics } from './use-module-metrics.ts'

// The library that draws is larger than the rest of the page.
const MetricsCharts = dynamic(() => import('./metrics-charts.tsx'), {
  ssr: false,
  loading: () => <Skeleton className="h-60 w-full" />,
})

const windowNames: Record<MetricsWindow, string> = { '24h': '24 hours', '7d': '7 days', '30d': '30 days' }

export function Modules() {
  const [window, setWindow] = useState<MetricsWindow>('24h')
  const { data, error, isPending, refetch } = useModuleMetrics(window)
  if (error instanceof NitroError && error.code === 'forbidden') return <Forbidden />
  return (
    <>
      <PageHeader title="Modules" />
      <main className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto flex w-full max-w-5xl flex-col gap-8 px-4 py-6 md:px-6">
          <section aria-labelledby="figures" className="flex flex-col gap-4">
            <div className="flex flex-wrap items-center justify-between gap-2">
              <h2 id="figures" className="font-semibold">
                What they did
              </h2>
              <WindowPicker window={window} onChoose={setWindow} />
            </div>
            {error && (
              <Notice level="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
                {wordsOf(error)}
              </Notice>
            )}
            {isPending && !error && <Skeleton className="h-60 w-full" />}
            {data && (data.rows.length === 0 ? <NothingYet window={data.window} /> : <Figures metrics={data} />)}
          </section>
          <ModuleList />
          <ReliabilitySection />
          <Learning />
        </div>
      </main>
    </>
  )
}

function WindowPicker({ window, onChoose }: { window: MetricsWindow; onChoose: (window: MetricsWindow) => void }) {
  return (
    <div role="group" aria-label="How far back" className="flex gap-1">
      {MetricsWindow.options.map((option) => (
        <Button
          key={option}
          look={option === window ? 'plain' : 'quiet'}
          aria-pressed={option === window}
          className="h-8 text-sm"
          onClick={() => onChoose(option)}
        >
          {windowNames[option]}
        </Button>
      ))}
    </div>
  )
}

function Figures({ metrics }: { metrics: ModuleMetrics }) {
  const [module, setModule] = useState<string>()
  const names = [...new Set(metrics.rows.map((row) => row.module))].sort()
  const chosen = names.find((name) => name === module)
  const { data } = useModuleMetrics(metrics.window, chosen)
  return (
    <>
      <MetricsTable rows={metrics.rows} />
      <p className="max-w-[65ch] text-sm text-ink-faint">
        Success counts steps that were completed or failed, not those that somebody stopped. Durations are those of
        completed steps. A dash means that no model was asked.
      </p>
      <label className="flex items-center gap-2 self-start text-sm text-ink-soft">
        Over time
        <select
          value={chosen ?? ''}
          onChange={(event) => setModule(event.target.value || undefined)}
          className="h-8 rounded-md border border-field-line bg-raised px-2 text-ink"
        >
          <option value="">all modules</option>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <MetricsCharts {...(data ?? metrics)} />
    </>
  )
}

const NothingYet = ({ window }: { window: MetricsWindow }) => (
  <EmptyState
    icon={Activity}
    title={`Nothing in the last ${windowNames[window]}`}
    action={
      <Link
        href="/chat"
        className="inline-flex h-9 items-center rounded-md bg-accent px-3 font-medium text-on-accent hover:bg-accent-strong"
      >
        Ask something
      </Link>
    }
  >
    Every answer leaves figures here: which modules worked on it, how long they took and what they cost.
  </EmptyState>
)

const Forbidden = () => (
  <>
    <PageHeader title="Modules" />
    <main className="min-h-0 flex-1 overflow-y-auto">
      <EmptyState icon={Lock} title="Only for owners and admins">
        Ask an owner of this workspace if you need to see these figures.
      </EmptyState>
    </main>
  </>
)
