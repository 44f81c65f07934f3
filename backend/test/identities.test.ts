import type { SignedIn } from '@nitroagi/shared/identity'
import type {
  BegunSecondFactor,
  LinkedIdentity,
  RecoveryCodes,
  SignInWithIdentity,
} from '@nitroagi/shared/second-factor'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Connection } from '../src/ports/database/connection.ts'
import { createTestApp, type TestApp } from './test-app.ts'
import { eachDatabase } from './test-database.ts'

const path = '/api/v1/me/identities'
const signInPath = '/api/v1/auth/identity'
const password = 'a long enough password'

eachDatabase((_, database) => {
  let connection: Connection
  let app: TestApp
  let ada: SignedIn
  let clock: number
  beforeAll(async () => void (connection = await database.open()))
  afterAll(() => connection?.close())
  beforeEach(async () => {
    for (const table of ['workspaces', 'users', 'sign_in_failures', 'installation_settings']) {
      await connection.query(`DELETE FROM ${table}`)
    }
    clock = Date.now()
    app = createTestApp(connection, { identity: { now: () => clock } })
    ada = await app.createUser({ email: 'ada@example.com' })
  })

  const vouched = {
    provider: 'oidc',
    subject: 'subject-1',
    email: 'eve@example.com',
    isEmailVerified: true,
    name: 'Eve',
  } as const
  const come = (given: Partial<SignInWithIdentity> = {}, clientAddress?: string) =>
    app.asWeb(signInPath, {
      method: 'POST',
      body: { ...vouched, ...given },
      ...(clientAddress === undefined ? {} : { clientAddress }),
    })
  const connect = (who: SignedIn, given: Partial<SignInWithIdentity> = {}) => {
    const { userId, workspaceId, sessionId } = who
    return come({ ...given, linkTo: { userId, workspaceId, sessionId } })
  }
  const signedIn = async (answer: Response) => {
    expect(answer.status).toBe(200)
    return (await answer.json()) as SignedIn
  }
  const codeOf = async (answer: Response) => ((await answer.json()) as { error: { code: string } }).error.code
  const linked = async (who: SignedIn) =>
    ((await (await app.asPerson(who, path)).json()) as { items: LinkedIdentity[] }).items
  const openRegistration = () => connection.query(`INSERT INTO installation_settings (registration) VALUES ('open')`)
  const people = async () => (await connection.query<{ n: number }>('SELECT count(*)::int AS n FROM users'))[0]?.n
  const invite = async (
    changes: { email?: string; role?: string; expires?: string; revoked?: boolean } = {},
    by: SignedIn = ada,
  ) =>
    connection.query(
      `INSERT INTO invitations (workspace_id, secret_hash, email, role, invited_by, expires_at, revoked_at)
       VALUES ($1, gen_random_uuid()::text, $2, $3, $4, now() + $5::interval, CASE WHEN $6 THEN now() END)`,
      [
        by.workspaceId,
        changes.email ?? 'eve@example.com',
        changes.role ?? 'editor',
        by.userId,
        changes.expires ?? '1 day',
        changes.revoked ?? false,
      ],
    )

  it('makes an account for whom it knows nothing of, where registration is open, and knows them from then on', async () => {
    await openRegistration()
    const eve = await signedIn(await come())
    expect(eve).toMatchObject({
      email: 'eve@example.com',
      name: 'Eve',
      role: 'owner',
      isEmailVerified: true,
      hasPassword: false,
    })
    expect((await app.asPerson(eve, '/api/v1/me')).status).toBe(200)
    // By the subject alone: the address may have changed there meanwhile, or be somebody else's now.
    const again = await signedIn(await come({ email: 'ada@example.com', isEmailVerified: false, name: null }))
    expect([again.userId, again.email]).toEqual([eve.userId, 'eve@example.com'])
    expect(again.sessionId).not.toBe(eve.sessionId)
    expect(await people()).toBe(2)
  })

  it('never takes over an account by its e-mail address', async () => {
    await openRegistration()
    for (const email of ['ada@example.com', ' ADA@Example.com ']) {
      const answer = await come({ email })
      expect([answer.status, await codeOf(answer)]).toEqual([409, 'email_taken'])
    }
    expect(await linked(ada)).toEqual([])
    expect(await people()).toBe(1)
  })

  it('believes no address that the service does not vouch for, and says nothing about its owner', async () => {
    await openRegistration()
    for (const given of [
      { isEmailVerified: false },
      { email: null },
      { email: 'ada@example.com', isEmailVerified: false },
    ]) {
      const answer = await come(given)
      expect([answer.status, await codeOf(answer)]).toEqual([403, 'identity_unverified'])
    }
    await invite({ email: 'eve@example.com' })
    expect(await codeOf(await come({ isEmailVerified: false }))).toBe('identity_unverified')
    expect(await people()).toBe(1)
  })

  it('lets strangers in by an invitation to their address only, while it is good', async () => {
    await invite({ email: 'other@example.com' })
    await invite({ expires: '-1 second' })
    await invite({ revoked: true })
    const closed = await come()
    expect([closed.status, await codeOf(closed)]).toEqual([403, 'registration_closed'])
    expect(await people()).toBe(1)

    await invite({ role: 'viewer' })
    const eve = await signedIn(await come())
    expect(eve).toMatchObject({ workspaceId: ada.workspaceId, role: 'viewer', email: 'eve@example.com' })
    const used = await connection.query('SELECT accepted_by FROM invitations WHERE accepted_at IS NOT NULL')
    expect(used).toEqual([{ accepted_by: eve.userId }])
    expect(await codeOf(await come({ subject: 'subject-2', email: 'eve2@example.com' }))).toBe('registration_closed')
  })

  it('takes no invitation from somebody who may invite no more', async () => {
    await invite()
    await connection.query(`UPDATE memberships SET role = 'editor' WHERE user_id = $1`, [ada.userId])
    expect(await codeOf(await come())).toBe('registration_closed')
    await connection.query(`UPDATE memberships SET role = 'admin' WHERE user_id = $1`, [ada.userId])
    await connection.query('UPDATE users SET suspended_at = now() WHERE id = $1', [ada.userId])
    expect(await codeOf(await come())).toBe('registration_closed')
  })

  it('makes the first owner of one of many who come at once', async () => {
    await connection.query('DELETE FROM users')
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => come({ subject: `s${index}`, email: `p${index}@example.com` })),
    )
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
    expect(answers.filter((answer) => answer.status === 403)).toHaveLength(19)
    expect(await people()).toBe(1)
  })

  it('makes one account of the same person coming twice at once', async () => {
    await openRegistration()
    const answers = await Promise.all(Array.from({ length: 8 }, () => come()))
    expect(answers.filter((answer) => answer.status === 200).length).toBeGreaterThan(0)
    expect(await people()).toBe(2)
    expect((await connection.query('SELECT FROM user_identities')).length).toBe(1)
  })

  it('connects a service to whoever is signed in, who can then sign in with it', async () => {
    const connected = await signedIn(await connect(ada, { isEmailVerified: false }))
    expect([connected.userId, connected.sessionId]).toEqual([ada.userId, ada.sessionId])
    expect(await linked(ada)).toMatchObject([{ provider: 'oidc', email: 'eve@example.com' }])
    expect((await signedIn(await come())).userId).toBe(ada.userId)
    // Once more changes nothing.
    expect((await connect(ada)).status).toBe(200)
    expect(await linked(ada)).toHaveLength(1)
  })

  it('connects nothing to a session that has ended, or to somebody suspended', async () => {
    await app.asPerson(ada, '/api/v1/sessions/current', { method: 'DELETE' })
    expect((await connect(ada)).status).toBe(401)
    const bob = await app.createUser({ email: 'bob@example.com' })
    expect((await connect({ ...bob, sessionId: ada.sessionId })).status).toBe(401)
    expect((await connect({ ...bob, workspaceId: ada.workspaceId })).status).toBe(401)
    await connection.query('UPDATE users SET suspended_at = now() WHERE id = $1', [bob.userId])
    expect((await connect(bob)).status).toBe(401)
    expect(await connection.query('SELECT FROM user_identities')).toEqual([])
  })

  it('lets one identity belong to one account, whoever is quicker', async () => {
    const bob = await app.createUser({ email: 'bob@example.com' })
    const answers = await Promise.all([connect(ada), connect(bob)])
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409])
    expect((await linked(ada)).length + (await linked(bob)).length).toBe(1)
    const owner = (await linked(ada)).length === 1 ? ada : bob
    const other = owner === ada ? bob : ada
    expect(await codeOf(await connect(other))).toBe('identity_taken')
    expect(await codeOf(await connect(owner, { subject: 'subject-2' }))).toBe('conflict')
    expect((await signedIn(await come())).userId).toBe(owner.userId)
  })

  it('is disconnected, unless nothing else opens the account', async () => {
    await connect(ada)
    const remove = (who: SignedIn, provider: string) => app.asPerson(who, `${path}/${provider}`, { method: 'DELETE' })
    expect((await remove(ada, 'github')).status).toBe(404)
    expect((await remove(ada, 'elsewhere')).status).toBe(400)
    expect((await remove(ada, 'oidc')).status).toBe(204)
    expect(await codeOf(await come())).toBe('registration_closed')

    await openRegistration()
    const eve = await signedIn(await come())
    const last = await remove(eve, 'oidc')
    expect([last.status, await codeOf(last)]).toEqual([409, 'conflict'])
    await connect(eve, { provider: 'github', subject: '17' })
    const both = await Promise.all([remove(eve, 'oidc'), remove(eve, 'github')])
    expect(both.map((answer) => answer.status).sort()).toEqual([204, 409])
    expect(await linked(eve)).toHaveLength(1)
  })

  it('is nobody else’s business, and no key’s', async () => {
    await connect(ada)
    const bob = await app.createUser({ email: 'bob@example.com' })
    expect(await linked(bob)).toEqual([])
    expect((await app.asPerson(bob, `${path}/oidc`, { method: 'DELETE' })).status).toBe(404)
    const made = await app.asPerson(ada, '/api/v1/api-keys', { method: 'POST', body: { name: 'script' } })
    const { key } = (await made.json()) as { key: string }
    expect((await app.withKey(key, path)).status).toBe(403)
    expect((await app.withKey(key, `${path}/oidc`, { method: 'DELETE' })).status).toBe(403)
    expect((await app.withKey(key, signInPath, { method: 'POST', body: vouched })).status).toBe(401)
    expect((await app.asPerson(ada, signInPath, { method: 'POST', body: vouched })).status).toBe(401)
    expect((await app.withKey(app.operatorKey, signInPath, { method: 'POST', body: vouched })).status).toBe(401)
    expect(await linked(ada)).toHaveLength(1)
  })

  it('lets nobody in who is suspended', async () => {
    await connect(ada)
    await connection.query('UPDATE users SET suspended_at = now() WHERE id = $1', [ada.userId])
    expect((await come()).status).toBe(403)
  })

  it('asks for the second factor too, five times at most, however many try at once', async () => {
    await connect(ada)
    const post = (at: string, body: unknown) => app.asPerson(ada, at, { method: 'POST', body })
    const factor = '/api/v1/me/second-factor'
    const { secret } = (await (await post(factor, { password })).json()) as BegunSecondFactor
    const code = () => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock })
    const { recoveryCodes } = (await (await post(`${factor}/confirm`, { code: code() })).json()) as RecoveryCodes
    clock += 60_000

    const sessions = async () => (await connection.query('SELECT FROM sessions')).length
    const before = await sessions()
    const half = await come()
    expect([half.status, await codeOf(half)]).toEqual([401, 'second_factor_required'])
    expect(await sessions()).toBe(before)
    expect((await signedIn(await come({ code: code() }))).userId).toBe(ada.userId)
    expect((await come({ code: code() })).status).toBe(401)
    expect((await signedIn(await come({ code: recoveryCodes[0] ?? '' }))).userId).toBe(ada.userId)

    clock += 60_000
    const guesses = Array.from({ length: 50 }, (_, index) => String(200_000 + index)).filter(
      (guess) => guess !== code(),
    )
    const answers = await Promise.all(guesses.map((guess, index) => come({ code: guess }, `192.0.2.${index}`)))
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(5)
    expect(answers.filter((answer) => answer.status === 429)).toHaveLength(guesses.length - 5)
    expect((await come({ code: code() })).status).toBe(429)
  })
})
