import { NitroError } from '@nitroagi/shared/errors'
import type { Robots } from '../ingestion/robots.ts'
import type { SourceFetch } from './sources-page.ts'

const sitemapsAtMost = 10
const sitemapBytes = 5 * 1024 * 1024
const pagesAtMost = 5_000

/** The pages that a site lists of itself. What cannot be read of it is left: pages are found by links too. */
export async function sitemapPages(
  { call, source, outbound, intake, reader, turns }: SourceFetch,
  robots: Robots,
  isInScope: (address: string) => boolean,
): Promise<string[]> {
  const root = source.root ?? source.url
  const waiting = [...new Set([...robots.sitemaps, new URL('/sitemap.xml', root).href])]
  const asked = new Set<string>()
  const pages = new Set<string>()
  for (let url = waiting.shift(); url !== undefined && asked.size < sitemapsAtMost; url = waiting.shift()) {
    if (asked.has(url)) continue
    asked.add(url)
    try {
      await turns.take(url, call.signal, robots.pauseMs)
      const response = await outbound.open(url, { signal: call.signal, maxBytes: sitemapBytes })
      try {
        if (response.status !== 200) continue
        const at = response.url
        const { received, seen } = await intake.receive(
          call,
          'sitemap.xml',
          response.body,
          (path) => reader.read('sitemap', path, at, call.signal),
          sitemapBytes,
        )
        await intake.drop(received)
        for (const page of seen.pages) if (pages.size < pagesAtMost && isInScope(page)) pages.add(page)
        waiting.push(...seen.sitemaps.filter((other) => new URL(other).origin === new URL(at).origin))
      } finally {
        response.close()
      }
    } catch (error) {
      if (call.signal.aborted || !(error instanceof NitroError)) throw error
      call.log.info('sitemap-unreadable', { code: error.code })
    }
  }
  return [...pages]
}
