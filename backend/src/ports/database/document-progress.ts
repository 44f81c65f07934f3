import type { DocumentProgress, DocumentStatus } from '@nitroagi/shared/knowledge'

/** What comes forward now counts, what did so a while ago hardly. */
const memorySeconds = 10
/** A rate that nothing was added to for so long says nothing of now. */
const staleMs = 60_000

/**
 * Assignments for an UPDATE of `documents` by which `column` comes to `done`, and the rate with it: a mean that forgets.
 * Time in which nobody works does not count, because whoever begins sets `rate_at`.
 */
export function comesForward(column: 'pages_done' | 'chunks_done', done: string): string {
  const seconds = `least(greatest(extract(epoch FROM clock_timestamp() - rate_at), 0.001), 600)::float8`
  const latest = `greatest(${done} - ${column}, 0) / ${seconds}`
  return `${column} = ${done}, attempts = 0, updated_at = clock_timestamp(), rate_at = clock_timestamp(),
    rate = coalesce(rate + (1 - exp(-${seconds} / ${memorySeconds})) * (${latest} - rate), ${latest})`
}

interface Row {
  status: DocumentStatus
  paused_at: Date | null
  pages_total: number | null
  pages_done: number
  chunks_total: number | null
  chunks_done: number
  rate: number | null
  rate_at: Date | null
}

export function progressOf(row: Row): DocumentProgress | null {
  if (row.status !== 'extracting' && row.status !== 'embedding') return null
  const [done, total] =
    row.status === 'extracting' ? [row.pages_done, row.pages_total] : [row.chunks_done, row.chunks_total]
  const isFresh = row.paused_at === null && row.rate_at !== null && Date.now() - row.rate_at.getTime() < staleMs
  const perSecond = isFresh && row.rate ? Math.round(row.rate * 100) / 100 : null
  return {
    stage: row.status,
    done,
    total,
    perSecond,
    secondsLeft: perSecond && total !== null ? Math.ceil(Math.max(0, total - done) / perSecond) : null,
  }
}
