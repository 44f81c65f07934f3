import type { Source, SourceKind } from '@nitroagi/shared/sources'
import { plural } from './document-words.ts'

export const kindWords: Record<SourceKind, string> = { url: 'Web page', site: 'Web site', feed: 'Feed' }

/** Offered; whoever needs another number of hours has the API. */
export const schedules: readonly { hours: number | null; label: string }[] = [
  { hours: null, label: 'Only when asked' },
  { hours: 1, label: 'Every hour' },
  { hours: 6, label: 'Every 6 hours' },
  { hours: 24, label: 'Every day' },
  { hours: 24 * 7, label: 'Every week' },
  { hours: 24 * 30, label: 'Every 30 days' },
]

export const scheduleWords = (hours: number | null): string =>
  schedules.find((schedule) => schedule.hours === hours)?.label ?? `Every ${hours} hours`

/** What is happening to a source, or what its latest fetch came to. */
export function stateWords({ status, counters, kind, lastFetchedAt }: Source): string {
  const { found, done } = counters
  switch (status) {
    case 'waiting':
      return 'Waiting to be fetched'
    case 'fetching':
      return kind === 'url' || found === 0
        ? 'Being fetched'
        : `Being fetched, ${done} of ${plural(found, 'page')} so far`
    case 'failed':
      return 'The latest fetch failed'
    case 'paused':
      return 'Paused'
    default:
      return lastFetchedAt ? resultWords(counters) : 'Not fetched yet'
  }
}

function resultWords({ added, changed, unchanged, removed, skipped, failed }: Source['counters']): string {
  const said = [
    added && `${added} added`,
    changed && `${changed} changed`,
    unchanged && `${unchanged} unchanged`,
    removed && `${removed} removed`,
    skipped && `${skipped} left out`,
    failed && `${failed} failed`,
  ].filter(Boolean)
  return said.length > 0 ? said.join(', ') : 'Nothing there'
}

const clock = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })
export const timeWords = (iso: string): string => clock.format(new Date(iso))
