import { Readable } from 'node:stream'
import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import type { PageFacts, WebPageReader } from '../ingestion/web-page.ts'
import { inUtf8 } from '../ingestion/web-page-charset.ts'
import type { QueuedPage, SourcesRepository, StoredSource } from '../ports/database/sources-port.ts'
import type { OutboundClient } from '../ports/outbound/port.ts'
import type { DocumentIntake, ReceivedBytes } from '../services/document-intake.ts'
import type { HostTurns } from './sources-turns.ts'

/** What a source is fetched with. */
export interface SourceFetch {
  call: Call
  source: StoredSource
  sources: SourcesRepository
  outbound: OutboundClient
  intake: DocumentIntake
  reader: WebPageReader
  turns: HostTurns
}

/** What came of asking for a page. Bytes that came are kept already: they are taken or dropped by whoever asked. */
export type Visit =
  | { kind: 'same' }
  | { kind: 'gone'; reason: string }
  | { kind: 'left-out'; reason: string }
  | { kind: 'found'; page: FoundPage }

export interface FoundPage {
  /** Where it was in the end. */
  url: string
  received: ReceivedBytes
  /** Undefined for a file. */
  facts: PageFacts | undefined
  etag: string | null
  lastModified: string | null
}

const accept = 'text/html,application/xhtml+xml,application/pdf;q=0.9,text/plain;q=0.9,*/*;q=0.5'
/** Asking for a page that is gone so many times in a row takes it out of the collection. */
const missesUntilRemoved = 2

/** Throws what `OutboundClient` does, and `fetch_failed` with what the server said in place of a page. */
export async function visitPage(
  { call, outbound, intake, reader }: SourceFetch,
  { url, etag, lastModified }: Pick<QueuedPage, 'url' | 'etag' | 'lastModified'>,
  { maxBytes, totalSeconds }: { maxBytes: number; totalSeconds: number },
): Promise<Visit> {
  const response = await outbound.open(url, {
    signal: call.signal,
    maxBytes,
    totalSeconds,
    accept,
    headers: {
      ...(etag === null ? {} : { 'if-none-match': etag }),
      ...(lastModified === null ? {} : { 'if-modified-since': lastModified }),
    },
  })
  try {
    if (response.status === 304) return { kind: 'same' }
    if (response.status === 404 || response.status === 410) {
      return { kind: 'gone', reason: `The page is not there any more (status ${response.status})` }
    }
    if (response.status !== 200) throw answeredWith(response.status)
    if (/^(?:video|audio|font)\//.test(response.mediaType ?? '')) {
      return { kind: 'left-out', reason: `It is ${response.mediaType}, which has no text` }
    }
    const name = fileNameOf(response.url)
    const body = Readable.from(inUtf8(response.body, response.header('content-type')), { objectMode: false })
    const look = async (path: string, { mediaType }: ReceivedBytes) =>
      mediaType === 'text/html' ? reader.read('page', path, response.url, call.signal) : undefined
    const { received, seen } = await intake.receive(call, name, body, look, maxBytes)
    const robots = response.header('x-robots-tag') ?? ''
    if (seen && /\b(?:noindex|none)\b/i.test(robots)) seen.noIndex = true
    if (seen && /\b(?:nofollow|none)\b/i.test(robots)) seen.noFollow = true
    return {
      kind: 'found',
      page: {
        url: response.url,
        received,
        facts: seen,
        etag: response.header('etag'),
        lastModified: response.header('last-modified'),
      },
    }
  } finally {
    response.close()
  }
}

/** Makes a document of a page, unless it says what it said before. False when the source is gone. */
export async function takePage(
  fetch: SourceFetch,
  known: Pick<QueuedPage, 'url' | 'textHash' | 'documentId'> & { depth?: number },
  { url, received, facts, etag, lastModified }: FoundPage,
  about: { externalId?: string; date?: string | null; name?: string } = {},
): Promise<boolean> {
  const { call, source, sources, intake } = fetch
  const textHash = facts?.textHash ?? received.sha256
  const settle = (page: Omit<Parameters<SourcesRepository['settle']>[2], 'url'>) =>
    sources.settle(call, source, {
      url: known.url,
      ...(known.depth === undefined ? {} : { depth: known.depth }),
      etag,
      lastModified,
      misses: 0,
      ...page,
    })
  if (known.documentId !== null && known.textHash === textHash) {
    await intake.drop(received)
    return settle({ outcome: 'unchanged' })
  }
  if (received.error) {
    await intake.drop(received)
    return settle({ outcome: 'skipped', reason: received.error.message })
  }
  const { document, created } = await intake.take(
    call,
    {
      collectionId: source.collectionId,
      externalId: about.externalId ?? known.url,
      name: (about.name ?? facts?.title ?? fileNameOf(url)).slice(0, 255),
      sourceId: source.id,
      sourceUrl: url,
      documentDate: about.date ?? facts?.date ?? null,
    },
    received,
  )
  const isNewer = document.pendingVersion > 1
  const outcome = created ? (isNewer ? 'changed' : 'added') : 'unchanged'
  const isThere = await settle({ outcome, textHash, documentId: document.id })
  // Deleted while its page was on the way: nobody would know where this document came from.
  if (!isThere && created && !isNewer) await intake.remove(call, document.id)
  return isThere
}

/** It is not there, or does not want to be read: after the second time in a row its document goes. */
export async function losePage(
  { call, source, sources, intake }: SourceFetch,
  page: QueuedPage,
  reason: string,
  otherwise: 'failed' | 'skipped' = 'failed',
): Promise<void> {
  const misses = page.misses + 1
  if (page.documentId === null || misses < missesUntilRemoved) {
    const outlook = page.documentId === null ? '' : '. Its document goes when that is still so the next time'
    await sources.settle(call, source, { url: page.url, outcome: otherwise, reason: reason + outlook, misses })
    return
  }
  await intake.remove(call, page.documentId)
  await sources.settle(call, source, {
    url: page.url,
    outcome: 'removed',
    reason,
    documentId: null,
    textHash: null,
    misses: 0,
  })
}

function answeredWith(status: number): NitroError {
  const reason =
    status === 401 || status === 403
      ? `It does not let NitroAGI read it (status ${status})`
      : status === 429
        ? 'It asks for fewer requests (status 429)'
        : `It answered with status ${status}`
  return new NitroError('fetch_failed', reason, { details: { status } })
}

function fileNameOf(address: string): string {
  const { pathname, hostname } = new URL(address)
  const last = pathname.split('/').findLast((segment) => segment !== '')
  if (last === undefined) return hostname
  try {
    return decodeURIComponent(last).replace(/[\p{Cc}/\\]/gu, ' ')
  } catch {
    return last
  }
}
