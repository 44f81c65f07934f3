import type { OutgoingHttpHeaders } from 'node:http'

/** A way to ask for a page that a gate in front of it might not know for that page. */
export type Spelling = { path: string; headers?: OutgoingHttpHeaders }

const elsewhere = 'evil.example'

const serverComponents: OutgoingHttpHeaders[] = [
  { rsc: '1' },
  { rsc: '1', 'next-router-prefetch': '1' },
  { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' },
  { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_full' },
  { rsc: '1', 'next-router-segment-prefetch': '/__PAGE__' },
  { rsc: '1', 'next-router-state-tree': encodeURIComponent(JSON.stringify(['', {}, null, 'refetch'])) },
  { 'next-router-prefetch': '2' },
]

/** Where an older gate of Next, or one of another maker, was told that it had been passed already. */
const gates = ['middleware', 'src/middleware', 'pages/_middleware', 'src/pages/_middleware', 'proxy', 'src/proxy']

const passedGates: OutgoingHttpHeaders[] = gates.flatMap((gate) =>
  [1, 5, 10].map((times) => ({ 'x-middleware-subrequest': Array<string>(times).fill(gate).join(':') })),
)

/** Headers that machines between a browser and a server may set, and that nobody else should be believed to. */
export const unkeyedHeaders = (page: string): OutgoingHttpHeaders[] => [
  { 'x-nextjs-data': '1' },
  { 'x-invoke-path': page },
  { 'x-invoke-status': '500' },
  { 'x-invoke-query': '%7B%22a%22%3A%22b%22%7D' },
  { 'x-invoke-output': page },
  { 'x-matched-path': page },
  { 'x-now-route-matches': '1=chat' },
  { 'x-middleware-rewrite': page },
  { 'x-middleware-next': '1' },
  { 'x-middleware-redirect': `https://${elsewhere}/` },
  { 'x-middleware-prefetch': '1' },
  { 'x-middleware-override-headers': 'x-nonce,cookie' },
  { 'x-nextjs-rewrite': page },
  { 'x-nextjs-redirect': `https://${elsewhere}/` },
  { 'x-original-url': page },
  { 'x-rewrite-url': page },
  { 'x-forwarded-host': elsewhere },
  { 'x-forwarded-host': elsewhere, 'x-forwarded-proto': 'https' },
  { 'x-forwarded-proto': 'http' },
  { 'x-forwarded-port': '444' },
  { 'x-forwarded-server': elsewhere },
  { 'x-forwarded-prefix': `//${elsewhere}` },
  { 'x-forwarded-uri': page },
  { 'x-forwarded-path': page },
  { 'x-forwarded-for': '127.0.0.1' },
  { 'x-forwarded-scheme': 'http' },
  { 'x-host': elsewhere },
  { 'x-http-host-override': elsewhere },
  { 'x-http-method-override': 'POST' },
  { 'x-real-ip': '127.0.0.1' },
  { 'x-nonce': elsewhere },
  { 'x-page-path': `//${elsewhere}/` },
  { 'content-security-policy': "script-src 'unsafe-inline'" },
  { 'x-prerender-revalidate': '1' },
  { 'x-vercel-forwarded-for': '127.0.0.1' },
  { 'x-user-id': '1', 'x-workspace-id': '1', 'x-role': 'owner' },
  { authorization: 'Bearer nk_live_0123456789' },
  { forwarded: `host=${elsewhere};proto=https;for=127.0.0.1` },
  { origin: `https://${elsewhere}` },
  { referer: `https://${elsewhere}/` },
  { purpose: 'prefetch' },
  { range: 'bytes=0-9' },
  { accept: 'text/x-component' },
]

export const foreignHosts: OutgoingHttpHeaders[] = [{ host: elsewhere }, { host: `${elsewhere}:443` }]

/** The page by all names that it, its parts or its data have, or had in some version of Next. */
export function spellingsOf(page: string, build: string, id?: string): Spelling[] {
  const plain = page === '/' ? '/index' : page
  const first = plain[1]!
  const encoded = `/%${first.charCodeAt(0).toString(16)}${plain.slice(2)}`
  const paths = [
    `${plain}.rsc`,
    `${plain}.prefetch.rsc`,
    `${plain}.segments/_tree.segment.rsc`,
    `${plain}.segments/_full.segment.rsc`,
    `${plain}.segments/__PAGE__.segment.rsc`,
    `${plain}.txt`,
    `${plain}.json`,
    `${plain}.html`,
    `/_next/data/${build}${plain}.json`,
    `/_next/data/${build}/en${plain}.json`,
    `/en${page}`,
    `${page}?_rsc=abcde`,
    `${page}?__nextDataReq=1&__nextLocale=en&__flight__=1`,
    encoded,
    `/%2e${page}`,
    `/a/%2e%2e${page}`,
    `/./${plain.slice(1)}`,
    `/a/..${page}`,
    `/a%2f..${page}`,
    `/${page}`,
    `//${elsewhere}/..${page}`,
    page.toUpperCase(),
    `${plain}/`,
    `${plain}//`,
    `${plain}%20`,
    `${plain}%00`,
    `${plain};a=b`,
    `${plain}%3f`,
    `${plain}%23`,
    `${plain}.`,
    `/${plain.replaceAll('/', '\\')}`,
    `/api/..${page}`,
    `/api/backend/%2e%2e/%2e%2e${page}`,
    `/_next/static/..${page}`,
    `/_next/static/%2e%2e%2f%2e%2e${page}`,
    `/icon.svg/..${page}`,
    ...(id ? [`${page.replace(id, '%5Bid%5D')}?nxtPid=${id}`, page.replace(id, `[id]?id=${id}`)] : []),
  ]
  return [
    { path: page },
    ...paths.map((path) => ({ path })),
    ...serverComponents.flatMap((headers) => [
      { path: `${page}?_rsc=abcde`, headers },
      { path: encoded, headers },
    ]),
    ...[...passedGates, ...unkeyedHeaders(page), ...foreignHosts].map((headers) => ({ path: page, headers })),
  ]
}
