import { parseFeed } from 'feedsmith'
import { plainAddress } from './web-page-address.ts'
import type { FeedEntry, FeedFacts } from './web-page.ts'

const entriesAtMost = 500
const contentCharacters = 1_000_000

/** RSS, Atom or JSON Feed, newest entry first. Throws when it is none of them. */
export function readFeed(text: string, url: string): FeedFacts {
  const { title, entries } = parts(text)
  const readable = entries.flatMap((entry) => entryOf(entry, url) ?? [])
  // Two entries of one id are versions of one: the first of them is the newer.
  const newest = readable
    .map((entry, at) => ({ entry, at }))
    .sort((a, b) => (b.entry.date ?? '').localeCompare(a.entry.date ?? '') || a.at - b.at)
    .map(({ entry }) => entry)
  const byId = new Map<string, FeedEntry>()
  for (const entry of newest) if (!byId.has(entry.id)) byId.set(entry.id, entry)
  return { title: line(title), entries: [...byId.values()].slice(0, entriesAtMost) }
}

interface RawEntry {
  id: string | undefined
  url: string | undefined
  title: string | undefined
  date: string | undefined
  content: string | undefined
}

function parts(text: string): { title: string | undefined; entries: RawEntry[] } {
  const parsed = parseFeed(text)
  switch (parsed.format) {
    case 'rss':
      return {
        title: parsed.feed.title,
        entries: (parsed.feed.items ?? []).map((item) => ({
          id: item.guid?.value,
          url: item.link ?? (item.guid?.isPermaLink === false ? undefined : item.guid?.value),
          title: item.title,
          date: said(item.pubDate) ?? said(item.dc?.dates?.[0]),
          content: item.content?.encoded ?? item.description,
        })),
      }
    case 'atom':
      return {
        title: parsed.feed.title?.value,
        entries: (parsed.feed.entries ?? []).map((entry) => ({
          id: entry.id,
          url: (entry.links?.find(({ rel }) => rel === undefined || rel === 'alternate') ?? entry.links?.[0])?.href,
          title: entry.title?.value,
          date: said(entry.published) ?? said(entry.updated),
          content: entry.content?.value ?? entry.summary?.value,
        })),
      }
    case 'rdf':
      return {
        title: parsed.feed.title,
        entries: (parsed.feed.items ?? []).map((item) => ({
          id: item.link,
          url: item.link,
          title: item.title,
          date: said(item.dc?.dates?.[0]),
          content: item.content?.encoded ?? item.description,
        })),
      }
    case 'json':
      return {
        title: parsed.feed.title,
        entries: (parsed.feed.items ?? []).map((item) => ({
          id: item.id,
          url: item.url ?? item.external_url,
          title: item.title,
          date: said(item.date_published) ?? said(item.date_modified),
          content:
            item.content_html ??
            (item.content_text ?? item.summary)?.replace(/[&<>]/g, (character) => escapes[character]!),
        })),
      }
  }
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

const said = (date: unknown) =>
  date instanceof Date ? date.toISOString() : typeof date === 'string' ? date : undefined

function entryOf(raw: RawEntry, feedUrl: string): FeedEntry | undefined {
  const url = (raw.url && plainAddress(raw.url, feedUrl)) || null
  const id = line(raw.id) ?? url
  if (!id) return undefined
  const at = raw.date ? new Date(raw.date) : undefined
  const content = raw.content?.trim().slice(0, contentCharacters).toWellFormed()
  return {
    id,
    url,
    title: line(raw.title?.replace(/<[^>]*>/g, ' ')) ?? url ?? id,
    date: at && !Number.isNaN(at.getTime()) ? at.toISOString() : null,
    content: content ? content : null,
  }
}

const line = (text: string | undefined) =>
  text
    ?.replace(/[\s\0]+/g, ' ')
    .trim()
    .slice(0, 500)
    .toWellFormed() || null
