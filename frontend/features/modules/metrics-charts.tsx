'use client'

import type { ReactNode } from 'react'
import { Bar, BarChart, CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import type { ModuleMetrics, ModuleMetricsPoint } from '@nitroagi/shared/module-metrics'
import { duration } from './figures.ts'

type ChartsProps = Pick<ModuleMetrics, 'series' | 'bucket'>

const hour = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' })

/** Hours as the reader's clock has them; days are UTC, as they were counted. */
const labelOf = (at: string, bucket: ChartsProps['bucket']) => (bucket === 'hour' ? hour : day).format(new Date(at))

const tick = { fill: 'var(--ink-faint)', fontSize: 12 }
const axis = { tick, tickLine: false, axisLine: false } as const

export default function MetricsCharts({ series, bucket }: ChartsProps) {
  const points = series.map((point) => ({
    ...point,
    label: labelOf(point.at, bucket),
    otherRuns: point.runs - point.failedRuns,
  }))
  const common = { data: points, margin: { top: 8, right: 8, bottom: 0, left: 0 } }
  const tooltip = (words: (point: ModuleMetricsPoint) => string[]) => (
    <Tooltip
      cursor={{ fill: 'var(--hover)', stroke: 'var(--line-strong)' }}
      isAnimationActive={false}
      content={({ active, payload }) => {
        const point = payload?.[0]?.payload as (ModuleMetricsPoint & { label: string }) | undefined
        return active && point ? <Words title={point.label} lines={words(point)} /> : null
      }}
    />
  )
  return (
    <div className="grid gap-6 lg:grid-cols-2">
      <Chart
        title={bucket === 'hour' ? 'Runs an hour' : 'Runs a day'}
        keys={[
          ['var(--accent)', 'without a failed step'],
          ['var(--danger)', 'with a failed step'],
        ]}
      >
        <BarChart {...common}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis dataKey="label" {...axis} minTickGap={24} />
          <YAxis {...axis} width={40} allowDecimals={false} />
          {tooltip(({ runs, failedRuns }) => [`${runs} runs`, `${failedRuns} with a failed step`])}
          <Bar dataKey="otherRuns" stackId="runs" fill="var(--accent)" maxBarSize={24} isAnimationActive={false} />
          <Bar dataKey="failedRuns" stackId="runs" fill="var(--danger)" maxBarSize={24} isAnimationActive={false} />
        </BarChart>
      </Chart>
      <Chart
        title="How long a step took"
        keys={[
          ['var(--accent)', 'half of them at most (p50)'],
          ['var(--warning)', '95 of 100 at most (p95)'],
        ]}
      >
        <LineChart {...common}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis dataKey="label" {...axis} minTickGap={24} />
          <YAxis {...axis} width={64} tickFormatter={duration} />
          {tooltip(({ p50DurationMs, p95DurationMs }) => [
            `p50 ${p50DurationMs === null ? 'not measured' : duration(p50DurationMs)}`,
            `p95 ${p95DurationMs === null ? 'not measured' : duration(p95DurationMs)}`,
          ])}
          {(['p50DurationMs', 'p95DurationMs'] as const).map((key, index) => (
            <Line
              key={key}
              dataKey={key}
              stroke={index === 0 ? 'var(--accent)' : 'var(--warning)'}
              strokeWidth={2}
              strokeDasharray={index === 0 ? '0' : '5 3'}
              // An hour without a step was not measured: its neighbours are not joined over it, so each needs a dot.
              dot={{ r: 2.5, strokeDasharray: '0' }}
              isAnimationActive={false}
            />
          ))}
        </LineChart>
      </Chart>
    </div>
  )
}

type ChartProps = { title: string; keys: [colour: string, words: string][]; children: ReactNode }

function Chart({ title, keys, children }: ChartProps) {
  return (
    <figure className="flex min-w-0 flex-col gap-2" aria-label={title}>
      <figcaption className="flex flex-wrap items-baseline gap-x-4 gap-y-1 text-sm text-ink-soft">
        <span className="font-medium text-ink">{title}</span>
        {keys.map(([colour, words]) => (
          <span key={words} className="inline-flex items-center gap-1.5">
            <span aria-hidden className="h-0.5 w-3 rounded-sm" style={{ background: colour }} />
            {words}
          </span>
        ))}
      </figcaption>
      <div className="h-52">
        <ResponsiveContainer width="100%" height="100%" minWidth={0}>
          {children}
        </ResponsiveContainer>
      </div>
    </figure>
  )
}

const Words = ({ title, lines }: { title: string; lines: string[] }) => (
  <div className="rounded-md border border-line bg-raised px-3 py-2 text-sm shadow-float">
    <p className="font-medium">{title}</p>
    {lines.map((line) => (
      <p key={line} className="text-ink-soft">
        {line}
      </p>
    ))}
  </div>
)
