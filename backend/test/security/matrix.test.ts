import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entries } from './entries.ts'
import { fieldsWithIds } from './fields.ts'
import type { Planted } from './plant.ts'
import { ask, requestTo, routeNamed, type Route } from './requests.ts'
import { fromPage, nowhere, openWorld, type As, type Told, type World, openingMs } from './world.ts'

let world: World
let routes: Route[]
const doors: readonly As[] = ['session', 'key']

beforeAll(async () => {
  world = await openWorld()
  routes = world
    .routes()
    .filter((name) => name in entries)
    .map(routeNamed)
}, openingMs)
afterAll(() => world?.close())

describe('the matrix', () => {
  it('has every route that the app prints, and no other', () => {
    const help = 'Add it to backend/test/security/entries.ts, with the fields that take ids.'
    const missing = world.routes().filter((name) => !(name in entries))
    expect(missing.map((name) => `${name} is not in the matrix. ${help}`)).toEqual([])
    expect(Object.keys(entries).filter((name) => !world.routes().includes(name))).toEqual([])
  })

  it('tries every field that takes an id', async () => {
    const { text } = await world.asOperator('/api/v1/openapi.json')
    const found = fieldsWithIds(JSON.parse(text) as never)
    expect(Object.values(found).flat().length).toBeGreaterThan(60)
    const untried = Object.entries(found).flatMap(([name, fields]) =>
      fields
        .filter((field) => !(field in (entries[name]?.ids ?? {})))
        .map(
          (field) => `${name}: ${field} takes an id. Say of what, in its entry of backend/test/security/entries.ts.`,
        ),
    )
    expect(untried).toEqual([])
  })
})

describe('somebody of another workspace', () => {
  // The operator looks after all workspaces.
  const inspected = () => routes.filter(({ entry }) => entry.ids && entry.door !== 'operator')

  it('is told of a foreign thing what is told of one that does not exist, through every field, and changes nothing', async () => {
    const before = await world.fingerprint(world.bob)
    const found: string[] = []
    for (const route of inspected()) {
      for (const fields of combinations(route)) {
        for (const by of doors) {
          for (const [spelling, spell] of Object.entries(spellings)) {
            if (spelling !== 'as it is' && fields.length > 1) continue
            const isLenient = fields.every((field) => field in (route.entry.lenient ?? {}))
            const foreign = await tried(route, by, fields, spell, world.ofBob, isLenient)
            const answer = await answerOf(foreign)
            const missing = await tried(route, by, fields, spell, undefined, isLenient)
            await answerOf(missing)
            const what = `${route.name} ${fields.join('+')} by ${by}, ${spelling}`
            if (shown(foreign) !== shown(missing)) found.push(`${what}: ${shown(foreign)} but ${shown(missing)}`)
            if (foreign.status < 400 && !isLenient) found.push(`${what}: ${shown(foreign)}`)
            found.push(...leaks(foreign).map((leak) => `${what}: shows ${leak}`))
            found.push(...leaks(answer).map((leak) => `${what}: answers with ${leak}`))
          }
        }
      }
    }
    expect(found).toEqual([])
    expect(await world.fingerprint(world.bob)).toEqual(before)
  })

  it('sees nothing of another workspace in any answer to requests of their own', async () => {
    const found: string[] = []
    for (const route of routes.filter(({ method, entry }) => method === 'GET' && entry.door !== 'operator')) {
      for (const by of doors) {
        const told = await ask(world, world.alice, by, route, requestTo(route, world.ofAlice))
        found.push(...leaks(told).map((leak) => `${route.name} by ${by} shows ${leak}`))
      }
    }
    expect(found).toEqual([])
  })

  it('sees nothing of another workspace through a cursor that was given to somebody there', async () => {
    const listings: string[] = []
    for (const route of routes.filter(({ method }) => method === 'GET')) {
      const { path } = requestTo(route, world.ofBob)
      const page = await ask(world, world.bob, 'key', route, { path: withQuery(path, 'limit=1') })
      const cursor = /"nextCursor":"([^"]+)"/.exec(page.text)?.[1]
      if (cursor === undefined) continue
      listings.push(route.name)
      const mine = requestTo(route, world.ofAlice).path
      const told = await ask(world, world.alice, 'key', route, {
        path: withQuery(mine, `cursor=${encodeURIComponent(cursor)}`),
      })
      expect(leaks(told)).toEqual([])
    }
    expect(listings).toContain('GET /api/v1/documents')
  })

  /** With ids of Bob's or of nothing in these fields of a request that is otherwise Alice's own. */
  function tried(route: Route, by: As, fields: readonly string[], spell: Spell, of?: Planted, isAlone = false) {
    // Where a foreign id is let through, nothing else in the body may be why the request ends.
    const left = Object.keys(route.entry.ids!).filter((field) => isAlone && field.startsWith('body.'))
    const changed = fields.map((field) => {
      const kind = route.entry.ids![field]!
      return [field, spell(of?.[kind] ?? nowhere, world.ofAlice[kind], field)] as const
    })
    const fieldsToChange = {
      ...Object.fromEntries(left.map((field) => [field, undefined])),
      ...Object.fromEntries(changed),
    }
    return ask(world, world.alice, by, route, requestTo(route, world.ofAlice, fieldsToChange))
  }

  /** All that a run says, when the answer began one. */
  async function answerOf({ status, text }: Told): Promise<Told> {
    const run = status === 202 ? (JSON.parse(text) as { run?: { id: string } }).run?.id : undefined
    if (run === undefined) return { status, text: '', headers: new Headers() }
    const at = `/api/v1/runs/${run}`
    const isOver = async () => /"finishedAt":"/.test((await world.as(world.alice, 'session', at)).text)
    while (!(await isOver())) await new Promise((resolve) => setTimeout(resolve, 20))
    return world.as(world.alice, 'session', `${at}/events`)
  }

  /** What of Bob's an answer shows: the canary, or an id that he was not asked for. */
  function leaks({ text, headers }: Told): string[] {
    const said = `${text} ${JSON.stringify(Object.fromEntries(headers))}`
    const people = { userId: world.bob.userId, workspaceId: world.bob.workspaceId }
    const ids = Object.entries(people).filter(([, value]) => said.includes(value))
    return [
      ...(said.toLowerCase().includes(world.canary.toLowerCase()) ? ['the canary'] : []),
      ...ids.map(([kind]) => `Bob’s ${kind}`),
    ]
  }
})

