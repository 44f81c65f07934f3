import { buffer } from 'node:stream/consumers'
import { NitroError } from '@nitroagi/shared/errors'
import { readRobots, type Robots } from '../ingestion/robots.ts'
import { isNoText, looksEndless, pathOf, plainAddress, scopeOf, variantsAtMost } from '../ingestion/web-page-address.ts'
import type { QueuedPage, RoundProgress, SourceWork } from '../ports/database/sources-port.ts'
import { sitemapPages } from './crawl-sitemaps.ts'
import { type FoundPage, losePage, type SourceFetch, takePage, visitPage } from './sources-page.ts'

const roundMs = 60 * 60 * 1000
const roundBytes = 500 * 1024 * 1024
const page = { maxBytes: 20 * 1024 * 1024, totalSeconds: 60 }
const robotsBytes = 512 * 1024
/** Some pages become no documents; a site of such pages ends too. */
const looksPerDocument = 3
const knownPerDocument = 10

/** What is known of the site while it is walked. Its pages wait in the database, so that a cut costs the page in hand. */
interface Walk {
  fetch: SourceFetch
  work: SourceWork
  robots: Robots
  isInScope: (address: string) => boolean
  variants: Map<string, number>
  bytes: number
}

/**
 * Fetches the pages of a site one after the other, nearest to its first page first. Gives what is worth knowing, and
 * undefined when it is wanted no more. Throws when the first page cannot be had.
 */
export async function crawlSite(fetch: SourceFetch, work: SourceWork): Promise<{ notice: string | null } | undefined> {
  const { call, source, sources } = fetch
  const root = source.root ?? source.url
  const walk: Walk = {
    fetch,
    work,
    robots: await robotsOf(fetch, root),
    isInScope: scopeOf(root),
    variants: new Map(),
    bytes: 0,
  }
  if (work.isNewRound) {
    await sources.queue(call, source, [{ url: source.url, depth: 0 }], knownAtMost(walk))
    await sources.queueKnown(call, source)
  }
  if (source.root !== null) await queueSitemaps(walk)
  for (;;) {
    call.signal.throwIfAborted()
    const progress = await sources.progress(call, source)
    if (!progress) return undefined
    const next = await sources.next(call, source)
    if (!next) return { notice: null }
    const limit = limitReached(walk, progress)
    if (limit) return { notice: limit }
    await lookAt(walk, next)
  }
}

const knownAtMost = ({ fetch: { source } }: Walk) => source.settings.maxPages * knownPerDocument + 100

function limitReached(
  { fetch: { source }, work, bytes }: Walk,
  { documents, settled }: RoundProgress,
): string | undefined {
  const { maxPages } = source.settings
  if (documents >= maxPages) return `Stopped at ${maxPages} pages; there are more. Raise the limit to have them.`
  if (settled >= maxPages * looksPerDocument + 50)
    return `Stopped after ${settled} addresses, most of which hold no page of their own`
  if (Date.now() - work.roundStartedAt.getTime() > roundMs) return 'Stopped after an hour; the next fetch goes on'
  if (bytes > roundBytes) return 'Stopped after 500 MB; the next fetch goes on'
  return undefined
}

async function lookAt(walk: Walk, known: QueuedPage): Promise<void> {
  const { fetch, robots } = walk
  const { call, source, sources, turns } = fetch
  const isFirst = known.url === source.url
  if (!robots.allows(known.url)) {
    if (isFirst) throw new NitroError('fetch_failed', 'The robots.txt of this site does not let NitroAGI read it')
    return losePage(fetch, known, 'The robots.txt of the site asks to leave it out', 'skipped')
  }
  await turns.take(known.url, call.signal, robots.pauseMs)
  try {
    const visit = await visitPage(fetch, known, page)
    if (visit.kind === 'same') await sources.settle(call, source, { url: known.url, outcome: 'unchanged', misses: 0 })
    else if (visit.kind === 'left-out') {
      await sources.settle(call, source, { url: known.url, outcome: 'skipped', reason: visit.reason })
    } else if (visit.kind === 'gone') {
      if (isFirst) throw new NitroError('fetch_failed', visit.reason)
      await losePage(fetch, known, visit.reason)
    } else await found(walk, known, visit.page)
  } catch (error) {
    // A page that fails is one of many; without the first there is no site.
    if (isFirst || call.signal.aborted || !(error instanceof NitroError) || !isOfPage(error)) throw error
    await sources.settle(call, source, { url: known.url, outcome: 'failed', reason: error.message })
  }
}

