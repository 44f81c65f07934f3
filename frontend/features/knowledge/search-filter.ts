import { limits } from '@nitroagi/shared/limits'
import type { SearchRequest } from '@nitroagi/shared/knowledge'

export type SearchFilter = Pick<SearchRequest, 'tags' | 'mediaTypes' | 'from' | 'to' | 'collectionIds'>

/** What a search is narrowed to, as it stands in the address, so that a refresh and the way back keep it. */
export const choices = ['in', 'kind', 'tags', 'from', 'to'] as const
export type SearchChoice = Partial<Record<(typeof choices)[number], string>>

const office = 'application/vnd.openxmlformats-officedocument'
export const kinds: readonly { label: string; mediaTypes: string[] }[] = [
  { label: 'PDF', mediaTypes: ['application/pdf'] },
  { label: 'Word', mediaTypes: [`${office}.wordprocessingml.document`] },
  { label: 'Slides', mediaTypes: [`${office}.presentationml.presentation`] },
  { label: 'Tables', mediaTypes: [`${office}.spreadsheetml.sheet`, 'text/csv'] },
  { label: 'Text', mediaTypes: ['text/plain', 'text/markdown', 'application/json'] },
  { label: 'Web pages', mediaTypes: ['text/html'] },
  { label: 'Books', mediaTypes: ['application/epub+zip'] },
  { label: 'Mail', mediaTypes: ['message/rfc822'] },
  { label: 'Pictures', mediaTypes: ['image/png', 'image/jpeg'] },
]

/** As long as a tag may be; see `Tag` in shared. */
const tagCharacters = 40
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What an address holds that nobody chose here is left out. */
export function choiceOf(place: { get(name: string): string | null }): SearchChoice {
  const fits = {
    in: (value: string) => uuid.test(value),
    kind: (value: string) => kinds.some(({ label }) => label === value),
    tags: (value: string) => tagsOf(value).length > 0,
    from: (value: string) => dayOf(value) !== undefined,
    to: (value: string) => dayOf(value) !== undefined,
  }
  const entries = choices.map((name) => [name, place.get(name) ?? ''] as const)
  return Object.fromEntries(entries.filter(([name, value]) => value !== '' && fits[name](value)))
}

export function filterOf({ in: collection, kind, tags, from, to }: SearchChoice): SearchFilter {
  const mediaTypes = kinds.find(({ label }) => label === kind)?.mediaTypes
  return {
    ...(collection && { collectionIds: [collection] }),
    ...(mediaTypes && { mediaTypes }),
    ...(tags && { tags: tagsOf(tags) }),
    ...(from && { from: dayOf(from)! }),
    // The whole of the last day is in it.
    ...(to && { to: dayOf(to, 1)! }),
  }
}

function tagsOf(text: string): string[] {
  const tags = text.split(',').map((part) => part.trim().toLowerCase().slice(0, tagCharacters))
  return [...new Set(tags.filter((tag) => tag !== ''))].slice(0, limits.tags)
}

/** When a day begins for whoever asks; undefined for what is no day. */
function dayOf(day: string, daysLater = 0): string | undefined {
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(day) ? `${day}T00:00` : NaN)
  if (Number.isNaN(date.getTime())) return undefined
  date.setDate(date.getDate() + daysLater)
  return date.toISOString()
}