describe('a viewer', () => {
  it('changes nothing, by no route', async () => {
    const unsafe = routes.filter(
      ({ method, entry }) => method !== 'GET' && (entry.door === undefined || entry.door === 'key'),
    )
    expect(unsafe.length).toBeGreaterThan(40)
    const before = await world.fingerprint(world.alice)
    const found: string[] = []
    for (const route of unsafe) {
      if (route.entry.reads !== undefined) continue
      const isOwn = route.entry.self !== undefined
      // What one may do for oneself is not done with the things of a colleague.
      if (isOwn && !Object.keys(route.entry.ids ?? {}).some((field) => field.startsWith('path.'))) continue
      for (const by of doors) {
        const { status } = await ask(world, world.carol, by, route, requestTo(route, world.ofAlice))
        if (status !== 403 && status !== 404) found.push(`${route.name} by ${by}: ${status}`)
      }
    }
    expect(found).toEqual([])
    expect(await world.fingerprint(world.alice)).toEqual(before)
  })

  it('does not see what a colleague keeps to themselves', async () => {
    const own = ['conversation', 'run', 'attachment']
    const personal = routes.filter(
      ({ method, entry }) => method === 'GET' && Object.values(entry.ids ?? {}).some((kind) => own.includes(kind)),
    )
    expect(personal.length).toBeGreaterThan(3)
    for (const who of [world.carol, world.erin]) {
      for (const route of personal) {
        const { status } = await ask(world, who, 'session', route, requestTo(route, world.ofAlice))
        expect(`${route.name} ${status}`).toBe(`${route.name} 404`)
      }
    }
  })
})

describe('somebody suspended', () => {
  it('is told nothing, by no route, with no credential', async () => {
    const found: string[] = []
    for (const route of routes.filter(({ entry }) => entry.door === undefined || entry.door === 'key')) {
      for (const by of doors) {
        const { status } = await ask(world, world.dan, by, route, requestTo(route, world.ofAlice))
        if (status !== 401) found.push(`${route.name} by ${by}: ${status}`)
      }
    }
    const ticket = await world.withCredential(world.danTicket, '/api/v1/attachments?name=a.txt', {
      method: 'POST',
      body: new Uint8Array(10),
      headers: fromPage,
    })
    expect([found, ticket.status]).toEqual([[], 401])
  })
})