const isOfPage = ({ code }: NitroError) =>
  code.startsWith('fetch_') ||
  code.startsWith('document_') ||
  code === 'address_refused' ||
  code === 'payload_too_large'

async function found(walk: Walk, known: QueuedPage, page: FoundPage): Promise<void> {
  const { fetch } = walk
  const { call, source, sources, intake } = fetch
  walk.bytes += page.received.sizeBytes
  if (known.url === source.url) await arrive(walk, page)
  const leaveOut = async (reason: string) => {
    await intake.drop(page.received)
    await sources.settle(call, source, { url: known.url, outcome: 'skipped', reason })
  }
  const foundAt = plainAddress(page.url) ?? known.url
  if (!walk.isInScope(foundAt)) return leaveOut(`It leads to ${foundAt}, which is no part of the site`)
  if (!walk.robots.allows(foundAt))
    return leaveOut('It leads to a page that the robots.txt of the site asks to leave out')
  if (page.facts && !page.facts.noFollow) await queueLinks(walk, page.facts.links, known.depth + 1)
  if (page.facts?.noIndex) {
    await intake.drop(page.received)
    return losePage(fetch, known, 'The page asks to be left out (noindex)', 'skipped')
  }
  if (isArchive(page.received.mediaType)) return leaveOut('Archives are not taken from sites; upload it')
  const canonical = page.facts?.canonical
  const address = canonical && walk.isInScope(canonical) ? canonical : foundAt
  if (address === known.url) {
    await takePage(fetch, known, page)
    return
  }
  const other = await sources.known(call, source, address)
  if (other?.isSettled) return leaveOut(`The same page as ${address}`)
  await takePage(fetch, other ?? { url: address, depth: known.depth, textHash: null, documentId: null }, page)
  await sources.settle(call, source, { url: known.url, outcome: 'skipped', reason: `The same page as ${address}` })
}

const isArchive = (mediaType: string) => mediaType === 'application/zip' || mediaType === 'application/x-ndjson'

/** Where the first page was found in the end is what the site is measured by. */
async function arrive(walk: Walk, { url, facts }: FoundPage): Promise<void> {
  const { call, source, sources } = walk.fetch
  const root = plainAddress(url) ?? url
  await sources.describe(call, source, { root, ...(facts?.title ? { name: facts.title } : {}) })
  if (source.root === root) return
  if (new URL(root).origin !== new URL(source.root ?? source.url).origin) walk.robots = await robotsOf(walk.fetch, root)
  walk.isInScope = scopeOf(root)
  await queueSitemaps(walk)
}

async function queueSitemaps(walk: Walk): Promise<void> {
  const { fetch, robots } = walk
  await queueLinks(walk, await sitemapPages(fetch, robots, walk.isInScope), 1)
}

async function queueLinks(walk: Walk, links: readonly string[], depth: number): Promise<void> {
  const { call, source, sources } = walk.fetch
  if (depth > source.settings.maxDepth) return
  const wanted = links.filter((link) => {
    if (!walk.isInScope(link) || isNoText(link) || looksEndless(link)) return false
    if (!new URL(link).search) return true
    // Lists with pages have some addresses that differ in their query only; calendars have no end of them.
    const variants = (walk.variants.get(pathOf(link)) ?? 0) + 1
    walk.variants.set(pathOf(link), variants)
    return variants <= variantsAtMost
  })
  if (wanted.length === 0) return
  const pages = [...new Set(wanted)].map((url) => ({ url, depth }))
  await sources.queue(call, source, pages, knownAtMost(walk))
}

/** None is leave to read everything; one that cannot be had just now is not. */
export async function robotsOf({ call, outbound, turns }: SourceFetch, address: string): Promise<Robots> {
  const url = new URL('/robots.txt', address).href
  await turns.take(url, call.signal)
  const response = await outbound.open(url, {
    signal: call.signal,
    maxBytes: robotsBytes,
    accept: 'text/plain,*/*;q=0.5',
  })
  try {
    if (response.status >= 500 || response.status === 429) {
      throw new NitroError('fetch_failed', `The robots.txt of this site cannot be read now (status ${response.status})`)
    }
    return readRobots(url, response.status === 200 ? await buffer(response.body) : undefined)
  } finally {
    response.close()
  }
}
