import type { Role, SignedIn } from '@nitroagi/shared/identity'
import type { Workspace, WorkspaceMember } from '@nitroagi/shared/workspaces'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../src/ports/database/connection.ts'
import { eachDatabase } from './test-database.ts'
import { read, refusal, startWorkspaces } from './workspaces-backend.ts'

const roles: Role[] = ['owner', 'admin', 'editor', 'member', 'viewer']

eachDatabase((_, database) => {
  let connection: Connection
  let it_: Awaited<ReturnType<typeof startWorkspaces>>
  let first: SignedIn
  beforeAll(async () => {
    connection = await database.open()
    it_ = await startWorkspaces(connection)
    first = await it_.person()
  })
  afterAll(() => it_?.backend.close())

  const workspacesOf = async (who: SignedIn) =>
    (await read<{ items: Workspace[] }>(await it_.asPerson(who, '/api/v1/workspaces'))).items
  const membersFor = async (who: SignedIn) =>
    (await read<{ items: WorkspaceMember[] }>(await it_.asPerson(who, '/api/v1/workspace/members'))).items
  const rolesIn = async (who: SignedIn) =>
    Object.fromEntries((await membersFor(who)).map(({ userId, role }) => [userId, role]))

  describe('a workspace', () => {
    it('is made by who owns one, is there beside the others, and is renamed', async () => {
      const ada = await it_.person()
      const made = await read<Workspace>(await it_.post(ada, '/api/v1/workspaces', { name: 'Lab' }), 201)
      expect(made).toMatchObject({ name: 'Lab', role: 'owner', memberCount: 1, isCurrent: false })
      const there = { ...ada, workspaceId: made.id }
      expect((await workspacesOf(there)).map(({ name, isCurrent }) => [name, isCurrent])).toContainEqual(['Lab', true])
      const renamed = await it_.asPerson(there, '/api/v1/workspace', { method: 'PATCH', json: { name: 'Laboratory' } })
      expect(await read(renamed)).toMatchObject({ id: made.id, name: 'Laboratory', isCurrent: true })
      expect(await read(await it_.asPerson(there, '/api/v1/me'))).toMatchObject({ workspaceName: 'Laboratory' })
    })

    it('is made, named and deleted by nobody who may not', async () => {
      const ada = await it_.person()
      for (const role of ['admin', 'editor', 'member', 'viewer'] as const) {
        const eve = await it_.person(ada, role)
        expect(await refusal(await it_.post(eve, '/api/v1/workspaces', { name: 'Mine' }))).toBe(
          '403 registration_closed',
        )
        const name = { name: ada.workspaceName }
        expect(await refusal(await it_.post(eve, '/api/v1/workspace/delete', name))).toBe('403 forbidden')
        const renamed = await it_.asPerson(eve, '/api/v1/workspace', { method: 'PATCH', json: { name: 'Eve’s' } })
        expect(renamed.status).toBe(role === 'admin' ? 200 : 403)
        if (role === 'admin') await it_.asPerson(ada, '/api/v1/workspace', { method: 'PATCH', json: name })
      }
    })

    it('is not managed with an API key', async () => {
      const ada = await it_.person()
      const { key } = await read<{ key: string }>(
        await it_.post(ada, '/api/v1/api-keys', { name: 'k', scopes: ['read', 'admin'] }),
        201,
      )
      const asKey = (path: string, json: unknown) =>
        fetch(it_.backend.url + path, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify(json),
        })
      expect((await asKey('/api/v1/workspaces', { name: 'Mine' })).status).toBe(403)
      expect((await asKey('/api/v1/workspace/delete', { name: ada.workspaceName })).status).toBe(403)
      expect((await asKey('/api/v1/invitations/accept', { token: 'x'.repeat(43) })).status).toBe(403)
    })

    it('keeps its members when a key of its owner leaks that may only read', async () => {
      const ada = await it_.person()
      const member = await it_.person(ada, 'member')
      const { key } = await read<{ key: string }>(
        await it_.post(ada, '/api/v1/api-keys', { name: 'k', scopes: ['read'] }),
        201,
      )
      const asKey = (path: string, method = 'GET') =>
        fetch(it_.backend.url + path, { method, headers: { authorization: `Bearer ${key}` } })
      for (const { userId } of [ada, member]) {
        expect((await asKey(`/api/v1/workspace/members/${userId}`, 'DELETE')).status).toBe(403)
      }
      const { items } = await read<{ items: WorkspaceMember[] }>(await asKey('/api/v1/workspace/members'))
      expect(items.map(({ email }) => email)).toContain(null)
    })

    it('goes with everything that it held', async () => {
      const ada = await it_.person()
      const member = await it_.person(ada, 'member')
      const { key } = await read<{ key: string }>(await it_.post(ada, '/api/v1/api-keys', { name: 'k' }), 201)
      const asKey = (path: string, init: RequestInit = {}) =>
        fetch(it_.backend.url + path, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } })
      const collection = await read<{ id: string }>(await it_.post(ada, '/api/v1/collections', { name: 'Papers' }), 201)
      const upload = await asKey(`/api/v1/collections/${collection.id}/documents?name=a.txt`, {
        method: 'POST',
        body: 'The canary sings in the mine.',
        headers: { 'content-type': 'text/plain' },
      })
      expect(upload.status).toBeLessThan(300)
      const { id } = await read<{ id: string }>(await it_.post(ada, '/api/v1/conversations', {}), 201)
      const asked = await it_.post(ada, `/api/v1/conversations/${id}/messages`, { text: 'What sings?' })
      expect(asked.status).toBe(202)
      await it_.invite(ada, { role: 'member' })
      const [stored] = await connection.query<{ object_key: string }>(
        'SELECT object_key FROM documents WHERE workspace_id = $1::uuid',
        [ada.workspaceId],
      )
      await it_.backend.ports.objectStore.get(stored!.object_key).then((body) => body.destroy())

      expect(await refusal(await it_.post(ada, '/api/v1/workspace/delete', { name: 'Another' }))).toBe(
        '400 invalid_input',
      )
      const deleted = await it_.post(ada, '/api/v1/workspace/delete', { name: ada.workspaceName })
      expect(deleted.status).toBe(204)
      for (const who of [ada, member]) expect((await it_.asPerson(who, '/api/v1/me')).status).toBe(401)
      await expect.poll(() => rowsOf(ada.workspaceId), { timeout: 50_000, interval: 200 }).toEqual([])
      await expect(it_.backend.ports.objectStore.get(stored!.object_key)).rejects.toThrow()
      await expect.poll(async () => (await asKey('/api/v1/me')).status, { timeout: 20_000 }).toBe(401)
    })

    it('is not deleted when it is the one that looks after the installation', async () => {
      const named = { name: first.workspaceName }
      expect(await refusal(await it_.post(first, '/api/v1/workspace/delete', named))).toBe('409 conflict')
    })

    /** Every table that still says something of it. */
    async function rowsOf(workspaceId: string): Promise<string[]> {
      const tables = await connection.query<{ name: string }>(
        `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'`,
      )
      const left: string[] = []
      for (const { name } of tables) {
        const rows = await connection.query(`SELECT 1 FROM ${name} WHERE workspace_id = $1::uuid LIMIT 1`, [
          workspaceId,
        ])
        if (rows.length > 0) left.push(name)
      }
      const itself = await connection.query('SELECT 1 FROM workspaces WHERE id = $1::uuid', [workspaceId])
      return itself.length > 0 ? [...left, 'workspaces'] : left
    }
  })

  describe('members', () => {
    it('see each other’s names and roles, and owners and admins the addresses', async () => {
      const ada = await it_.person()
      const [admin, viewer] = [await it_.person(ada, 'admin'), await it_.person(ada, 'viewer')]
      for (const who of [ada, admin]) {
        expect((await membersFor(who)).map(({ email }) => email).sort()).toEqual(
          [ada.email, admin.email, viewer.email].sort(),
        )
      }
      const seen = await membersFor(viewer)
      expect(seen.filter(({ email }) => email !== null)).toMatchObject([{ userId: viewer.userId, isYou: true }])
      expect(seen.map(({ role }) => role).sort()).toEqual(['admin', 'owner', 'viewer'])
    })

    it('are changed by those above them, and given no role above one’s own', async () => {
      const ada = await it_.person()
      const [admin, other] = [await it_.person(ada, 'admin'), await it_.person(ada, 'admin')]
      const people = Object.fromEntries(
        await Promise.all(roles.slice(2).map(async (role) => [role, await it_.person(ada, role)] as const)),
      )
      const { editor, member, viewer } = people as Record<string, SignedIn>
      for (const who of [editor!, member!, viewer!]) {
        expect(await refusal(await it_.change(who, viewer!.userId, { role: 'viewer' }))).toBe('403 forbidden')
        expect(await refusal(await it_.remove(who, admin.userId))).toBe('403 forbidden')
      }
      for (const target of [ada, other]) {
        expect(await refusal(await it_.change(admin, target.userId, { role: 'viewer' }))).toBe('403 forbidden')
        expect(await refusal(await it_.change(admin, target.userId, { suspended: true }))).toBe('403 forbidden')
        expect(await refusal(await it_.remove(admin, target.userId))).toBe('403 forbidden')
      }
      expect(await refusal(await it_.change(admin, viewer!.userId, { role: 'owner' }))).toBe('403 forbidden')
      expect(await read(await it_.change(admin, viewer!.userId, { role: 'admin' }))).toMatchObject({ role: 'admin' })
      expect(await read(await it_.change(ada, other.userId, { role: 'owner' }))).toMatchObject({ role: 'owner' })
      expect((await it_.remove(admin, member!.userId)).status).toBe(204)
      expect(await refusal(await it_.asPerson(member!, '/api/v1/me'))).toBe('401 unauthenticated')
    })

    it('of another workspace are as missing as nobody', async () => {
      const [ada, bob] = [await it_.person(), await it_.person()]
      for (const id of [bob.userId, '0190b6a4-0000-7000-8000-000000000000']) {
        expect(await refusal(await it_.change(ada, id, { role: 'viewer' }))).toBe('404 not_found')
        expect(await refusal(await it_.remove(ada, id))).toBe('404 not_found')
      }
      expect(await rolesIn(bob)).toEqual({ [bob.userId]: 'owner' })
    })

    it('keep their last owner, who neither leaves nor steps down, and is neither suspended nor removed', async () => {
      const ada = await it_.person()
      const admin = await it_.person(ada, 'admin')
      expect(await refusal(await it_.remove(ada, ada.userId))).toBe('409 conflict')
      expect(await refusal(await it_.change(ada, ada.userId, { role: 'admin' }))).toBe('409 conflict')
      expect(await refusal(await it_.change(ada, ada.userId, { suspended: true }))).toBe('409 conflict')
      await it_.change(ada, admin.userId, { role: 'owner' })
      await it_.change(ada, admin.userId, { suspended: true })
      expect(await refusal(await it_.remove(ada, ada.userId))).toBe('409 conflict')
      await it_.change(ada, admin.userId, { suspended: false })
      expect((await it_.remove(ada, ada.userId)).status).toBe(204)
      // Sessions of before a suspension are over.
      const anew = await read<SignedIn>(await it_.signIn(admin.email))
      expect(await rolesIn(anew)).toEqual({ [admin.userId]: 'owner' })
    })

    it('have one owner left when two take each other’s role away at once', async () => {
      for (let round = 0; round < 5; round++) {
        const ada = await it_.person()
        const bob = await it_.person(ada, 'owner')
        const answers = await Promise.all([
          it_.change(ada, bob.userId, { role: 'viewer' }),
          round % 2 ? it_.remove(bob, ada.userId) : it_.change(bob, ada.userId, { role: 'viewer' }),
        ])
        expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
        const owners = await connection.query(
          `SELECT 1 FROM memberships WHERE workspace_id = $1::uuid AND role = 'owner'`,
          [ada.workspaceId],
        )
        expect(owners).toHaveLength(1)
      }
    })

    it('who leave take their conversations along, and leave what they knew to an owner', async () => {
      const ada = await it_.person()
      const eve = await it_.person(ada, 'editor')
      const closed = { name: 'Closed', access: 'members' }
      const collection = await read<{ id: string }>(await it_.post(eve, '/api/v1/collections', closed), 201)
      const { id } = await read<{ id: string }>(await it_.post(eve, '/api/v1/conversations', {}), 201)
      expect((await it_.remove(eve, eve.userId)).status).toBe(204)
      expect(await connection.query('SELECT 1 FROM conversations WHERE id = $1::uuid', [id])).toEqual([])
      const { items } = await read<{ items: { id: string; role: string }[] }>(
        await it_.asPerson(ada, '/api/v1/collections'),
      )
      expect(items).toMatchObject([{ id: collection.id, role: 'owner' }])
    })
  })
})
