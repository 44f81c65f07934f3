import { plainAddress } from './web-page-address.ts'
import type { SitemapFacts } from './web-page.ts'
import { xmlTokens } from './xml-tokens.ts'

const addressesAtMost = 5_000

/** A sitemap, or a list of sitemaps. */
export function readSitemap(xml: string, url: string): SitemapFacts {
  const found: SitemapFacts = { pages: [], sitemaps: [] }
  let into: string[] = found.pages
  let text: string | undefined
  for (const token of xmlTokens(xml)) {
    if (token.type === 'open' && token.name === 'sitemap') into = found.sitemaps
    else if (token.type === 'open' && token.name === 'url') into = found.pages
    else if (token.type === 'open' && token.name === 'loc') text = ''
    else if (token.type === 'text' && text !== undefined) text += token.text
    else if (token.type === 'close' && token.name === 'loc') {
      const address = plainAddress(text ?? '', url)
      if (address) into.push(address)
      text = undefined
      if (into.length >= addressesAtMost) break
    }
  }
  return found
}
