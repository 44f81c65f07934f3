import { readFile } from 'node:fs/promises'
import { NitroError } from '@nitroagi/shared/errors'
import { readFeed } from './feed.ts'
import { decodeMarkup } from './html.ts'
import { readPageFacts } from './web-page-facts.ts'
import { readSitemap } from './web-page-sitemap.ts'
import type { WebPageReply, WebPageRequest } from './web-page.ts'

process.on('message', (request: WebPageRequest) => void answer(request))
// Nobody is left to read for.
process.on('disconnect', () => process.exit(0))

const readers = { page: readPageFacts, feed: readFeed, sitemap: readSitemap }

async function answer({ id, kind, path, url }: WebPageRequest): Promise<void> {
  try {
    send({ id, facts: readers[kind](decodeMarkup(await readFile(path)), url) })
  } catch (error) {
    const { code, message } =
      error instanceof NitroError ? error : { code: 'document_corrupt' as const, message: unreadable[kind] }
    send({ id, failed: { code, message } })
  }
}

const unreadable = {
  page: 'The page could not be read',
  feed: 'There is no feed at this address: it is neither RSS nor Atom nor JSON Feed',
  sitemap: 'The sitemap could not be read',
}

const send = (reply: WebPageReply) => process.send?.(reply)
