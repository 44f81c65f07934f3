import type { Session, SignedIn, Ticket } from '@nitroagi/shared/identity'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../src/ports/database/connection.ts'
import { startBackend } from './test-backend.ts'
import { createTestApp, webOrigin, type TestApp } from './test-app.ts'
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
