'use client'

import { Calculator, Clock, LoaderCircle, Search, TriangleAlert, Wrench, type LucideIcon } from 'lucide-react'
import type { NitroPart } from '@nitroagi/shared/runs'

export type ToolPart = Extract<NitroPart, { type: 'dynamic-tool' }>

const known: Record<string, { Icon: LucideIcon; name: string }> = {
  calculator: { Icon: Calculator, name: 'the calculator' },
  current_time: { Icon: Clock, name: 'the clock' },
  search: { Icon: Search, name: 'the search' },
}

/** One tool that the model used: a line that says what came of it, and on demand what went in and out. */
export function ToolCall({ part }: { part: ToolPart }) {
  const { Icon, name } = known[part.toolName] ?? { Icon: Wrench, name: part.toolName }
  const outcome = outcomeOf(part)
  return (
    <li data-status={outcome.status} className="min-w-0">
      <details className="group rounded-lg border border-line bg-panel text-sm">
        <summary className="flex cursor-pointer list-none items-center gap-2 rounded-lg px-3 py-2 select-none hover:bg-hover [&::-webkit-details-marker]:hidden">
          {outcome.status === 'failed' ? (
            <TriangleAlert aria-hidden className="size-4 shrink-0 text-warning" />
          ) : outcome.status === 'running' ? (
            <LoaderCircle aria-hidden className="size-4 shrink-0 animate-spin text-accent" />
          ) : (
            <Icon aria-hidden className="size-4 shrink-0 text-ink-faint" />
          )}
          <span className="min-w-0 flex-1 truncate">
            {outcome.status === 'running' ? `Using ${name}…` : `Used ${name}`}
            {outcome.line && <span className="text-ink-soft">: {outcome.line}</span>}
          </span>
          <span aria-hidden className="text-xs text-ink-faint group-open:hidden">
            Details
          </span>
        </summary>
        <div className="flex flex-col gap-3 border-t border-line p-3">
          <Block title="Given" text={asText(part.input)} />
          {outcome.status === 'completed' && <Block title="Result" text={asText(part.output)} />}
          {outcome.status === 'failed' && <Block title="What went wrong" text={outcome.line} />}
        </div>
      </details>
    </li>
  )
}

type Outcome = { status: 'running' | 'completed' | 'failed'; line: string }

function outcomeOf(part: ToolPart): Outcome {
  switch (part.state) {
    case 'output-available':
      return { status: 'completed', line: outcomeLine(part.output) }
    case 'output-error':
      return { status: 'failed', line: part.errorText }
    case 'output-denied':
      return { status: 'failed', line: 'It was not allowed to.' }
    default:
      return { status: 'running', line: '' }
  }
}

function Block({ title, text }: { title: string; text: string }) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <p className="text-xs text-ink-faint">{title}</p>
      {/* What goes in and out is of any length and may be hostile: plain characters in a box that scrolls. */}
      <pre
        tabIndex={0}
        aria-label={title}
        role="region"
        className="max-h-60 overflow-auto font-mono text-xs leading-5 break-words whitespace-pre-wrap"
      >
        {text}
      </pre>
    </div>
  )
}

type Found = { number: number; title: string; page: number }

/** What a search gives: the passages' numbers, as the answer cites them, and where they stand. */
const isFound = (value: unknown): value is Found[] =>
  Array.isArray(value) &&
  value.every((item: unknown) => typeof item === 'object' && item !== null && 'number' in item && 'title' in item)

function outcomeLine(output: unknown): string {
  if (!isFound(output)) return firstLine(asText(output))
  if (output.length === 0) return 'no passage fits'
  const titles = [...new Set(output.map(({ title }) => title))].join(', ')
  return `${output.length} ${output.length === 1 ? 'passage' : 'passages'} of ${titles}`
}

/** A call's input mostly has one field, and its name says nothing to a reader. */
function asText(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (typeof value === 'string') return value
  if (isFound(value)) {
    return value.map(({ number, title, page }) => `[${number}] ${title}, page ${page}`).join('\n') || 'No passage fits.'
  }
  if (typeof value === 'object' && !Array.isArray(value)) {
    const [first, ...others] = Object.values(value)
    if (others.length === 0 && typeof first === 'string') return first
  }
  return JSON.stringify(value, null, 2)
}

const firstLine = (text: string): string => text.trim().split('\n', 1)[0]!.slice(0, 300)
