import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { entries } from './entries.ts'
import { allFields } from './fields.ts'
import { contentType, headerValue, hostileText, hostileValue, rawBody, unknownField } from './hostile.ts'
import { ask, requestTo, routeNamed, type Request, type Route } from './requests.ts'
import { nowhere, openWorld, type Told, type World, openingMs } from './world.ts'

/** Long with `NITRO_TEST_SECURITY=1`, as `npm run test:security` sets it. */
const isLong = process.env['NITRO_TEST_SECURITY'] === '1'
const cases = isLong ? 6_000 : 400
const seed = Number(process.env['NITRO_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/** Doors whose bodies may hold more than we know, and why. */
const takesUnknownFields: Readonly<Record<string, string>> = {
  'POST /v1/chat/completions': 'OpenAI’s clients send what OpenAI adds; what we do not know is not used',
  'POST /v1/embeddings': 'the same',
}

let world: World
let routes: Route[]
let fields: Record<string, string[]>
const crashes: unknown[] = []
const noteCrash = (error: unknown) => void crashes.push(error)

beforeAll(async () => {
  process.on('unhandledRejection', noteCrash)
  world = await openWorld()
  const { text } = await world.asOperator('/api/v1/openapi.json')
  fields = allFields(JSON.parse(text) as never)
  routes = world
    .routes()
    .filter((name) => name in entries)
    .map(routeNamed)
}, openingMs)
afterAll(async () => {
  process.off('unhandledRejection', noteCrash)
  await world.close()
})

const which = fc.nat({ max: 10_000 })
const anyCase = fc.oneof(
  fc.record({ kind: fc.constant('body' as const), text: rawBody }),
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('field' as const), which, value: hostileValue }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('unknown' as const), name: unknownField, value: hostileValue }),
  },
  fc.record({ kind: fc.constant('path' as const), text: hostileText }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('query' as const), which, text: hostileText }) },
  fc.record({ kind: fc.constant('header' as const), which, text: headerValue }),
  fc.record({ kind: fc.constant('type' as const), text: contentType }),
)
type Case = typeof anyCase extends fc.Arbitrary<infer Value> ? Value : never

it(`answers ${cases} generated requests over all routes without a failure of its own (seed ${seed})`, async () => {
  const counts: Record<string, number> = {}
  await fc.assert(
    fc.asyncProperty(which, anyCase, async (at, one) => {
      const fitting = routes.filter((route) => fits(route, one))
      const route = fitting[at % fitting.length]!
      const request = requestOf(route, one)
      const told = await ask(world, world.alice, at % 3 ? 'key' : 'session', route, request)
      counts[told.status] = (counts[told.status] ?? 0) + 1
      const problem = problemOf(route, one, told)
      if (problem) throw new Error(`${route.name}: ${problem}\n${JSON.stringify(request).slice(0, 600)}\n${told.text}`)
    }),
    { numRuns: cases, seed, endOnFailure: true },
  )
  console.log(`  ${cases} cases, seed ${seed}, answers by status: ${JSON.stringify(counts)}`)
  expect(crashes).toEqual([])
  expect((await world.asNobody('/health/live')).status).toBe(200)
}, 480_000)

it('refuses a field that it does not know, in the body of every route', async () => {
  const taken: string[] = []
  for (const route of routes.filter((route) => hasJson(route) && !(route.name in takesUnknownFields))) {
    for (const name of ['id', 'workspaceId', 'ownerId', 'role', 'createdAt', 'quota', 'isPublic', '__proto__']) {
      const request = safely(route)
      if (Object.hasOwn(bodyOf(request), name)) continue
      const body = `{"${name}":"${nowhere}",${JSON.stringify(request.body).slice(1)}`.replace(/,\}$/, '}')
      const { status } = await ask(world, world.alice, 'session', route, { ...request, body })
      if (status !== 400) taken.push(`${route.name} ${name}: ${status}`)
    }
  }
  expect(taken).toEqual([])
})

it('refuses half a character, and leaves whole ones alone', async () => {
  const make = (title: string) =>
    world.as(world.alice, 'key', '/api/v1/conversations', { method: 'POST', body: `{"title":"${title}"}` })
  for (const half of ['\\ud800', '\\udc00\\ud800', 'a\\uD83D\\n\\ude00', '\\\\\\ud800']) {
    const { status, text } = await make(half)
    expect([status, text]).toEqual([400, expect.stringContaining('half a character')])
  }
  const { status, text } = await make('\\uD83D\\ude00 \\\\ud800')
  expect([status, (JSON.parse(text) as { title: string }).title]).toEqual([201, '😀 \\ud800'])
})

