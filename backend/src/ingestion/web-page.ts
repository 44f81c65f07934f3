import { fork } from 'node:child_process'
import { type ErrorCode, NitroError } from '@nitroagi/shared/errors'
import { died, watch } from './extract.ts'

/** What a page says about itself, apart from its text. */
export interface PageFacts {
  title: string | null
  /** The address that it wants to be known by. */
  canonical: string | null
  links: string[]
  noIndex: boolean
  noFollow: boolean
  /** SHA-256 of what it says, without navigation, advertisements and the like. */
  textHash: string
  /** When it says that it was published; ISO 8601. */
  date: string | null
}

export interface FeedEntry {
  id: string
  url: string | null
  title: string
  /** ISO 8601. */
  date: string | null
  /** Markup; null when the feed has a title and an address only. */
  content: string | null
}

export interface FeedFacts {
  title: string | null
  entries: FeedEntry[]
}

export interface SitemapFacts {
  pages: string[]
  /** Other sitemaps. */
  sitemaps: string[]
}

interface Answers {
  page: PageFacts
  feed: FeedFacts
  sitemap: SitemapFacts
}

export interface WebPageRequest {
  id: number
  kind: keyof Answers
  path: string
  url: string
}

export type WebPageReply =
  | { id: number; facts: PageFacts | FeedFacts | SitemapFacts }
  | { id: number; failed: { code: ErrorCode; message: string } }

export type WebPageReader = ReturnType<typeof openWebPageReader>

/**
 * Reads what strangers wrote in a process of its own, without secrets and with little memory, which serves one crawl. A
 * page that breaks it costs that page only: the next begins another.
 */
export function openWebPageReader() {
  let child: ReturnType<typeof begin> | undefined
  let lastId = 0

  return {
    async read<Kind extends keyof Answers>(
      kind: Kind,
      path: string,
      url: string,
      signal: AbortSignal,
    ): Promise<Answers[Kind]> {
      signal.throwIfAborted()
      if (!child || child.hasEnded()) child = begin()
      return (await child.ask({ id: ++lastId, kind, path, url }, signal)) as Answers[Kind]
    },
    close: () => child?.end(new NitroError('unavailable', 'The reader was closed')),
  }
}

function begin() {
  const child = fork(new URL('./web-page-child.ts', import.meta.url), {
    execArgv: ['--max-old-space-size=256', '--disable-warning=ExperimentalWarning'],
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  })
  const waiting = new Map<number, { resolve(facts: unknown): void; reject(error: unknown): void }>()
  let ended: { reason: unknown } | undefined
  const end = (reason: unknown) => {
    if (ended) return
    ended = { reason }
    guard.stop()
    child.kill('SIGKILL')
    for (const { reject } of waiting.values()) reject(reason)
    waiting.clear()
  }
  const guard = watch(child, end, Infinity)
  child.once('exit', (code, by) => end(died(code, by)))
  child.once('error', end)
  child.on('message', (reply: WebPageReply) => {
    guard.progress()
    const asked = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('failed' in reply) asked?.reject(new NitroError(reply.failed.code, reply.failed.message))
    else asked?.resolve(reply.facts)
  })

  return {
    end,
    hasEnded: () => ended !== undefined,
    async ask(request: WebPageRequest, signal: AbortSignal): Promise<unknown> {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      waiting.set(request.id, { resolve, reject })
      const stop = () => reject(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      guard.progress()
      child.send(request, (error) => error && end(error))
      try {
        return await promise
      } finally {
        waiting.delete(request.id)
        signal.removeEventListener('abort', stop)
      }
    },
  }
}
