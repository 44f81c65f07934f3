import { createHash } from 'node:crypto'
import { parseHTML } from 'linkedom'
import { markupToText } from './html.ts'
import { plainAddress } from './web-page-address.ts'
import type { PageFacts } from './web-page.ts'

type Page = ReturnType<typeof parseHTML>['document']

const linksAtMost = 2_000
const textCharacters = 200

/** What stands around the text: it changes from one look to the next and says nothing new. */
const around =
  'script,style,noscript,template,iframe,ins,nav,aside,footer,form,svg,[hidden],[aria-hidden="true"],[role="navigation"],[role="banner"],[role="contentinfo"],[role="complementary"],[role="search"]'
const aroundByName =
  /(?:^|[\s_-])(?:ads?|advert\w*|banner|cookies?|consent|promo\w*|sponsor\w*|newsletter|share|sharing|social|related|breadcrumbs?|sidebar)(?:[\s_-]|$)/i

export function readPageFacts(markup: string, url: string): PageFacts {
  const { document } = parseHTML(markup)
  const base = URL.parse(document.querySelector('base[href]')?.getAttribute('href') ?? '', url)?.href ?? url
  const robots = [...document.querySelectorAll('meta[name]')]
    .filter((meta) => /^(?:robots|nitroagi)$/i.test(meta.getAttribute('name') ?? ''))
    .map((meta) => meta.getAttribute('content') ?? '')
    .join(',')
  const canonical = document.querySelector('link[rel="canonical"][href]')?.getAttribute('href')
  return {
    title: titleOf(document),
    canonical: (canonical && plainAddress(canonical, base)) || null,
    links: linksOf(document, base),
    noIndex: /\b(?:noindex|none)\b/i.test(robots),
    noFollow: /\b(?:nofollow|none)\b/i.test(robots),
    textHash: createHash('sha256').update(mainText(markup)).digest('hex'),
    date: dateOf(document),
  }
}

function titleOf(document: Page): string | null {
  const title = document.title || document.querySelector('h1')?.textContent || ''
  return title.replace(/\s+/g, ' ').trim().slice(0, 300).toWellFormed() || null
}

function linksOf(document: Page, base: string): string[] {
  const links = new Set<string>()
  for (const anchor of document.querySelectorAll('a[href]')) {
    if (/\bnofollow\b/i.test(anchor.getAttribute('rel') ?? '')) continue
    const address = plainAddress(anchor.getAttribute('href') ?? '', base)
    if (address) links.add(address)
    if (links.size >= linksAtMost) break
  }
  return [...links]
}

function dateOf(document: Page): string | null {
  const selectors = [
    'meta[property="article:published_time"]',
    'meta[name="date"]',
    'meta[name="dc.date"]',
    'meta[name="dcterms.created"]',
    'meta[itemprop="datePublished"]',
  ]
  for (const selector of selectors) {
    const said = document.querySelector(selector)?.getAttribute('content')
    const at = said ? new Date(said) : undefined
    if (at && !Number.isNaN(at.getTime()) && at.getUTCFullYear() > 1900) return at.toISOString()
  }
  return null
}

/** What a reader came for. A page that has little of it is taken as a whole. */
function mainText(markup: string): string {
  // Of its own, because it is cut up.
  const { document } = parseHTML(markup)
  const body = document.body ?? document.documentElement
  const articles = document.querySelectorAll('article')
  const main = document.querySelector('main,[role="main"]') ?? (articles.length === 1 ? articles[0] : undefined) ?? body
  const whole = plain(body.innerHTML)
  for (const element of main.querySelectorAll(around)) element.remove()
  for (const element of main.querySelectorAll('[class],[id]')) {
    if (aroundByName.test(`${element.getAttribute('class') ?? ''} ${element.getAttribute('id') ?? ''}`))
      element.remove()
  }
  const text = plain(main.innerHTML)
  return text.length >= Math.min(textCharacters, whole.length / 4) ? text : whole
}

const plain = (markup: string) => markupToText(markup).replace(/\s+/g, ' ').trim()
