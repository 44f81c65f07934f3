import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEmbedders } from '../src/ports/embedder/embedders.ts'
import { chunksIn, startBackend, webOrigin, type TestBackend } from './test-backend.ts'
import { createWordEmbedder } from './word-embedder.ts'

const canary = 'ZEPHYR-4711'
const secret = `The launch code of the vault is ${canary}. Only the directors know it.`
const table = `code,amount\n${canary},4711\nother,17\nmore,4\n`

type Ask = (path: string, init?: RequestInit & { json?: unknown }) => Promise<Response>
interface Colleague {
  email: string
  userId: string
  request: Ask
}

/** One workspace with an owner and two colleagues, and a stranger in another; a collection of the owner's alone. */
describe('a private collection', () => {
  let backend: TestBackend
  let owner: Colleague
  let colleague: Colleague
  let viewer: Colleague
  let stranger: Colleague
  let collectionId: string
  const documents: Record<string, string> = {}

  beforeAll(async () => {
    backend = await startBackend({ ports: { embedders: createEmbedders([createWordEmbedder()]) } })
    owner = await join('owner', 'shared')
    colleague = await join('member', 'shared')
    viewer = await join('viewer', 'shared')
    stranger = await join('owner', 'elsewhere')
    collectionId = String((await made(owner, '/api/v1/collections', { name: 'Vault', access: 'members' }))['id'])
    for (const [name, text] of [['vault.txt', secret] as const, ['codes.csv', table] as const]) {
      const path = `/api/v1/collections/${collectionId}/documents?name=${name}`
      const uploaded = (await (await owner.request(path, { method: 'POST', body: text })).json()) as {
        documents: { id: string }[]
      }
      documents[name] = uploaded.documents[0]!.id
      while ((await statusOf(documents[name]!)) !== 'ready') await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })
  afterAll(() => backend.close())

  async function join(role: string, workspace: string): Promise<Colleague> {
    const email = `${role}-${workspace}@example.com`
    const account = { email, password: 'correct horse battery staple', workspace, role }
    const user = await made({ request: backend.request }, '/api/v1/operator/users', account)
    const { key } = await made({ request: backend.request }, '/api/v1/operator/keys', { email, name: 'test' })
    return {
      email,
      userId: String(user['userId']),
      request: (path, { json, ...init } = {}) =>
        fetch(backend.url + path, {
          ...init,
          ...(json === undefined ? {} : { body: JSON.stringify(json) }),
          headers: {
            authorization: `Bearer ${String(key)}`,
            ...(json === undefined ? {} : { 'content-type': 'application/json' }),
            ...(init.headers as Record<string, string> | undefined),
          },
        }),
    }
  }

  async function made({ request }: { request: Ask }, path: string, json: unknown): Promise<Record<string, unknown>> {
    const response = await request(path, { method: 'POST', json })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Record<string, unknown>
  }

  const statusOf = async (id: string) =>
    ((await (await owner.request(`/api/v1/documents/${id}`)).json()) as { status: string }).status

  /** What somebody is told, whatever the status. */
  const told = async (who: Colleague, path: string, init?: Parameters<Ask>[1]) => {
    const response = await who.request(path, init)
    return { status: response.status, text: await response.text() }
  }

  async function answerTo(who: Colleague, text: string, options?: { collectionIds: string[] }): Promise<string> {
    const { id } = await made(who, '/api/v1/conversations', {})
    const { text: events } = await told(who, `/api/v1/conversations/${String(id)}/messages`, {
      method: 'POST',
      headers: { accept: 'text/event-stream' },
      json: { text, options },
    })
    const said = chunksIn(events).flatMap((chunk) => (chunk.type === 'text-delta' ? [chunk.delta] : []))
    // Sources and traces hold ids in which any four digits may stand, so of those the whole word counts.
    return [...said, ...(events.match(new RegExp(canary, 'g')) ?? [])].join('')
  }

  const letIn = (who: Colleague, role = 'reader') =>
    owner.request(`/api/v1/collections/${collectionId}/members`, { method: 'PUT', json: { email: who.email, role } })
  const takeOut = (who: Colleague) =>
    owner.request(`/api/v1/collections/${collectionId}/members/${who.userId}`, { method: 'DELETE' })

  /** Every door that shows something of documents, and what comes through it. */
  async function throughEveryDoor(who: Colleague): Promise<Record<string, string>> {
    const [note, codes] = [documents['vault.txt']!, documents['codes.csv']!]
    const search = (json: object) =>
      told(who, '/api/v1/search', { method: 'POST', json: { query: 'What is the launch code of the vault?', ...json } })
    const read = async (path: string) => (await told(who, path)).text
    return {
      collections: await read('/api/v1/collections'),
      collection: await read(`/api/v1/collections/${collectionId}`),
      members: await read(`/api/v1/collections/${collectionId}/members`),
      sources: await read(`/api/v1/collections/${collectionId}/sources`),
      list: await read(`/api/v1/collections/${collectionId}/documents`),
      all: await read('/api/v1/documents'),
      document: await read(`/api/v1/documents/${note}`),
      page: await read(`/api/v1/documents/${note}/pages/1`),
      pages: await read(`/api/v1/documents/${note}/pages`),
      passages: await read(`/api/v1/documents/${note}/passages`),
      content: await read(`/api/v1/documents/${note}/content`),
      rows: await read(`/api/v1/documents/${codes}/pages/1`),
      preview: (
        await told(who, `/api/v1/collections/${collectionId}/chunk-preview`, {
          method: 'POST',
          json: { chunkProfile: {}, documentId: note },
        })
      ).text,
      search: (await search({})).text,
      searchNamed: (await search({ collectionIds: [collectionId] })).text,
      searchExplained: (await search({ explain: true, explainDocumentId: note })).text,
    }
  }

  const showsNothing = (shown: Record<string, string>) =>
    Object.entries(shown).flatMap(([door, text]) => (/ZEPHYR|Vault|vault\.txt|codes\.csv/.test(text) ? [door] : []))

  it('shows everything to its owner, through every door', async () => {
    const shown = await throughEveryDoor(owner)
    const silent = Object.keys(shown).filter((door) => !showsNothing({ [door]: shown[door]! }).length)
    // What these say has no words of the documents in it.
    expect(silent).toEqual(['members', 'sources', 'pages'])
    expect(await answerTo(owner, 'What is the launch code of the vault?')).toContain(canary)
  })

  it('shows nothing to a colleague, a viewer or a stranger, through no door', async () => {
    for (const who of [colleague, viewer, stranger]) expect(showsNothing(await throughEveryDoor(who))).toEqual([])
  })

  it('is answered about like one that does not exist, by every route that takes its id or that of its document', async () => {
    const nowhere = '0190b6a4-0000-7000-8000-000000000000'
    const routes = backend.app.routes.filter(
      ({ method, path }) => method !== 'ALL' && /^\/api\/v1\/(collections|documents)\/:id/.test(path),
    )
    const wanted = [...new Set(routes.map(({ method, path }) => `${method} ${path}`))]
    expect(wanted.length).toBeGreaterThan(25)
    for (const who of [colleague, stranger]) {
      for (const route of wanted) {
        const [method, path] = route.split(' ') as [string, string]
        const ids = [path.includes('/collections/') ? collectionId : documents['vault.txt']!, nowhere]
        const [foreign, missing] = await Promise.all(
          ids.map((id) => {
            const concrete = path
              .replace(':id', id)
              .replace(':page', '1')
              .replace(/:\w+(\{.*?\})?/g, nowhere)
            return told(who, concrete, { method, ...(method === 'GET' ? {} : { json: bodies[route] ?? {} }) })
          }),
        )
        expect(`${route} ${foreign!.status} ${withoutId(foreign!.text)}`).toBe(
          `${route} ${missing!.status} ${withoutId(missing!.text)}`,
        )
        // A list of what is in something that is not there may be empty; nothing else is done with it.
        if (method !== 'GET') expect([400, 404]).toContain(foreign!.status)
      }
    }
  })

  it('is not spoken of in anybody else’s answers: chat, tables, summaries and the OpenAI door', async () => {
    for (const who of [colleague, stranger]) {
      for (const question of [
        'What is the launch code of the vault?',
        'What is the sum of amount in codes.csv?',
        'Summarise vault.txt',
      ]) {
        expect(await answerTo(who, question)).not.toMatch(/ZEPHYR|4,?7[13][12]/)
        expect(await answerTo(who, question, { collectionIds: [collectionId] })).not.toMatch(/ZEPHYR|4,?7[13][12]/)
        const completion = await told(who, '/v1/chat/completions', {
          method: 'POST',
          json: { model: 'nitro-offline', messages: [{ role: 'user', content: question }] },
        })
        expect(completion.status).toBe(200)
        expect(completion.text).not.toContain(canary)
        const { choices } = JSON.parse(completion.text) as { choices: { message: { content: string } }[] }
        expect(choices[0]!.message.content).not.toMatch(/4,?7[13][12]/)
      }
      const tried = await told(who, '/api/v1/modules/knowledge/test', { method: 'POST', json: {} })
      expect(tried.text).not.toContain(canary)
    }
  })

  it('cannot be changed by those who are not in it', async () => {
    const document = `/api/v1/documents/${documents['vault.txt']!}`
    const attempts: [string, string, unknown?][] = [
      ['PATCH', `/api/v1/collections/${collectionId}`, { name: 'Mine' }],
      ['DELETE', `/api/v1/collections/${collectionId}`],
      ['PUT', `/api/v1/collections/${collectionId}/members`, { email: colleague.email, role: 'owner' }],
      ['DELETE', `/api/v1/collections/${collectionId}/members/${owner.userId}`],
      ['POST', `/api/v1/collections/${collectionId}/texts`, { title: 'Mine', text: 'Mine' }],
      ['DELETE', document],
      ['PATCH', document, { name: 'mine.txt' }],
      ['POST', `${document}/retry`],
      ['POST', `${document}/reread`],
      ['POST', `${document}/pause`],
      ['PUT', `${document}/pages/1`, { text: 'Mine' }],
    ]
    for (const who of [colleague, stranger]) {
      for (const [method, path, json] of attempts) {
        const { status } = await told(who, path, { method, ...(json === undefined ? {} : { json }) })
        expect(`${method} ${path} ${status}`).toBe(`${method} ${path} 404`)
      }
    }
  })

  it('takes no upload from a ticket of somebody who is not in it', async () => {
    const asked = { kind: 'upload', collectionId }
    const ask = (who: Colleague) => told(who, '/api/v1/tickets', { method: 'POST', json: asked })
    expect([(await ask(colleague)).status, (await ask(stranger)).status]).toEqual([404, 404])
    await letIn(colleague)
    expect((await ask(colleague)).status).toBe(403)
    await letIn(colleague, 'editor')
    const ticket = await made(colleague, '/api/v1/tickets', asked)
    // Taken out between the two.
    await takeOut(colleague)
    const response = await fetch(`${String(ticket['url'])}?name=mine.txt`, {
      method: 'POST',
      headers: { origin: webOrigin, authorization: `Bearer ${String(ticket['ticket'])}` },
      body: 'Mine',
    })
    expect(response.status).toBe(404)
  })

  it('tells of its documents to those who may read them only, also of one that is deleted', async () => {
    const listeners = await Promise.all([owner, colleague, stranger].map((who) => listen(who)))
    const path = `/api/v1/collections/${collectionId}/documents?name=vault.txt`
    const upload = await owner.request(path, { method: 'POST', body: `${secret} Twice.` })
    const { documents: added } = (await upload.json()) as { documents: { id: string }[] }
    await expect.poll(() => statusOf(added[0]!.id), { timeout: 30_000 }).toBe('ready')
    await owner.request(`/api/v1/documents/${added[0]!.id}`, { method: 'DELETE' })
    await expect.poll(() => listeners[0]!.heard(), { timeout: 10_000 }).toMatch(/"status":"deleting"/)
    expect(listeners.slice(1).map(({ heard }) => /vault/.test(heard()))).toEqual([false, false])
    for (const { close } of listeners) close()
  })

  it('opens all doors to whom it is opened, and closes them at once', async () => {
    expect((await letIn(colleague)).status).toBe(200)
    expect(await answerTo(colleague, 'What is the launch code of the vault?')).toContain(canary)
    expect(showsNothing(await throughEveryDoor(colleague)).sort()).toEqual(
      showsNothing(await throughEveryDoor(owner)).sort(),
    )
    const change = { method: 'PATCH', json: { name: 'Mine' } }
    expect((await told(colleague, `/api/v1/collections/${collectionId}`, change)).status).toBe(403)
    const upload = { method: 'POST', body: 'Mine' }
    const path = `/api/v1/collections/${collectionId}/documents?name=mine.txt`
    expect((await told(colleague, path, upload)).status).toBe(403)
    expect((await takeOut(colleague)).status).toBe(204)
    expect(showsNothing(await throughEveryDoor(colleague))).toEqual([])
    expect(await answerTo(colleague, 'What is the launch code of the vault?')).not.toContain(canary)
  })

  it('lets a viewer of the workspace be a reader at most', async () => {
    expect((await letIn(viewer, 'editor')).status).toBe(400)
    expect((await letIn(viewer)).status).toBe(200)
    expect(JSON.parse((await told(viewer, `/api/v1/collections/${collectionId}`)).text)).toMatchObject({
      role: 'reader',
    })
    await takeOut(viewer)
  })

  it('shows who is in the workspace to its own people only', async () => {
    const addresses = async (who: Colleague) =>
      (JSON.parse((await told(who, '/api/v1/members')).text) as { items: { email: string }[] }).items
        .map(({ email }) => email)
        .sort()
    expect(await addresses(colleague)).toEqual([colleague, owner, viewer].map(({ email }) => email).sort())
    expect(await addresses(stranger)).toEqual([stranger.email])
  })

  /** What somebody hears of documents from now on. */
  async function listen(who: Colleague) {
    const gone = new AbortController()
    const response = await who.request('/api/v1/documents/events', { signal: gone.signal })
    let heard = ''
    const reading = (async () => {
      for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) heard += piece
    })().catch(() => {})
    return {
      heard: () => heard,
      close: () => {
        gone.abort()
        void reading
      },
    }
  }
})

/** What passes the first look at a body, so that the second one is seen. */
const bodies: Record<string, unknown> = {
  'PATCH /api/v1/collections/:id': { name: 'Mine' },
  'PUT /api/v1/collections/:id/members': { email: 'member-shared@example.com', role: 'owner' },
  'PUT /api/v1/collections/:id/members/:userId': { role: 'owner' },
  'POST /api/v1/collections/:id/chunk-preview': { chunkProfile: {} },
  'POST /api/v1/collections/:id/texts': { title: 'Mine', text: 'Mine' },
  'POST /api/v1/collections/:id/sources': { kind: 'page', url: 'https://example.com/' },
  'POST /api/v1/collections/:id/golden-questions/import': { format: 'jsonl', text: '{}' },
  'PATCH /api/v1/documents/:id': { name: 'mine.txt' },
  'PUT /api/v1/documents/:id/pages/:page': { text: 'Mine' },
}

/** Without what differs between two requests for the same. */
const withoutId = (text: string) => text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '')
