import { once } from 'node:events'
import type { SignedIn, Ticket } from '@nitroagi/shared/identity'
import { closeCodes } from '@nitroagi/shared/live'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Connection } from '../src/ports/database/connection.ts'
import { startBackend, webOrigin, type TestBackend } from './test-backend.ts'
import { eachDatabase } from './test-database.ts'
import { read, startWorkspaces } from './workspaces-backend.ts'

/** Wide, because a busy machine is no failure: what is tried is that it comes to an end at all, without a restart. */
const soon = { timeout: 30_000, interval: 250 }

eachDatabase((_, database) => {
  let connection: Connection
  let web: Awaited<ReturnType<typeof startWorkspaces>>
  /** Another process over the same database, which hears of nothing that the first one does. */
  let replica: TestBackend
  let ada: SignedIn
  beforeAll(async () => {
    connection = await database.open()
    web = await startWorkspaces(connection)
    const shared = { ...connection, close: async () => {} }
    replica = await startBackend({ ...web.options, ports: { ...web.options.ports, connection: shared } })
    ada = await web.person()
  })
  afterAll(async () => {
    await replica?.close()
    await web?.backend.close()
  })

  const keyOf = async (who: SignedIn) =>
    (await read<{ key: string }>(await web.post(who, '/api/v1/api-keys', { name: 'script' }), 201)).key
  const withKey = async (key: string, path: string, method = 'GET') =>
    (
      await fetch(replica.url + path, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(method === 'POST' ? { body: '{}' } : {}),
      })
    ).status
  const ticketOf = async (who: SignedIn, json: object) =>
    (await read<Ticket>(await web.asPerson(who, '/api/v1/tickets', { method: 'POST', json }, replica), 201)).ticket
  const upload = async (ticket: string) =>
    (
      await fetch(`${replica.url}/api/v1/attachments?name=a.txt`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ticket}`, origin: webOrigin, 'content-type': 'text/plain' },
        body: 'hello',
      })
    ).status

  /** Somebody of Ada's workspace who is at work in the other process, by every way in that there is. */
  async function atWork() {
    const who = await web.person(ada, 'member')
    const key = await keyOf(who)
    const events = await web.asPerson(who, '/api/v1/documents/events', {}, replica)
    const keyEvents = await fetch(`${replica.url}/api/v1/documents/events`, {
      headers: { authorization: `Bearer ${key}` },
    })
    expect([events.status, keyEvents.status]).toEqual([200, 200])
    const ticket = await ticketOf(who, { kind: 'websocket' })
    const socket = new WebSocket(replica.url.replace('http', 'ws') + '/ws', ['nitro.v1', `t.${ticket}`], {
      origin: webOrigin,
    })
    await once(socket, 'message')
    const closed = once(socket, 'close').then(([code]) => code as number)
    expect(await withKey(key, '/api/v1/conversations', 'POST')).toBe(201)
    return { who, key, events, keyEvents, socket, closed, spare: await ticketOf(who, { kind: 'attachment' }) }
  }

  describe('somebody who is at work in another process', () => {
    it.each([
      ['suspended in the workspace', (id: string) => web.change(ada, id, { suspended: true })],
      ['taken out of it', (id: string) => web.remove(ada, id)],
      [
        'suspended everywhere',
        (_id: string, email: string) =>
          web.backend.request('/api/v1/operator/users/suspend', { method: 'POST', json: { email, suspended: true } }),
      ],
    ])('is out when they are %s: requests, streams, sockets, keys and tickets', async (_name, end) => {
      const { who, key, events, keyEvents, closed, spare } = await atWork()
      const answer = await end(who.userId, who.email)
      expect(answer.ok).toBe(true)
      expect(await upload(spare)).toBe(401)
      const statusOf = async () => (await web.asPerson(who, '/api/v1/me', {}, replica)).status
      await expect.poll(statusOf, soon).toBe(401)
      await expect.poll(() => withKey(key, '/api/v1/me'), soon).toBe(401)
      expect(await closed).toBe(closeCodes.revoked)
      for (const stream of [events, keyEvents]) expect(await stream.text()).toContain(': watching')
      expect(await statusOf()).toBe(401)
    })

    it('does no more than a viewer when they are made one', async () => {
      const { who, key, events, closed, spare } = await atWork()
      await read(await web.change(ada, who.userId, { role: 'viewer' }))
      expect(await upload(spare)).toBe(403)
      const ask = async () =>
        (await web.asPerson(who, '/api/v1/conversations', { method: 'POST', json: {} }, replica)).status
      await expect.poll(ask, soon).toBe(403)
      await expect.poll(() => withKey(key, '/api/v1/conversations', 'POST'), soon).toBe(403)
      expect(await closed).toBe(closeCodes.revoked)
      expect(await withKey(key, '/api/v1/me')).toBe(200)
      await events.body?.cancel()
    })

    it('is out when the workspace is deleted', async () => {
      const lab = await read<{ id: string; name: string }>(
        await web.post(ada, '/api/v1/workspaces', { name: 'Lab' }),
        201,
      )
      const there = { ...ada, workspaceId: lab.id }
      const key = await keyOf(there)
      expect(await withKey(key, '/api/v1/me')).toBe(200)
      expect((await web.post(there, '/api/v1/workspace/delete', { name: 'Lab' })).status).toBe(204)
      await expect.poll(() => withKey(key, '/api/v1/me'), soon).toBe(401)
      expect((await web.asPerson(there, '/api/v1/me', {}, replica)).status).toBe(401)
      expect((await web.asPerson(ada, '/api/v1/me', {}, replica)).status).toBe(200)
    })
  })
})
