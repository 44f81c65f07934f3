'use client'

import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import type { Reliability, ReliabilityBin } from '@nitroagi/shared/reliability'
import { share } from './figures.ts'

const tick = { fill: 'var(--ink-faint)', fontSize: 12 }
const scale = { type: 'number', domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1] } as const
const axis = { ...scale, tick, tickLine: false, axisLine: false, tickFormatter: share } as const

/** Stated confidence against thumbs up, with the same as a table for those who cannot see it. */
export default function ReliabilityChart({ bins }: Pick<Reliability, 'bins'>) {
  const points = bins.filter(({ answers }) => answers > 0)
  return (
    <figure className="flex min-w-0 flex-col gap-2" aria-label="Stated confidence against thumbs up">
      <figcaption className="flex flex-wrap items-baseline gap-x-4 gap-y-1 text-sm text-ink-soft">
        <span className="font-medium text-ink">Thumbs up, by stated confidence</span>
        <Key colour="var(--accent)">as rated</Key>
        <Key colour="var(--line-strong)">as it should be</Key>
      </figcaption>
      <div aria-hidden className="h-60 max-w-xl">
        <ResponsiveContainer width="100%" height="100%" minWidth={0}>
          {/* Nothing in what is hidden from readers of the screen may take the focus: the table speaks to them. */}
          <LineChart accessibilityLayer={false} data={points} margin={{ top: 8, right: 16, bottom: 0, left: 0 }}>
            <CartesianGrid stroke="var(--line)" />
            <XAxis dataKey="stated" {...axis} />
            <YAxis {...axis} width={48} />
            <ReferenceLine
              segment={[
                { x: 0, y: 0 },
                { x: 1, y: 1 },
              ]}
              stroke="var(--line-strong)"
              strokeDasharray="5 3"
            />
            <Tooltip
              isAnimationActive={false}
              cursor={{ stroke: 'var(--line-strong)' }}
              content={({ active, payload }) => {
                const bin = payload?.[0]?.payload as ReliabilityBin | undefined
                return active && bin ? <BinWords bin={bin} /> : null
              }}
            />
            <Line dataKey="good" stroke="var(--accent)" strokeWidth={2} dot={{ r: 4 }} isAnimationActive={false} />
          </LineChart>
        </ResponsiveContainer>
      </div>
      <table className="sr-only">
        <caption>Thumbs up, by stated confidence</caption>
        <thead>
          <tr>
            <th>Stated</th>
            <th>Thumbs up</th>
            <th>Answers</th>
          </tr>
        </thead>
        <tbody>
          {points.map(({ from, stated, good, answers }) => (
            <tr key={from}>
              <td>{share(stated)}</td>
              <td>{share(good)}</td>
              <td>{answers}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}

const BinWords = ({ bin: { stated, good, answers } }: { bin: ReliabilityBin }) => (
  <div className="rounded-md border border-line bg-raised px-3 py-2 text-sm shadow-float">
    <p className="font-medium">{share(good)} thumbs up</p>
    <p className="text-ink-soft">stated {share(stated)}</p>
    <p className="text-ink-soft">{answers === 1 ? '1 answer' : `${answers} answers`}</p>
  </div>
)

const Key = ({ colour, children }: { colour: string; children: string }) => (
  <span className="inline-flex items-center gap-1.5">
    <span aria-hidden className="h-0.5 w-3 rounded-sm" style={{ background: colour }} />
    {children}
  </span>
)