it('refuses a body that is larger than a body may be, on every route', async () => {
  const taken: string[] = []
  const body = `{"a":"${'x'.repeat(1024 * 1024)}"}`
  for (const route of routes.filter((route) => hasJson(route) && !route.name.includes('/v1/chat/'))) {
    const { status } = await ask(world, world.alice, 'session', route, { ...safely(route), body })
    if (status !== 413) taken.push(`${route.name}: ${status}`)
  }
  expect(taken).toEqual([])
})

const hasJson = ({ entry }: Route) => entry.body !== undefined && !(entry.body instanceof Uint8Array)

/** Alice's own request, but where that would take away what later requests ask for. */
function safely(route: Route): Request {
  if (route.method !== 'DELETE') return requestTo(route, world.ofAlice)
  const ids = Object.keys(route.entry.ids ?? {}).map((field) => [field, nowhere])
  return requestTo(route, world.ofAlice, Object.fromEntries(ids) as Record<string, string>)
}

const bodyOf = ({ body }: Request) => body as Record<string, unknown>

/** Whether a route has what a case is about. */
function fits(route: Route, { kind }: Case): boolean {
  if (kind === 'path') return route.pattern.includes(':')
  if (kind === 'field') return hasJson(route) && (fields[route.name] ?? []).some((field) => field.startsWith('body.'))
  return kind === 'query' || kind === 'header' || hasJson(route)
}

/** The request that a case makes of a route. */
function requestOf(route: Route, one: Case): Request {
  const request = safely(route)
  const known = fields[route.name] ?? []
  const pick = (place: string, which: number) => {
    const of = known.filter((field) => field.startsWith(`${place}.`))
    return of[which % of.length]?.slice(place.length + 1)
  }
  switch (one.kind) {
    case 'body':
      return { ...request, body: one.text || ' ' }
    case 'type':
      return { ...request, body: JSON.stringify(request.body), headers: { 'content-type': one.text } }
    case 'unknown':
      return { ...request, body: { ...bodyOf(request), [one.name]: one.value } }
    case 'field':
      return { ...request, body: changed(bodyOf(request), pick('body', one.which)!.split('.'), one.value) }
    case 'path': {
      const said = encodeURIComponent(one.text.toWellFormed()).slice(0, 6_000)
      return {
        ...request,
        path: route.pattern.replace(/:(\w+)(\{.*?\})?/, said).replaceAll(/:\w+(\{.*?\})?/g, nowhere),
      }
    }
    case 'query': {
      const name = pick('query', one.which) ?? 'anything'
      const said = encodeURIComponent(one.text.toWellFormed()).slice(0, 6_000)
      return { ...request, path: `${request.path}${request.path.includes('?') ? '&' : '?'}${name}=${said}` }
    }
    case 'header': {
      const name = pick('header', one.which) ?? ['accept', 'idempotency-key', 'last-event-id'][one.which % 3]!
      return { ...request, headers: { [name]: one.text } }
    }
  }
}

/** A copy of a body with this field said differently; what stands in its way is replaced. */
function changed(
  body: Record<string, unknown>,
  [step = '', ...rest]: string[],
  value: unknown,
): Record<string, unknown> {
  const name = step.replaceAll('[]', '')
  const inner = rest.length === 0 ? value : changed((body[name] ?? {}) as Record<string, unknown>, rest, value)
  return { ...body, [name]: step.endsWith('[]') ? [inner] : inner }
}

/** What is wrong with an answer. */
function problemOf({ name, entry }: Route, { kind }: Case, { status, text }: Told): string | undefined {
  if (status >= 500 && status !== entry.own?.[0] && !mayFail(text)) return `answered ${status}`
  if (kind === 'unknown' && status < 400 && !(name in takesUnknownFields)) return 'took a field that it does not know'
  if (status >= 400 && !/^\{"error":\{/.test(text)) return `answered ${status} in no form of ours`
  if (/\bat .+\.(?:ts|js):\d+|node_modules|SELECT |INSERT /.test(text)) return 'told of its inside'
  return undefined
}

/** Failures that are somebody else's: what the web or a model did not answer. */
const mayFail = (text: string) => /"code":"(?:fetch_failed|fetch_timeout|unavailable|model_\w+)"/.test(text)