describe('somebody without a credential', () => {
  it('is told nothing but that the process is alive', async () => {
    const found: string[] = []
    for (const route of routes.filter(({ entry }) => entry.door !== 'nobody')) {
      const { path, ...asked } = requestTo(route, world.ofAlice)
      const { status } = await world.asNobody(path, asked)
      if (status !== 401) found.push(`${route.name}: ${status}`)
    }
    expect(found).toEqual([])
  })
})

describe('a credential at another door', () => {
  it('is refused: of a person, a key, the web app and the operator, each at the doors of the others', async () => {
    const found: string[] = []
    for (const route of routes) {
      const { path, ...asked } = requestTo(route, world.ofAlice)
      const refused = async (who: string, told: Promise<Told>, statuses: readonly number[]) => {
        const { status } = await told
        if (!statuses.includes(status)) found.push(`${route.name} by ${who}: ${status}`)
      }
      const { door } = route.entry
      if (door === 'web') {
        await refused('session', world.as(world.alice, 'session', path, asked), [401])
        await refused('key', world.as(world.alice, 'key', path, asked), [401])
        await refused('operator', world.asOperator(path, asked), [401])
      } else if (door !== 'nobody') await refused('web', world.asWeb(path, asked), [401])
      if (door === 'operator') {
        await refused('session', world.as(world.alice, 'session', path, asked), [403, 404])
        await refused('key', world.as(world.alice, 'key', path, asked), [403, 404])
      }
      if (door === 'key') await refused('session', world.as(world.alice, 'session', path, asked), [401])
    }
    expect(found).toEqual([])
  })
})

// Last, because it deletes.
describe('the requests of the matrix', () => {
  it('succeed with ids of one’s own, so that it is the foreign id that is refused', async () => {
    const found: string[] = []
    for (const name of Object.keys(entries).filter((name) => routes.some((route) => route.name === name))) {
      const route = routeNamed(name)
      const told = await ask(world, world.alice, 'session', route, requestTo(route, world.ofAlice))
      const [wanted] = route.entry.own ?? []
      if (wanted === undefined ? told.status >= 400 : told.status !== wanted) found.push(`${name}: ${shown(told)}`)
    }
    expect(found).toEqual([])
  })
})

type Spell = (id: string, own: string, field: string) => unknown
const isInPath = (field: string) => field.startsWith('path.')

/** Other ways to say an id, each said of Bob's and of none. */
const spellings: Readonly<Record<string, Spell>> = {
  'as it is': (id) => id,
  'upper case': (id) => id.toUpperCase(),
  'a space behind': (id, _, field) => (isInPath(field) ? `${id}%20` : `${id} `),
  'two of them, one’s own first': (id, own, field) => (isInPath(field) ? `${own},${id}` : [own, id]),
  'two of them, one’s own last': (id, own, field) => (isInPath(field) ? `${id},${own}` : [id, own]),
  'a prefix': (id, _, field) => (isInPath(field) ? `kb-${id}` : `urn:uuid:${id}`),
  'without dashes': (id) => id.replaceAll('-', ''),
  'in braces': (id, _, field) => (isInPath(field) ? `%7B${id}%7D` : `{${id}}`),
  'behind one’s own': (id, own, field) => (isInPath(field) ? `${own}/../${id}` : { id, own }),
}

/** Each field alone, which is one's own parent with a foreign child as well, and all of them at once. */
function combinations({ entry }: Route): readonly (readonly string[])[] {
  const fields = Object.keys(entry.ids!)
  // The web app speaks for everybody: all of Bob's ids at once would be a request of his own.
  const areAll = fields.length > 1 && entry.door !== 'web'
  return [...fields.map((field) => [field]), ...(areAll ? [fields] : [])]
}

const withQuery = (path: string, query: string) => `${path}${path.includes('?') ? '&' : '?'}${query}`

/** An answer without what differs between two answers to the same: ids, moments and durations. */
const shown = ({ status, text }: Told): string =>
  `${status} ${text
    .replaceAll(/[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/gi, '<id>')
    .replaceAll(/"[\w.]*(?:At|at)":"[^"]*"/g, '"at"')
    .replaceAll(/"(\w*[mM]s)":[\d.]+/g, '"$1"')
    .replaceAll(/"(ticket|status)":"(?:nt_[^"]+|pending|running)"/g, '"$1"')
    .slice(0, 600)}`
