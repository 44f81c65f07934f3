import { randomUUID } from 'node:crypto'
import type { SignedIn, ApiKey, CreatedApiKey, Ticket } from '@nitroagi/shared/identity'
import { actAsHeader } from '@nitroagi/shared/operator'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../src/ports/database/connection.ts'
import { createTestApp, webOrigin, type TestApp } from './test-app.ts'
import { eachDatabase } from './test-database.ts'

const keysPath = '/api/v1/api-keys'

eachDatabase((_, database) => {
  let connection: Connection
  let app: TestApp
  let ada: SignedIn
  let bob: SignedIn
  beforeAll(async () => void (connection = await database.open()))
  afterAll(() => connection?.close())
  beforeEach(async () => {
    await connection.query('WITH gone AS (DELETE FROM workspaces) DELETE FROM users')
    app = createTestApp(connection)
    ada = await app.createUser({ email: 'ada@example.com', workspace: 'Team' })
    bob = await app.createUser({ email: 'bob@example.com' })
  })

  const makeKey = async (who: SignedIn, body: Record<string, unknown> = {}) => {
    const answer = await app.asPerson(who, keysPath, { method: 'POST', body: { name: 'My script', ...body } })
    expect(answer.status).toBe(201)
    return (await answer.json()) as CreatedApiKey
  }
  const listKeys = async (who: SignedIn) =>
    ((await (await app.asPerson(who, keysPath)).json()) as { items: ApiKey[] }).items

  describe('an API key', () => {
    it('is shown once, kept as a hash, and speaks for its owner', async () => {
      const made = await makeKey(ada)
      expect(made.key).toMatch(/^nk_live_[\w-]{43}$/)
      expect(made.key.startsWith(made.prefix)).toBe(true)
      expect(made.scopes).toEqual(['read', 'chat', 'knowledge'])
      const me = await app.withKey(made.key, '/api/v1/me')
      expect(((await me.json()) as SignedIn).userId).toBe(ada.userId)

      const { key, ...shown } = made
      expect(await listKeys(ada)).toEqual([{ ...shown, lastUsedAt: expect.anything() as unknown }])
      const rows = JSON.stringify(await connection.query('SELECT * FROM api_keys'))
      expect(rows).not.toContain(key)
      expect(rows).not.toContain(key.slice('nk_live_'.length))
    })

    it('stops when it is revoked, and at once where that was asked', async () => {
      const { key, id } = await makeKey(ada)
      expect((await app.withKey(key, '/api/v1/me')).status).toBe(200)
      expect((await app.asPerson(ada, `${keysPath}/${id}`, { method: 'DELETE' })).status).toBe(204)
      expect((await app.withKey(key, '/api/v1/me')).status).toBe(401)
      expect(await listKeys(ada)).toEqual([])
      expect((await app.asPerson(ada, `${keysPath}/${id}`, { method: 'DELETE' })).status).toBe(404)
    })

    it('stops when it expires, also while its owner is remembered', async () => {
      const { key } = await makeKey(ada, { expiresAt: new Date(Date.now() + 700).toISOString() })
      expect((await app.withKey(key, '/api/v1/me')).status).toBe(200)
      await new Promise((resolve) => setTimeout(resolve, 800))
      expect((await app.withKey(key, '/api/v1/me')).status).toBe(401)
      const past = { name: 'x', expiresAt: '2020-01-01T00:00:00Z' }
      expect((await app.asPerson(ada, keysPath, { method: 'POST', body: past })).status).toBe(400)
    })

    it('stops with its owner', async () => {
      const { key } = await makeKey(ada)
      await connection.query('UPDATE users SET suspended_at = now() WHERE id = $1', [ada.userId])
      expect((await createTestApp(connection).withKey(key, '/api/v1/me')).status).toBe(401)
      await connection.query('UPDATE users SET suspended_at = NULL')
      await connection.query('DELETE FROM memberships WHERE user_id = $1', [ada.userId])
      expect((await createTestApp(connection).withKey(key, '/api/v1/me')).status).toBe(401)
    })

    it('is nothing when unknown, cut short, or of another letter case', async () => {
      const { key } = await makeKey(ada)
      const others = [
        `nk_live_${'A'.repeat(43)}`,
        key.slice(0, -1),
        `${key}A`,
        key.toUpperCase(),
        key.replace('nk_live_', 'nk_'),
      ]
      for (const other of others) expect((await app.withKey(other, '/api/v1/me')).status).toBe(401)
    })

    it('belongs to its owner alone', async () => {
      const { id } = await makeKey(ada)
      expect(await listKeys(bob)).toEqual([])
      expect((await app.asPerson(bob, `${keysPath}/${id}`, { method: 'DELETE' })).status).toBe(404)
      expect(await listKeys(ada)).toHaveLength(1)
      const taken = { name: 'x', userId: ada.userId, workspaceId: ada.workspaceId }
      expect((await app.asPerson(bob, keysPath, { method: 'POST', body: taken })).status).toBe(400)
    })

    it('never does more than its owner may, neither when made nor later', async () => {
      const carol = await app.createUser({ email: 'carol@example.com', workspace: 'Team', role: 'member' })
      const greedy = { name: 'x', scopes: ['admin'] }
      expect((await app.asPerson(carol, keysPath, { method: 'POST', body: greedy })).status).toBe(403)

      const { key } = await makeKey(ada, { scopes: ['read', 'admin'] })
      expect((await app.withKey(key, '/metrics')).status).toBe(200)
      await connection.query(`UPDATE memberships SET role = 'viewer' WHERE user_id = $1`, [ada.userId])
      expect((await createTestApp(connection).withKey(key, '/metrics')).status).toBe(403)
    })

    it('leaves no further key behind when it leaks', async () => {
      const { key } = await makeKey(ada)
      expect((await app.withKey(key, keysPath, { method: 'POST', body: { name: 'x' } })).status).toBe(403)
    })
  })

  describe('an upload ticket', () => {
    const collectionId = randomUUID()
    const uploadPath = `/api/v1/collections/${collectionId}/documents`
    const makeTicket = (who: SignedIn, body: unknown = { kind: 'upload', collectionId }) =>
      app.asPerson(who, '/api/v1/tickets', { method: 'POST', body })
    const ticketOf = async (who: SignedIn) => ((await (await makeTicket(who)).json()) as Ticket).ticket
    beforeEach(async () => {
      await connection.query(
        `INSERT INTO collections (workspace_id, id, owner_id, name, embedding_model, access)
         VALUES ($1, $2, $3, 'Papers', 'use-lite', 'workspace')`,
        [ada.workspaceId, collectionId, ada.userId],
      )
    })
    const upload = (ticket: string, { path = uploadPath, origin = webOrigin, method = 'POST' } = {}) =>
      app.request(path, {
        method,
        headers: { authorization: `Bearer ${ticket}`, 'content-type': 'application/pdf', ...(origin && { origin }) },
        ...(method === 'POST' ? { body: 'x'.repeat(2_000_000) } : {}),
      })

    it('opens the backend itself for one file of any size', async () => {
      const made = await makeTicket(ada)
      expect(made.status).toBe(201)
      const { ticket, url, expiresAt } = (await made.json()) as Ticket
      expect(url).toBe(`http://127.0.0.1:8000${uploadPath}`)
      expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(30_000)
      const first = await upload(ticket)
      expect(first.headers.get('access-control-allow-origin')).toBe(webOrigin)
      expect(await first.json()).toEqual({ bytes: 2_000_000, via: 'ticket' })
      const second = await upload(ticket)
      expect([second.status, second.headers.get('access-control-allow-origin')]).toEqual([401, webOrigin])
      expect(JSON.stringify(await connection.query('SELECT * FROM tickets'))).not.toContain(ticket)
    })

    it('lets one of fifty in', async () => {
      const ticket = await ticketOf(ada)
      const statuses = (await Promise.all(Array.from({ length: 50 }, () => upload(ticket)))).map(({ status }) => status)
      expect(statuses.filter((status) => status === 200)).toHaveLength(1)
      expect(statuses.filter((status) => status === 401)).toHaveLength(49)
    })

    it('is for its collection, its method and its kind alone', async () => {
      expect(
        (await upload(await ticketOf(ada), { path: `/api/v1/collections/${randomUUID()}/documents` })).status,
      ).toBe(401)
      expect((await upload(await ticketOf(ada), { method: 'GET' })).status).toBe(401)
      for (const path of ['/api/v1/me', '/api/v1/echo', '/v1/models', '/ws']) {
        expect((await upload(await ticketOf(ada), { path, method: 'GET' })).status).toBe(401)
      }
      const socket = (await (await makeTicket(ada, { kind: 'websocket' })).json()) as Ticket
      expect(socket.url).toBe('ws://127.0.0.1:8000/ws')
      expect((await upload(socket.ticket)).status).toBe(401)
    })

    it('is for pages of the web app alone', async () => {
      for (const origin of ['https://evil.example', 'null', '', `${webOrigin}.evil.example`, 'http://127.0.0.1']) {
        const answer = await upload(await ticketOf(ada), { origin })
        expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, null])
      }
    })

    it('is over after thirty seconds', async () => {
      const ticket = await ticketOf(ada)
      await connection.query(`UPDATE tickets SET expires_at = expires_at - interval '31 seconds'`)
      expect((await upload(ticket)).status).toBe(401)
    })

    it('is over when its owner is suspended', async () => {
      const ticket = await ticketOf(ada)
      await connection.query('UPDATE users SET suspended_at = now() WHERE id = $1', [ada.userId])
      expect((await upload(ticket)).status).toBe(401)
    })

    it('is not for a viewer, nor more than a key may do itself', async () => {
      const carol = await app.createUser({ email: 'carol@example.com', workspace: 'Team', role: 'viewer' })
      expect((await makeTicket(carol)).status).toBe(403)
      expect((await makeTicket(carol, { kind: 'websocket' })).status).toBe(201)
      const { key } = await makeKey(ada, { scopes: ['read'] })
      const asked = { method: 'POST', body: { kind: 'websocket' } }
      expect((await app.withKey(key, '/api/v1/tickets', asked)).status).toBe(403)
    })

    it.each([
      ['an upload without a collection', { kind: 'upload' }],
      ['a socket with one', { kind: 'websocket', collectionId: randomUUID() }],
      ['an unknown kind', { kind: 'download' }],
      ['a workspace of one’s choice', { kind: 'websocket', workspaceId: randomUUID() }],
      ['rights of one’s choice', { kind: 'websocket', scopes: ['admin'] }],
    ])('is not made for %s', async (_, body) => {
      expect((await makeTicket(ada, body)).status).toBe(400)
    })
  })

  describe('a WebSocket ticket', () => {
    it('says who came, once, with the rights of now', async () => {
      const asked = { method: 'POST', body: { kind: 'websocket' } }
      const { ticket } = (await (await app.asPerson(ada, '/api/v1/tickets', asked)).json()) as Ticket
      await expect(app.identity.tickets.consume('upload', ticket, webOrigin)).rejects.toThrow('not valid')
      const actor = await app.identity.tickets.consume('websocket', ticket, webOrigin)
      expect(actor).toEqual({
        userId: ada.userId,
        workspaceId: ada.workspaceId,
        role: 'owner',
        via: 'ticket',
        scopes: ['read', 'chat'],
        sessionId: ada.sessionId,
      })
      await expect(app.identity.tickets.consume('websocket', ticket, webOrigin)).rejects.toThrow('not valid')

      await connection.query(`UPDATE memberships SET role = 'viewer' WHERE user_id = $1`, [ada.userId])
      expect((await createTestApp(connection).identity.accounts.current(actor)).scopes).toEqual(['read'])
      await connection.query('DELETE FROM memberships WHERE user_id = $1', [ada.userId])
      await expect(createTestApp(connection).identity.accounts.current(actor)).rejects.toThrow('Sign in')
    })
  })

  describe('the operator', () => {
    it('acts for the first owner, or for whom they name', async () => {
      expect(((await (await app.withKey(app.operatorKey, '/api/v1/me')).json()) as SignedIn).userId).toBe(ada.userId)
      const named = await app.withKey(app.operatorKey, '/api/v1/me', { headers: { [actAsHeader]: 'Bob@Example.com' } })
      expect(((await named.json()) as SignedIn).userId).toBe(bob.userId)
      const unknown = { headers: { [actAsHeader]: 'nobody@example.com' } }
      expect((await app.withKey(app.operatorKey, '/api/v1/me', unknown)).status).toBe(404)
      expect((await app.withKey(app.operatorKey, '/api/v1/me', { headers: { [actAsHeader]: 'x' } })).status).toBe(400)
    })

    it('is told what to do while there is no account', async () => {
      await connection.query('WITH gone AS (DELETE FROM workspaces) DELETE FROM users')
      const fresh = createTestApp(connection)
      const answer = await fresh.withKey(fresh.operatorKey, '/api/v1/me')
      expect(answer.status).toBe(409)
      expect(await answer.text()).toContain('user create')
      expect((await fresh.withKey(fresh.operatorKey, '/api/v1/operator/users')).status).toBe(200)
      expect((await fresh.withKey(fresh.operatorKey, '/health')).status).toBe(200)
    })

    it('puts people into workspaces', async () => {
      const carol = await app.createUser({ email: 'carol@example.com', workspace: 'Team' })
      expect(carol).toMatchObject({ workspaceId: ada.workspaceId, workspaceName: 'Team', role: 'member' })
      expect(bob).toMatchObject({ role: 'owner', workspaceName: 'bob’s workspace' })
      expect(ada.role).toBe('owner')
      const post = (body: unknown) => app.withKey(app.operatorKey, '/api/v1/operator/users', { method: 'POST', body })
      const password = 'a long enough password'
      expect((await post({ email: 'ada@example.com', password })).status).toBe(409)
      expect((await post({ email: 'dan@example.com', password, role: 'viewer' })).status).toBe(400)
      const list = await app.withKey(app.operatorKey, '/api/v1/operator/users')
      const { items } = (await list.json()) as { items: SignedIn[] }
      expect(items.map(({ email }) => email)).toEqual(['ada@example.com', 'bob@example.com', 'carol@example.com'])
      expect(JSON.stringify(items)).not.toContain('argon2')
    })

    it('makes keys for others', async () => {
      const post = (body: unknown) => app.withKey(app.operatorKey, '/api/v1/operator/keys', { method: 'POST', body })
      const made = (await (await post({ email: 'bob@example.com', name: 'CLI' })).json()) as CreatedApiKey
      expect(made.scopes).toContain('admin')
      expect(((await (await app.withKey(made.key, '/api/v1/me')).json()) as SignedIn).userId).toBe(bob.userId)
      expect((await post({ email: 'nobody@example.com', name: 'CLI' })).status).toBe(404)
    })

    it('has rooms that nobody else finds', async () => {
      const { key } = await makeKey(ada, { scopes: ['admin'] })
      expect((await app.withKey(key, '/api/v1/operator/users')).status).toBe(404)
      expect((await app.asPerson(ada, '/api/v1/operator/users')).status).toBe(404)
      const wrong = `${app.operatorKey.slice(0, -1)}${app.operatorKey.endsWith('A') ? 'B' : 'A'}`
      expect((await app.withKey(wrong, '/api/v1/operator/users')).status).toBe(401)
    })
  })
})
