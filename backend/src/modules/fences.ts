import type { SearchHit } from '@nitroagi/shared/knowledge'

const tags = 'passage|fact|draft|note|summary|reading|result|turn|part'

/** What others wrote stands in a prompt between tags; it cannot close its own or open another: such tags lose their bracket. */
export const inert = (text: string): string => text.replace(new RegExp(`<(?=\\s*\\/?\\s*(?:${tags})\\b)`, 'gi'), '‹')

/** A footnote's own [3] or [1, 2] would be copied into the answer and pass for a citation of passage 3. */
export const withoutMarkers = (text: string): string => text.replace(/\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\]/g, '')

/** A passage as every module shows it to a model: its number is what a citation of it says. */
export const fencedPassage = (
  { title, page, content }: Pick<SearchHit, 'title' | 'page' | 'content'>,
  number: number,
): string =>
  `<passage number="${number}" title="${inert(title).replaceAll('"', "'")}" page="${page}">\n${withoutMarkers(inert(content))}\n</passage>`
