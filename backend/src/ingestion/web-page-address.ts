/** Parameters that say how somebody came to a page, or who they are; the page is the same without. */
const tracking =
  /^(utm_.*|gclid|gbraid|wbraid|dclid|fbclid|msclkid|yclid|twclid|ttclid|igshid|mc_cid|mc_eid|_ga|_gl|_hsenc|_hsmi|mkt_tok|vero_id|oly_.*_id|ref_src|sid|sessionid|session_id|phpsessid|jsessionid|aspsessionid.*)$/i
const charactersAtMost = 2_000
const segmentsAtMost = 16
const parametersAtMost = 6
/** Addresses of one path that differ in their query only: lists with pages have some, calendars have no end. */
export const variantsAtMost = 30

/** One way to write each address: without a fragment, without tracking, parameters in order. Undefined for no web page. */
export function plainAddress(text: string, base?: string): string | undefined {
  const url = URL.parse(text.trim(), base)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined
  url.hash = ''
  url.username = ''
  url.password = ''
  const names = [...url.searchParams.keys()]
  for (const name of names) if (tracking.test(name)) url.searchParams.delete(name)
  // A single one is left as it is written: sorting would write it anew, and some sites know it in one way only.
  if (url.searchParams.size > 1) url.searchParams.sort()
  url.pathname = url.pathname.replace(/;jsessionid=[^/]*/i, '').replace(/\/{2,}/g, '/')
  return url.href.length > charactersAtMost ? undefined : url.href
}

/** What belongs to a site: the same origin, below the folder of its first page. */
export function scopeOf(root: string): (address: string) => boolean {
  const { origin, pathname } = new URL(root)
  const lastSegment = pathname.slice(pathname.lastIndexOf('/') + 1)
  const isFile = lastSegment.includes('.')
  const folder = isFile || lastSegment === '' ? pathname.slice(0, pathname.lastIndexOf('/') + 1) : pathname
  return (address) => {
    const url = URL.parse(address)
    if (!url || url.origin !== origin) return false
    return folder.endsWith('/')
      ? url.pathname.startsWith(folder) || `${url.pathname}/` === folder
      : url.pathname === folder || url.pathname.startsWith(`${folder}/`)
  }
}

/** An address that grows without end: the same segment again and again, or ever more parameters. */
export function looksEndless(address: string): boolean {
  const { pathname, searchParams } = new URL(address)
  const segments = pathname.split('/').filter((segment) => segment !== '')
  if (segments.length > segmentsAtMost || searchParams.size > parametersAtMost) return true
  const times = new Map<string, number>()
  for (const segment of segments) times.set(segment, (times.get(segment) ?? 0) + 1)
  return [...times.values()].some((count) => count > 3)
}

export const pathOf = (address: string) => {
  const { origin, pathname } = new URL(address)
  return origin + pathname
}

/** What is no text, told by its ending so that it is not fetched for nothing. */
export const isNoText = (address: string) =>
  /\.(?:css|js|mjs|map|woff2?|ttf|eot|ico|svg|png|jpe?g|gif|webp|avif|bmp|mp[34]|m4[av]|webm|mov|avi|mkv|wav|ogg|flac|zip|gz|tgz|bz2|xz|7z|rar|dmg|exe|msi|deb|rpm|apk|iso|jar|whl|wasm|rss|atom)$/i.test(
    new URL(address).pathname,
  )
