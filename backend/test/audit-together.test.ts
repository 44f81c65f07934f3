import type { SignedIn } from '@nitroagi/shared/identity'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Connection } from '../src/ports/database/connection.ts'
import { eachDatabase } from './test-database.ts'
import { password, startWorkspaces } from './workspaces-backend.ts'

/** What is changed with an entry, and what only says when somebody was last here. */
const changed = {
  workspaces: '',
  memberships: '',
  users: '',
  sessions: "- 'last_seen_at' - 'expires_at'",
  api_keys: "- 'last_used_at'",
  invitations: '',
  one_time_tokens: '',
  second_factors: '',
  installation_settings: '',
  collections: '',
  collection_members: '',
  documents: '',
  module_settings: '',
  spending_caps: '',
}

eachDatabase((_, database) => {
  let connection: Connection
  let web: Awaited<ReturnType<typeof startWorkspaces>>
  let owner: SignedIn
  let member: SignedIn

  beforeAll(async () => {
    connection = await database.open()
    web = await startWorkspaces(connection)
    await connection.query(
      `CREATE FUNCTION refuse_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no entry'; END $$`,
    )
  }, 120_000)
  // Closes the connection as well.
  afterAll(() => web?.backend.close())
  beforeEach(async () => {
    await connection.query('WITH w AS (DELETE FROM workspaces), f AS (DELETE FROM sign_in_failures) DELETE FROM users')
    owner = await web.person()
    member = await web.person(owner, 'member')
  })

  const refuseEntries = () =>
    connection.query(
      'CREATE TRIGGER refuse_entry BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_entry()',
    )
  const takeEntries = () => connection.query('DROP TRIGGER refuse_entry ON audit_entries')
  const state = async () => {
    const rows = Object.entries(changed).map(async ([table, without]) => {
      const found = await connection.query<{ row: string }>(
        `SELECT (to_jsonb(t) ${without})::text AS row FROM ${table} t`,
      )
      return [table, found.map(({ row }) => row).sort()]
    })
    return Object.fromEntries(await Promise.all(rows)) as Record<string, string[]>
  }
  const made = async (path: string, json: unknown) => {
    const response = await web.post(owner, path, json)
    expect(response.status).toBeLessThan(300)
    return (await response.json()) as { id: string }
  }
  const asked = (method: string, path: string, json?: unknown) =>
    web.asPerson(owner, path, { method, ...(json === undefined ? {} : { json }) })
  const operator = (method: string, path: string, json: unknown) => web.backend.request(path, { method, json })
  const collection = () => made('/api/v1/collections', { name: 'Papers', access: 'members' })

  /** What is asked once what it needs is there. */
  const changes: Record<string, () => Promise<() => Promise<Response>>> = {
    'an API key is made': async () => () => asked('POST', '/api/v1/api-keys', { name: 'Mine' }),
    'an API key is called back': async () => {
      const { id } = await made('/api/v1/api-keys', { name: 'Mine' })
      return () => asked('DELETE', `/api/v1/api-keys/${id}`)
    },
    'the tier of a key is set': async () => {
      const { id } = await made('/api/v1/api-keys', { name: 'Mine' })
      return () => operator('POST', '/api/v1/operator/keys/tier', { id, tier: 'pro' })
    },
    'somebody gets another role': async () => () =>
      asked('PATCH', `/api/v1/workspace/members/${member.userId}`, { role: 'editor' }),
    'a member is suspended': async () => () =>
      asked('PATCH', `/api/v1/workspace/members/${member.userId}`, { suspended: true }),
    'a member is taken out': async () => () => asked('DELETE', `/api/v1/workspace/members/${member.userId}`),
    'somebody is suspended everywhere': async () => () =>
      operator('POST', '/api/v1/operator/users/suspend', { email: member.email, suspended: true }),
    'an account is made by the operator': async () => () =>
      operator('POST', '/api/v1/operator/users', { email: 'new@example.com', password }),
    'a link for a new password is made': async () => () =>
      operator('POST', '/api/v1/operator/users/reset-link', { email: member.email }),
    'somebody is invited': async () => () => asked('POST', '/api/v1/workspace/invitations', { role: 'member' }),
    'an invitation is called back': async () => {
      const { id } = await made('/api/v1/workspace/invitations', { role: 'member' })
      return () => asked('DELETE', `/api/v1/workspace/invitations/${id}`)
    },
    'an invitation is taken': async () => {
      const { link } = await web.invite(owner, { role: 'member' })
      const guest = await web.person()
      return () => web.post(guest, '/api/v1/invitations/accept', { token: link.split('#')[1] })
    },
    'somebody signs up with an invitation': async () => {
      const { link } = await web.invite(owner, { role: 'member' })
      const json = { email: 'guest@example.com', password, invitation: link.split('#')[1] }
      return () => web.asWeb('/api/v1/auth/sign-up', json)
    },
    'a workspace is made': async () => () => asked('POST', '/api/v1/workspaces', { name: 'Another' }),
    'a workspace gets another name': async () => () => asked('PATCH', '/api/v1/workspace', { name: 'Renamed' }),
    'somebody signs in': async () => () => web.signIn(member.email),
    'a session is ended': async () => () => web.asPerson(member, '/api/v1/sessions/current', { method: 'DELETE' }),
    'all other sessions are ended': async () => {
      await web.signIn(member.email)
      return () => web.asPerson(member, '/api/v1/sessions', { method: 'DELETE' })
    },
    'a password is changed': async () => () =>
      asked('PUT', '/api/v1/me/password', { current: password, next: `${password} too` }),
    'an account is deleted': async () => () => web.post(member, '/api/v1/me/delete', { email: member.email, password }),
    'registration is opened': async () => () => asked('PUT', '/api/v1/installation', { registration: 'open' }),
    'a cap is set': async () => () =>
      asked('PUT', '/api/v1/workspace/spending', { workspace: { usd: 100, tokens: null } }),
    'a module is turned off': async () => () => asked('PATCH', '/api/v1/modules/summary', { isEnabled: false }),
    'a collection is made': async () => () => asked('POST', '/api/v1/collections', { name: 'Papers' }),
    'a collection is opened to all': async () => {
      const { id } = await collection()
      return () => asked('PATCH', `/api/v1/collections/${id}`, { access: 'workspace' })
    },
    'a collection is deleted': async () => {
      const { id } = await collection()
      return () => asked('DELETE', `/api/v1/collections/${id}`)
    },
    'somebody is let into a collection': async () => {
      const { id } = await collection()
      return () => asked('PUT', `/api/v1/collections/${id}/members/${member.userId}`, { role: 'reader' })
    },
    'somebody is taken out of a collection': async () => {
      const { id } = await collection()
      await asked('PUT', `/api/v1/collections/${id}/members/${member.userId}`, { role: 'reader' })
      return () => asked('DELETE', `/api/v1/collections/${id}/members/${member.userId}`)
    },
  }

  it.each(Object.keys(changes))(
    'when %s, that and its entry are kept, or neither',
    { timeout: 60_000 },
    async (name) => {
      const change = await changes[name]!()
      const before = await state()
      await refuseEntries()
      const refused = await change()
      const after = await state()
      await takeEntries()
      expect([refused.status, await refused.text()]).toEqual([500, expect.not.stringContaining('no entry')])
      expect(after).toEqual(before)
      const entries = async () => (await connection.query('SELECT FROM audit_entries')).length
      const earlier = await entries()
      expect((await change()).status).toBeLessThan(300)
      expect(await state()).not.toEqual(before)
      expect(await entries()).toBeGreaterThan(earlier)
    },
  )
})
