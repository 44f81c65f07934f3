import type { Session, SignedIn, Ticket } from '@nitroagi/shared/identity'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAccountsRepository } from '../src/ports/database/accounts.ts'
import type { Connection } from '../src/ports/database/connection.ts'
import { createMembersRepository } from '../src/ports/database/members.ts'
import { startBackend } from './test-backend.ts'
import { createTestApp, webOrigin, type TestApp } from './test-app.ts'
import { testCall } from './test-call.ts'
import { eachDatabase } from './test-database.ts'

const path = '/api/v1/sessions'

eachDatabase((_, database) => {
  let connection: Connection
  let app: TestApp
  let ada: SignedIn
  beforeAll(async () => void (connection = await database.open()))
  afterAll(() => connection?.close())
  beforeEach(async () => {
    await connection.query('WITH gone AS (DELETE FROM workspaces) DELETE FROM users')
    app = createTestApp(connection)
    ada = await app.createUser({ email: 'ada@example.com' })
  })

  const signIn = async (clientAddress?: string): Promise<SignedIn> => {
    const body = { email: 'ada@example.com', password: 'a long enough password' }
    return (await (await app.asWeb('/api/v1/auth/sign-in', { method: 'POST', body, clientAddress })).json()) as SignedIn
  }
  const listed = async (who: SignedIn) => ((await (await app.asPerson(who, path)).json()) as { items: Session[] }).items
  const statusOf = async (who: SignedIn) => (await app.asPerson(who, '/api/v1/me')).status

  it('are listed, and one that was ended lets nobody in any more', async () => {
    const phone = await signIn('192.0.2.7')
    const items = await listed(phone)
    expect(items.map(({ id, isCurrent, address }) => [id, isCurrent, address]).sort()).toEqual(
      [
        [ada.sessionId, false, null],
        [phone.sessionId, true, '192.0.2.7'],
      ].sort(),
    )
    const ended = await app.asPerson(ada, `${path}/${phone.sessionId}`, { method: 'DELETE' })
    expect(ended.status).toBe(204)
    expect([await statusOf(phone), await statusOf(ada)]).toEqual([401, 200])
    expect((await app.asPerson(ada, `${path}/${phone.sessionId}`, { method: 'DELETE' })).status).toBe(404)
  })

  it('end all but this one, and this one by signing out', async () => {
    const others = [await signIn(), await signIn()]
    const answer = await app.asPerson(ada, path, { method: 'DELETE' })
    expect(await answer.json()).toEqual({ ended: 2 })
    expect(await Promise.all([...others, ada].map(statusOf))).toEqual([401, 401, 200])
    expect((await app.asPerson(ada, `${path}/current`, { method: 'DELETE' })).status).toBe(204)
    expect(await statusOf(ada)).toBe(401)
  })

  it('are nobody else’s business, and no key’s', async () => {
    const bob = await app.createUser({ email: 'bob@example.com' })
    expect((await app.asPerson(bob, `${path}/${ada.sessionId}`, { method: 'DELETE' })).status).toBe(404)
    expect(await statusOf({ ...bob, sessionId: ada.sessionId })).toBe(401)
    const made = await app.asPerson(ada, '/api/v1/api-keys', { method: 'POST', body: { name: 'script' } })
    const { key } = (await made.json()) as { key: string }
    for (const [method, at] of [
      ['GET', path],
      ['DELETE', path],
      ['DELETE', `${path}/current`],
    ] as const)
      expect((await app.withKey(key, at, { method })).status).toBe(403)
    expect(await statusOf(ada)).toBe(200)
  })

  it('take their tickets along', async () => {
    const made = await app.asPerson(ada, '/api/v1/tickets', { method: 'POST', body: { kind: 'websocket' } })
    const { ticket } = (await made.json()) as Ticket
    await app.asPerson(ada, `${path}/current`, { method: 'DELETE' })
    await expect(app.identity.tickets.consume('websocket', ticket, webOrigin)).rejects.toThrow('not valid')
  })

  it('end when nobody came by for a week, and a month after they began however often somebody did', async () => {
    const phone = await signIn()
    const daysLeft = async () => {
      const mine = (await listed(phone)).find(({ isCurrent }) => isCurrent)!
      return Math.round((Date.parse(mine.expiresAt) - Date.now()) / 86_400_000)
    }
    const change = (what: string) =>
      connection.query(`UPDATE sessions SET ${what} WHERE id = $1::uuid`, [phone.sessionId])
    expect(await daysLeft()).toBe(7)
    await change(`last_seen_at = now() - interval '6 days', idle_until = now() + interval '1 day'`)
    // Another one, which has not noted a visit yet; nobody waits for that note.
    app = createTestApp(connection)
    await expect.poll(daysLeft).toBe(7)
    await change(`expires_at = now() + interval '2 days'`)
    expect(await daysLeft()).toBe(2)
    await change(`idle_until = now() - interval '1 second'`)
    app = createTestApp(connection)
    expect(await statusOf(phone)).toBe(401)
    expect((await listed(ada)).map(({ id }) => id)).toEqual([ada.sessionId])
  })

  it('last as long as the operator says', async () => {
    const short = createTestApp(connection, { identity: { sessionDays: { days: 3, idleDays: 1 } } })
    const body = { email: 'ada@example.com', password: 'a long enough password' }
    const answer = await short.asWeb('/api/v1/auth/sign-in', { method: 'POST', body })
    const { sessionId } = (await answer.json()) as SignedIn
    const [row] = await connection.query<{ days: number; idle: number }>(
      `SELECT round(extract(epoch FROM expires_at - created_at) / 86400)::int AS days,
         round(extract(epoch FROM idle_until - created_at) / 86400)::int AS idle FROM sessions WHERE id = $1::uuid`,
      [sessionId],
    )
    expect(row).toEqual({ days: 3, idle: 1 })
  })

  it('are twenty at most: with one more, the one that was used least lately ends', async () => {
    await connection.query(`UPDATE sessions SET last_seen_at = now() - interval '1 hour'`)
    for (let count = 0; count < 19; count++) await signIn()
    const one = await signIn()
    expect(await statusOf(ada)).toBe(401)
    expect(await listed(one)).toHaveLength(20)
    const said = await connection.query(`SELECT FROM audit_entries WHERE facts->>'reason' = 'too-many'`)
    expect(said).toHaveLength(1)
    await Promise.all([signIn(), signIn(), signIn()])
    expect(await listed(one)).toHaveLength(20)
  })

  it('are over with a suspension, and do not come back when it is lifted; keys do', async () => {
    const made = await app.asPerson(ada, '/api/v1/api-keys', { method: 'POST', body: { name: 'script' } })
    const { key } = (await made.json()) as { key: string }
    const keyStatus = async () => (await app.withKey(key, '/api/v1/me')).status
    const accounts = createAccountsRepository(connection)
    for (const suspended of [true, false]) {
      await accounts.suspend('ada@example.com', suspended)
      // Another one remembers nothing of before.
      app = createTestApp(connection)
      expect([await statusOf(ada), await keyStatus()]).toEqual([401, suspended ? 401 : 200])
    }
    expect(await statusOf(await signIn())).toBe(200)
  })

  it('of before a suspension in one workspace lead there no more, and elsewhere as before', async () => {
    const home = await app.createUser({ email: 'eve@example.com' })
    await connection.query(
      `INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1::uuid, $2::uuid, 'member')`,
      [ada.workspaceId, home.userId],
    )
    const guest = { ...home, workspaceId: ada.workspaceId }
    expect(await statusOf(guest)).toBe(200)
    const ticket = async () => {
      const made = await app.asPerson(guest, '/api/v1/tickets', { method: 'POST', body: { kind: 'websocket' } })
      return ((await made.json()) as Ticket).ticket
    }
    const spare = await ticket()
    const members = createMembersRepository(connection)
    const call = testCall(ada)
    for (const suspended of [true, false])
      await members.change(call, home.userId, () => ({ role: 'member', suspended }))
    app.identity.accounts.forget(home.userId)
    expect([await statusOf(guest), await statusOf(home)]).toEqual([401, 200])
    await expect(app.identity.tickets.consume('websocket', spare, webOrigin)).rejects.toThrow('not valid')
    const body = { email: 'eve@example.com', password: 'a long enough password' }
    const anew = (await (await app.asWeb('/api/v1/auth/sign-in', { method: 'POST', body })).json()) as SignedIn
    expect(await statusOf({ ...anew, workspaceId: ada.workspaceId })).toBe(200)
    // Nothing was lifted: sessions of now go on.
    await members.change(call, home.userId, () => ({ suspended: false, role: 'viewer' }))
    app.identity.accounts.forget(home.userId)
    expect(await statusOf({ ...anew, workspaceId: ada.workspaceId })).toBe(200)
  })

  it('expire, and are cleared away a day later', async () => {
    await connection.query(`UPDATE sessions SET expires_at = now() - interval '1 second'`)
    expect(await statusOf(ada)).toBe(401)
    await connection.query(`UPDATE sessions SET expires_at = now() - interval '2 days'`)
    const fresh = await signIn()
    expect(await connection.query('SELECT id FROM sessions')).toEqual([{ id: fresh.sessionId }])
  })
})

describe('an answer that lasts', () => {
  it('ends when its reader is suspended, or their key is revoked', async () => {
    const backend = await startBackend()
    try {
      const [mallory, eve] = [await backend.createPerson(), await backend.createPerson()]
      const readers = [mallory, eve].map((who) => who.request('/api/v1/documents/events'))
      for (const reader of await Promise.all(readers)) expect(reader.status).toBe(200)
      const { query } = backend.ports.connection
      await query('UPDATE users SET suspended_at = now() WHERE id = $1::uuid', [mallory.userId])
      await query('UPDATE api_keys SET revoked_at = now() WHERE user_id = $1::uuid', [eve.userId])
      for (const reader of readers) expect(await (await reader).text()).toContain(': watching')
    } finally {
      await backend.close()
    }
  })
})
