import { Table2 } from 'lucide-react'
import type { ComputationData } from '@nitroagi/shared/runs'

const rowsShown = 50

/** What an answer was computed from: closed a line a table, open the query and the rows that came out. */
export function Computations({ computations }: { computations: readonly ComputationData[] }) {
  if (computations.length === 0) return null
  return (
    <ul aria-label="Computed from tables" className="flex flex-col gap-2">
      {computations.map((computation) => (
        <li key={computation.step}>
          <Computation computation={computation} />
        </li>
      ))}
    </ul>
  )
}

function Computation({ computation }: { computation: ComputationData }) {
  const { document, sheet, query, columns, rows, rowCount, tableRows, by } = computation
  const name = sheet === null ? document.title : `${document.title}, sheet ${sheet}`
  return (
    <details className="rounded-lg border border-line bg-panel text-sm">
      <summary className="flex cursor-pointer items-center gap-2 rounded-lg px-3 py-2 text-ink-soft hover:text-ink">
        <Table2 aria-hidden size={16} className="shrink-0" />
        <span className="min-w-0 break-words">
          Computed from {name}: {counted(tableRows, 'row')}
        </span>
      </summary>
      <div className="flex flex-col gap-3 border-t border-line p-3">
        <p className="text-ink-soft">
          {by === 'rules' ? 'Fixed rules' : 'A language model'} turned the question into this query; a database computed
          the result.
        </p>
        <code className="font-mono text-xs break-words whitespace-pre-wrap">{query}</code>
        <ResultTable name={name} columns={columns} rows={rows.slice(0, rowsShown)} />
        {rowCount > rows.length && (
          <p className="text-ink-soft">
            The first {rows.length} of {counted(rowCount, 'row')}.
          </p>
        )}
      </div>
    </details>
  )
}

type ResultTableProps = { name: string } & Pick<ComputationData, 'columns' | 'rows'>

function ResultTable({ name, columns, rows }: ResultTableProps) {
  if (rows.length === 0) return <p className="text-ink-soft">No row fits.</p>
  return (
    // May be wider than a phone; without a place in the tab order nobody could scroll it by keyboard.
    <div role="region" aria-label={`Result from ${name}`} tabIndex={0} className="max-h-80 overflow-auto">
      <table className="min-w-max text-left">
        <thead className="text-ink-soft">
          <tr>
            {columns.map((column, index) => (
              <th
                key={index}
                scope="col"
                className={`py-1.5 pr-4 font-medium ${isFigure(rows, index) ? 'text-right' : ''}`}
              >
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at} className="border-t border-line">
              {row.map((value, index) => (
                <td
                  key={index}
                  className={`max-w-80 py-1.5 pr-4 break-words ${isFigure(rows, index) ? 'text-right tabular-nums' : ''}`}
                >
                  {value === null ? <span className="text-ink-soft">none</span> : String(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const isFigure = (rows: ComputationData['rows'], index: number): boolean =>
  rows.some((row) => typeof row[index] === 'number')

const counted = (many: number, what: string): string => `${many.toLocaleString('en')} ${what}${many === 1 ? '' : 's'}`
