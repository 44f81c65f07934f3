import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { NitroError } from '@nitroagi/shared/errors'
import type { Robots } from '../ingestion/robots.ts'
import type { FeedEntry, FeedFacts } from '../ingestion/web-page.ts'
import type { SourceWork } from '../ports/database/sources-port.ts'
import { robotsOf } from './crawl.ts'
import { losePage, type SourceFetch, takePage, visitPage } from './sources-page.ts'

const feedBytes = 20 * 1024 * 1024
const page = { maxBytes: 20 * 1024 * 1024, totalSeconds: 60 }

/** Makes a document of each entry. What falls out of the feed stays: a feed tells of what is new, not of what is. */
export async function fetchFeed(fetch: SourceFetch, work: SourceWork): Promise<{ notice: string | null } | undefined> {
  const { call, source, sources } = fetch
  const read = await readFeed(fetch, work)
  if (!read) return { notice: 'The feed has not changed' }
  const { facts, etag, lastModified } = read
  const entries = facts.entries.slice(0, source.settings.maxEntries)
  const robots = new Map<string, Promise<Robots>>()
  if (facts.title) await sources.describe(call, source, { name: facts.title })
  await sources.queue(
    call,
    source,
    entries.map((entry) => ({ url: keyOf(source.url, entry), depth: 0 })),
    Number.MAX_SAFE_INTEGER,
  )
  for (const entry of entries) {
    call.signal.throwIfAborted()
    if (!(await sources.progress(call, source))) return undefined
    await takeEntry(fetch, entry, robots)
  }
  const { failed = 0 } = (await sources.progress(call, source)) ?? {}
  // With entries left to be tried again, the next fetch must see the feed whatever it says of itself.
  await sources.describe(call, source, failed > 0 ? { etag: null, lastModified: null } : { etag, lastModified })
  const left = facts.entries.length - entries.length
  return { notice: left > 0 ? `The newest ${entries.length} entries were taken, ${left} older ones left out` : null }
}

/** Undefined when it is as it was. */
async function readFeed(
  { call, source, outbound, intake, reader, turns }: SourceFetch,
  { isNewRound }: SourceWork,
): Promise<{ facts: FeedFacts; etag: string | null; lastModified: string | null } | undefined> {
  await turns.take(source.url, call.signal)
  const response = await outbound.open(source.url, {
    signal: call.signal,
    maxBytes: feedBytes,
    accept: 'application/atom+xml,application/rss+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.5',
    headers: {
      // A round that was cut has entries left, whatever the feed says.
      ...(source.etag && isNewRound ? { 'if-none-match': source.etag } : {}),
      ...(source.lastModified && isNewRound ? { 'if-modified-since': source.lastModified } : {}),
    },
  })
  try {
    if (response.status === 304) return undefined
    if (response.status !== 200) throw new NitroError('fetch_failed', `It answered with status ${response.status}`)
    const { received, seen } = await intake.receive(
      call,
      'feed.xml',
      response.body,
      (path) => reader.read('feed', path, response.url, call.signal),
      feedBytes,
    )
    await intake.drop(received)
    return { facts: seen, etag: response.header('etag'), lastModified: response.header('last-modified') }
  } finally {
    response.close()
  }
}

/** Ids are the feed's own affair: only one that is an address means the same elsewhere. */
const keyOf = (feedUrl: string, { id }: FeedEntry) =>
  (/^https?:\/\//i.test(id) ? id : `${feedUrl}#${id}`).slice(0, 2_000)

async function takeEntry(fetch: SourceFetch, entry: FeedEntry, robots: Map<string, Promise<Robots>>): Promise<void> {
  const { call, source, sources } = fetch
  const url = keyOf(source.url, entry)
  const known = await sources.known(call, source, url)
  if (known?.isSettled) return
  try {
    if (source.settings.fullPages && entry.url) await takeFullPage(fetch, entry, url, robots)
    else await takeContent(fetch, entry, url)
  } catch (error) {
    if (call.signal.aborted || !(error instanceof NitroError) || error.code === 'not_found') throw error
    await sources.settle(call, source, { url, outcome: 'failed', reason: error.message })
  }
}

async function takeFullPage(
  fetch: SourceFetch,
  entry: FeedEntry,
  key: string,
  robots: Map<string, Promise<Robots>>,
): Promise<void> {
  const { call, source, sources, intake, turns } = fetch
  const address = entry.url!
  const { origin } = new URL(address)
  const rules = robots.get(origin) ?? robotsOf(fetch, address)
  robots.set(origin, rules)
  const { allows, pauseMs } = await rules
  const known = await sources.known(call, source, key)
  const settled = known ?? {
    url: key,
    depth: 0,
    etag: null,
    lastModified: null,
    textHash: null,
    documentId: null,
    misses: 0,
  }
  if (!allows(address)) return losePage(fetch, settled, 'The robots.txt of the site asks to leave it out', 'skipped')
  await turns.take(address, call.signal, pauseMs)
  const visit = await visitPage(fetch, { ...settled, url: address }, page)
  if (visit.kind === 'same') await sources.settle(call, source, { url: key, outcome: 'unchanged', misses: 0 })
  else if (visit.kind === 'gone') await losePage(fetch, settled, visit.reason)
  else if (visit.kind === 'left-out')
    await sources.settle(call, source, { url: key, outcome: 'skipped', reason: visit.reason })
  else if (visit.page.facts?.noIndex) {
    await intake.drop(visit.page.received)
    await losePage(fetch, settled, 'The page asks to be left out (noindex)', 'skipped')
  } else await takePage(fetch, settled, visit.page, { date: entry.date, name: entry.title })
}

async function takeContent(fetch: SourceFetch, entry: FeedEntry, key: string): Promise<void> {
  const { call, source, sources, intake } = fetch
  const known = await sources.known(call, source, key)
  if (entry.content === null) {
    await sources.settle(call, source, {
      url: key,
      outcome: 'skipped',
      reason: 'The feed says no more of it than its title; let the page behind each entry be fetched',
    })
    return
  }
  const markup = documentOf(entry)
  const textHash = createHash('sha256').update(markup).digest('hex')
  if (known?.documentId && known.textHash === textHash) {
    await sources.settle(call, source, { url: key, outcome: 'unchanged' })
    return
  }
  const { received } = await intake.receive(call, 'entry.html', Readable.from([Buffer.from(markup)]), async () => {})
  const found = { url: entry.url ?? source.url, received, facts: undefined, etag: null, lastModified: null }
  await takePage(fetch, { url: key, textHash: null, documentId: known?.documentId ?? null }, found, {
    date: entry.date,
    name: entry.title,
  })
}

const documentOf = ({ title, content }: FeedEntry) => {
  const name = title.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
  return `<!doctype html>\n<html><head><meta charset="utf-8"><title>${name}</title></head><body>\n<h1>${name}</h1>\n${content}\n</body></html>\n`
}
