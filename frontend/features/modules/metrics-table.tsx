import type { ModuleMetricsRow } from '@nitroagi/shared/module-metrics'
import { cost, duration, share, tokens } from './figures.ts'

const columns: readonly (readonly [name: string, cell: (row: ModuleMetricsRow) => string, isFigure: boolean])[] = [
  ['Model', ({ model }) => model ?? '–', false],
  ['Strategy', ({ strategy }) => strategy, false],
  ['Runs', ({ runs }) => String(runs), true],
  ['Success', ({ successRate }) => share(successRate), true],
  ['p50', ({ p50DurationMs }) => duration(p50DurationMs), true],
  ['p95', ({ p95DurationMs }) => duration(p95DurationMs), true],
  ['Tokens', tokens, true],
  ['Cost', cost, true],
]

export function MetricsTable({ rows }: { rows: ModuleMetricsRow[] }) {
  return (
    // Wider than a phone; without a place in the tab order nobody could scroll it by keyboard.
    <div role="region" aria-label="Figures by module" tabIndex={0} className="overflow-x-auto">
      <table className="w-full min-w-max text-left text-sm">
        <thead className="text-ink-faint">
          <tr>
            <th className="py-2 pr-4 font-medium">Module</th>
            {columns.map(([name, , isFigure]) => (
              <th key={name} className={`py-2 pr-4 font-medium last:pr-0 ${isFigure ? 'text-right' : ''}`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.module} ${row.model} ${row.strategy}`} className="border-t border-line">
              <th scope="row" className="py-2 pr-4 font-medium">
                {row.module}
              </th>
              {columns.map(([name, cell, isFigure]) => (
                <td
                  key={name}
                  className={`py-2 pr-4 last:pr-0 ${isFigure ? 'text-right tabular-nums' : 'text-ink-soft'}`}
                >
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
