import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ErrorEnvelope } from '@nitroagi/shared/errors'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Connection } from '../src/ports/database/connection.ts'
import { createSessionsRepository } from '../src/ports/database/sessions.ts'
import { createEmbedders } from '../src/ports/embedder/embedders.ts'
import { createScriptedLanguageModels } from '../src/ports/language-model/scripted.ts'
import { createFilesystemObjectStore } from '../src/ports/object-store/filesystem.ts'
import { startBackend, webOrigin, type TestBackend } from './test-backend.ts'
import { eachDatabase } from './test-database.ts'
import { createTestWeb } from './test-web.ts'
import { pictureOfText } from './pictures.ts'
import { createWordEmbedder } from './word-embedder.ts'

const canary = 'zanzibarcanary'
const password = 'correct horse battery staple'
type Who = { userId: string; workspaceId: string; sessionId: string }

eachDatabase((_, database) => {
  const web = createTestWeb()
  let connection: Connection
  let folder: string
  let backend: TestBackend
  let ada: Who
  let bob: Who
  let inBobs: Who
  let people = 0
  let email: string

  beforeAll(async () => {
    connection = await database.open()
    folder = await mkdtemp(join(tmpdir(), 'nitro-deletion-'))
    backend = await startBackend({
      env: { NITRO_WEB_PUBLIC_KEY: web.publicKeyPem },
      ports: {
        connection,
        objectStore: createFilesystemObjectStore({ dir: folder }),
        embedders: createEmbedders([createWordEmbedder()]),
        models: createScriptedLanguageModels({ deltas: [`About ${canary} I know this.`] }),
      },
    })
    // Who has the oldest workspace looks after the installation, and does not go while others are there.
    await backend.createPerson('first@example.com')
  })
  afterAll(async () => {
    await backend?.close()
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    email = `ada-${++people}@example.com`
    ada = await signedIn(email)
    bob = await signedIn(`bob-${people}@example.com`)
    inBobs = { ...ada, workspaceId: bob.workspaceId }
    await connection.query(`INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, 'editor')`, [
      bob.workspaceId,
      ada.userId,
    ])
  })

  async function signedIn(address: string): Promise<Who> {
    const { userId, workspaceId } = await backend.createPerson(address)
    return {
      userId,
      workspaceId,
      sessionId: await createSessionsRepository(connection).begin({ userId, seconds: 3600 }),
    }
  }

  async function ask(who: Who, method: string, path: string, json?: unknown): Promise<Response> {
    const [plain = ''] = path.split('?')
    const authorization = `Bearer ${await web.person(who, method, plain, json)}`
    return fetch(backend.url + path, {
      method,
      headers: { authorization, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })
  }
  async function answered<Answer = { id: string }>(who: Who, path: string, json: unknown): Promise<Answer> {
    const answer = await ask(who, 'POST', path, json)
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Answer
  }
  async function upload<Answer>(who: Who, path: string, ticketFor: object, bytes: Buffer): Promise<Answer> {
    const made = await answered<{ ticket: string }>(who, '/api/v1/tickets', ticketFor)
    const headers = { authorization: `Bearer ${made.ticket}`, origin: webOrigin }
    const answer = await fetch(backend.url + path, { method: 'POST', headers, body: new Uint8Array(bytes) })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Answer
  }
  const remove = (who: Who, body: object = { email, password }) => ask(who, 'POST', '/api/v1/me/delete', body)

  /** A conversation with an attachment, and a document: everywhere the word. */
  async function plant(who: Who, access: 'members' | 'workspace'): Promise<{ conversationId: string }> {
    const attachment = await upload<{ id: string }>(
      who,
      `/api/v1/attachments?name=${canary}.png`,
      { kind: 'attachment' },
      pictureOfText([canary]),
    )
    const { id: conversationId } = await answered(who, '/api/v1/conversations', { title: canary })
    const path = `/api/v1/conversations/${conversationId}/messages`
    const sent = await ask(who, 'POST', path, { text: `What of ${canary}?`, attachments: [attachment.id] })
    const { run } = (await sent.json()) as { run: { id: string } }
    await (await ask(who, 'GET', `/api/v1/runs/${run.id}/events`)).text()
    const collection = await answered(who, '/api/v1/collections', { name: `${canary} ${access}`, access })
    const text = Buffer.from(`The ${canary} sings in the morning, and is silent at noon.`)
    const { documents } = await upload<{ documents: { id: string }[] }>(
      who,
      `/api/v1/collections/${collection.id}/documents?name=${canary}.txt`,
      { kind: 'upload', collectionId: collection.id },
      text,
    )
    await until(async () => {
      const found = (await (await ask(who, 'GET', `/api/v1/documents/${documents[0]!.id}`)).json()) as {
        status: string
      }
      return found.status === 'ready'
    })
    return { conversationId }
  }

  /** Tables in which the text stands, whatever column holds it. */
  async function tablesWith(text: string): Promise<string[]> {
    const tables = await connection.query<{ name: string }>(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
    )
    const found = []
    for (const { name } of tables) {
      const rows = await connection.query(`SELECT 1 FROM ${name} t WHERE strpos(t::text, $1) > 0 LIMIT 1`, [text])
      if (rows.length > 0) found.push(name)
    }
    return found
  }

  async function filesOf({ workspaceId }: Who): Promise<string[]> {
    const entries = await readdir(join(folder, workspaceId), { recursive: true, withFileTypes: true }).catch(() => [])
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  }

  it('goes with its conversations, documents, bytes and what was held in mind, and leaves others theirs', async () => {
    const own = await plant(ada, 'workspace')
    const guest = await plant(inBobs, 'members')
    const scopes = [
      { workspaceId: ada.workspaceId, conversationId: own.conversationId },
      { workspaceId: bob.workspaceId, conversationId: guest.conversationId },
    ]
    const held = () => Promise.all(scopes.map((scope) => backend.ports.workingMemory.recall(scope)))
    await until(async () => (await held()).every(({ notes }) => JSON.stringify(notes).includes(canary)))
    expect(await tablesWith(canary)).toContain('public.knowledge_entries')
    const { id: kept } = await answered(inBobs, '/api/v1/collections', { name: 'For all of us', access: 'workspace' })

    expect((await remove(ada)).status).toBe(204)
    expect((await ask(ada, 'GET', '/api/v1/me')).status).toBe(401)
    expect((await ask(inBobs, 'GET', '/api/v1/me')).status).toBe(401)
    await until(async () => (await tablesWith(canary)).length === 0)
    await until(async () => (await filesOf(ada)).length + (await filesOf(bob)).length === 0)
    expect((await held()).map(({ notes, summary }) => [notes, summary])).toEqual([
      [[], ''],
      [[], ''],
    ])
    expect(await tablesWith(email)).toEqual([])
    // Jobs that are done name the workspace for a while.
    expect((await tablesWith(ada.workspaceId)).filter((name) => !name.startsWith('pgboss.'))).toEqual([])
    const collections = (await (await ask(bob, 'GET', '/api/v1/collections')).json()) as { items: { id: string }[] }
    expect(collections.items.map(({ id }) => id)).toEqual([kept])
  })

  it('ends its keys and tickets within five seconds', async () => {
    const { key } = (await (await ask(ada, 'POST', '/api/v1/api-keys', { name: 'script' })).json()) as { key: string }
    const withKey = () => fetch(`${backend.url}/api/v1/me`, { headers: { authorization: `Bearer ${key}` } })
    expect((await withKey()).status).toBe(200)
    expect((await remove(ada)).status).toBe(204)
    await until(async () => (await withKey()).status === 401, 5_000)
    expect(await connection.query('SELECT 1 FROM tickets WHERE user_id = $1', [ada.userId])).toEqual([])
  })

  it('stays while a workspace of others would lose its only owner, and says which', async () => {
    await connection.query(`UPDATE workspaces SET name = 'Our team' WHERE id = $1`, [ada.workspaceId])
    await connection.query(`INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, 'admin')`, [
      ada.workspaceId,
      bob.userId,
    ])
    const refused = await remove(ada)
    expect(refused.status).toBe(409)
    expect(ErrorEnvelope.parse(await refused.json()).error.message).toContain('Our team')
    expect((await ask(ada, 'GET', '/api/v1/me')).status).toBe(200)
    expect((await ask(inBobs, 'GET', '/api/v1/me')).status).toBe(200)
    await connection.query(`UPDATE memberships SET role = 'owner' WHERE workspace_id = $1`, [ada.workspaceId])
    expect((await remove(ada)).status).toBe(204)
    const entries = await connection.query('SELECT 1 FROM audit_entries WHERE workspace_id = $1 AND action = $2', [
      ada.workspaceId,
      'account.delete',
    ])
    expect(entries).toHaveLength(1)
  })

  it.each([
    ['without the password', (own: string) => ({ email: own }), 400],
    ['with a wrong one', (own: string) => ({ email: own, password: 'not the password' }), 403],
    ['with another address', () => ({ email: 'eve@example.com', password }), 400],
    ['with a field that it does not know', (own: string) => ({ email: own, password, userId: 'x' }), 400],
  ])('stays when it is asked for %s', async (_, body, status) => {
    expect((await remove(ada, body(email))).status).toBe(status)
    expect((await ask(ada, 'GET', '/api/v1/me')).status).toBe(200)
  })

  it('is not a key’s to delete', async () => {
    const { key } = (await (await ask(ada, 'POST', '/api/v1/api-keys', { name: 'script' })).json()) as { key: string }
    const answer = await fetch(`${backend.url}/api/v1/me/delete`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    })
    expect(answer.status).toBe(403)
  })
})

/** Work in the background is waited for, not timed. */
async function until(isSo: () => Promise<boolean>, patienceMs = 25_000): Promise<void> {
  const end = Date.now() + patienceMs
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error('It did not come about')
    await sleep(100)
  }
}
