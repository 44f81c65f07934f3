import { once } from 'node:events'
import type { Account, SignedIn, Ticket } from '@nitroagi/shared/identity'
import { closeCodes } from '@nitroagi/shared/live'
import type { BegunSecondFactor } from '@nitroagi/shared/second-factor'
import type { Workspace } from '@nitroagi/shared/workspaces'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Connection } from '../src/ports/database/connection.ts'
import { webOrigin } from './test-backend.ts'
import { eachDatabase } from './test-database.ts'
import { password, read, startWorkspaces } from './workspaces-backend.ts'

const soon = { timeout: 30_000, interval: 250 }
const at = '/api/v1/workspace'

eachDatabase((_, database) => {
  let connection: Connection
  let web: Awaited<ReturnType<typeof startWorkspaces>>
  let ada: SignedIn
  let bob: SignedIn
  beforeAll(async () => {
    connection = await database.open()
    web = await startWorkspaces(connection)
  })
  afterAll(() => web?.backend.close())
  beforeEach(async () => {
    ada = await web.person()
    bob = await web.person(ada, 'member')
  })

  const patch = (who: SignedIn, json: object) => web.asPerson(who, at, { method: 'PATCH', json })
  const errorOf = async (answer: Response) => {
    const { error } = (await answer.json()) as { error: { code: string; message: string } }
    return [answer.status, error.code]
  }
  const missing = [403, 'second_factor_missing']
  const secretOf = async (who: SignedIn) =>
    (await read<BegunSecondFactor>(await web.post(who, '/api/v1/me/second-factor', { password }))).secret
  async function setUp(who: SignedIn) {
    const secret = Secret.fromBase32(await secretOf(who))
    await read(await web.post(who, '/api/v1/me/second-factor/confirm', { code: new TOTP({ secret }).generate() }))
  }
  const turnOff = (who: SignedIn) =>
    connection.query('DELETE FROM second_factors WHERE user_id = $1::uuid', [who.userId])
  const keyOf = async (who: SignedIn) =>
    (await read<{ key: string }>(await web.post(who, '/api/v1/api-keys', { name: 'script' }), 201)).key
  const withKey = (key: string, path: string) =>
    web.backend.request(path, { headers: { authorization: `Bearer ${key}` } })
  const ticketOf = async (who: SignedIn, kind: string) =>
    (await read<Ticket>(await web.post(who, '/api/v1/tickets', { kind }), 201)).ticket

  describe('a second factor that a workspace asks for', () => {
    it('is asked for by owners and admins who have one themselves, and by nobody else', async () => {
      expect(await errorOf(await patch(ada, { requiresSecondFactor: true }))).toEqual([409, 'conflict'])
      expect(await errorOf(await patch(bob, { requiresSecondFactor: true }))).toEqual([403, 'forbidden'])
      expect(await errorOf(await patch(ada, {}))).toEqual([400, 'invalid_input'])
      await setUp(ada)
      const made = await web.post(ada, '/api/v1/api-keys', { name: 'admin', scopes: ['read', 'admin'] })
      const { key } = await read<{ key: string }>(made, 201)
      const asked = await fetch(web.backend.url + at, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ requiresSecondFactor: true }),
      })
      expect(await errorOf(asked)).toEqual([403, 'forbidden'])
      const changed = await read<Workspace>(await patch(ada, { requiresSecondFactor: true, name: 'Careful' }))
      expect(changed).toMatchObject({ name: 'Careful', requiresSecondFactor: true, isCurrent: true })
      const { items } = await read<{ items: { action: string; facts: object }[] }>(
        await web.asPerson(ada, '/api/v1/audit'),
      )
      expect(items).toContainEqual(
        expect.objectContaining({ action: 'workspace.second-factor', facts: { isOn: true } }),
      )
      expect(await read<Workspace>(await patch(ada, { requiresSecondFactor: false }))).toMatchObject({
        requiresSecondFactor: false,
      })
    })

    it('keeps whoever has none out of everything but their account, until they have set one up', async () => {
      await setUp(ada)
      await read(await patch(ada, { requiresSecondFactor: true }))
      const me = () => web.asPerson(bob, '/api/v1/me')
      expect(await read<Account>(await me())).toMatchObject({ needsSecondFactor: true, hasSecondFactor: false })
      for (const path of ['conversations', 'documents', 'workspace/members', 'members', 'api-keys', 'me/spending']) {
        expect(await errorOf(await web.asPerson(bob, `/api/v1/${path}`)), path).toEqual(missing)
      }
      expect(await errorOf(await web.post(bob, '/api/v1/tickets', { kind: 'websocket' }))).toEqual(missing)
      expect(await errorOf(await web.asPerson(bob, '/api/v1/me/second-factory'))).toEqual(missing)
      for (const path of ['sessions', 'workspaces', 'me/identities', 'me/second-factor']) {
        expect((await web.asPerson(bob, `/api/v1/${path}`)).status, path).toBe(200)
      }
      await setUp(bob)
      expect(await read<Account>(await me())).toMatchObject({ needsSecondFactor: false })
      expect((await web.asPerson(bob, '/api/v1/conversations')).status).toBe(200)
      expect((await web.asPerson(ada, '/api/v1/conversations')).status).toBe(200)
    })

    it('asks nothing of them in another workspace', async () => {
      const home = await web.person()
      await connection.query(
        `INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1::uuid, $2::uuid, 'member')`,
        [ada.workspaceId, home.userId],
      )
      await setUp(ada)
      await read(await patch(ada, { requiresSecondFactor: true }))
      const there = { ...home, workspaceId: ada.workspaceId }
      expect(await errorOf(await web.asPerson(there, '/api/v1/documents'))).toEqual(missing)
      expect((await web.asPerson(home, '/api/v1/documents')).status).toBe(200)
    })

    it('counts for keys, streams, sockets and tickets of whoever is at work', async () => {
      const [key, spare] = [await keyOf(bob), await ticketOf(bob, 'attachment')]
      const events = await web.asPerson(bob, '/api/v1/documents/events')
      const keyEvents = await withKey(key, '/api/v1/documents/events')
      const socket = new WebSocket(
        web.backend.url.replace('http', 'ws') + '/ws',
        ['nitro.v1', `t.${await ticketOf(bob, 'websocket')}`],
        { origin: webOrigin },
      )
      await once(socket, 'message')
      const closed = once(socket, 'close').then(([code]) => code as number)
      await setUp(ada)
      await read(await patch(ada, { requiresSecondFactor: true }))
      const uploaded = await fetch(`${web.backend.url}/api/v1/attachments?name=a.txt`, {
        method: 'POST',
        headers: { authorization: `Bearer ${spare}`, origin: webOrigin, 'content-type': 'text/plain' },
        body: 'hello',
      })
      expect(uploaded.status).toBe(401)
      expect(await closed).toBe(closeCodes.revoked)
      for (const stream of [events, keyEvents]) expect(await stream.text()).toContain(': watching')
      await expect.poll(async () => (await withKey(key, '/api/v1/documents')).status, soon).toBe(403)
      expect(await errorOf(await withKey(key, '/api/v1/documents'))).toEqual(missing)
      await setUp(bob)
      await expect.poll(async () => (await withKey(key, '/api/v1/documents')).status, soon).toBe(200)
    })

    it('can be set up anew on another device by whoever asks it of others', async () => {
      await setUp(ada)
      await read(await patch(ada, { requiresSecondFactor: true }))
      await turnOff(ada)
      const status = async () => (await web.asPerson(ada, '/api/v1/documents')).status
      await expect.poll(status, soon).toBe(403)
      expect(await errorOf(await patch(ada, { requiresSecondFactor: false }))).toEqual(missing)
      await setUp(ada)
      expect(await status()).toBe(200)
    })
  })
})
