import type { SignedIn } from '@nitroagi/shared/identity'
import type { BegunSecondFactor } from '@nitroagi/shared/second-factor'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../src/ports/database/connection.ts'
import { createTestApp, type TestApp } from './test-app.ts'
import { eachDatabase } from './test-database.ts'

const password = 'a long enough password'
const path = '/api/v1/me/proof'

eachDatabase((_, database) => {
  let connection: Connection
  let app: TestApp
  let ada: SignedIn
  let clock: number
  beforeAll(async () => void (connection = await database.open()))
  afterAll(() => connection?.close())
  beforeEach(async () => {
    for (const table of ['workspaces', 'users', 'sign_in_failures']) await connection.query(`DELETE FROM ${table}`)
    clock = Date.now()
    app = createTestApp(connection, { identity: { now: () => clock } })
    ada = await app.createUser({ email: 'ada@example.com' })
  })

  const post = (at: string, body: unknown) => app.asPerson(ada, at, { method: 'POST', body })
  const told = async (answer: Response) =>
    answer.ok ? answer.status : ((await answer.json()) as { error: { code: string } }).error.code
  const prove = async (body: object) => told(await post(path, body))
  const connect = async () =>
    told(
      await app.asWeb('/api/v1/auth/identity', {
        method: 'POST',
        body: {
          provider: 'github',
          subject: '17',
          email: null,
          isEmailVerified: false,
          name: null,
          linkTo: { userId: ada.userId, workspaceId: ada.workspaceId, sessionId: ada.sessionId },
        },
      }),
    )
  const disconnect = async () => told(await app.asPerson(ada, '/api/v1/me/identities/github', { method: 'DELETE' }))
  const later = () =>
    connection.query(
      `UPDATE sessions SET created_at = created_at - interval '16 minutes', proven_at = proven_at - interval '16 minutes'`,
    )

  describe('changing how one signs in', () => {
    it('is possible for a quarter of an hour after signing in, and then takes the password again', async () => {
      expect(await connect()).toBe(200)
      await later()
      expect([await prove({}), await connect(), await disconnect()]).toEqual(Array(3).fill('proof_required'))
      expect(await prove({ password: 'not the password' })).toBe('invalid_input')
      expect(await connect()).toBe('proof_required')
      expect(await prove({ password })).toBe(204)
      expect([await prove({}), await connect(), await disconnect()]).toEqual([204, 200, 204])
      await later()
      expect(await connect()).toBe('proof_required')
    })

    it('takes the code as well of who has a second factor', async () => {
      const begun = (await (await post('/api/v1/me/second-factor', { password })).json()) as BegunSecondFactor
      const codeOf = () => new TOTP({ secret: Secret.fromBase32(begun.secret) }).generate({ timestamp: clock })
      expect((await post('/api/v1/me/second-factor/confirm', { code: codeOf() })).status).toBe(200)
      clock += 60_000
      await later()
      expect(await prove({ password })).toBe('second_factor_required')
      expect(await prove({ password, code: '000000' })).toBe('second_factor_required')
      expect(await prove({ code: codeOf() })).toBe('invalid_input')
      expect(await connect()).toBe('proof_required')
      expect(await prove({ password, code: codeOf() })).toBe(204)
      expect(await connect()).toBe(200)
    })

    it('is not to be guessed at: five wrong passwords lock the account as failed sign-ins do', async () => {
      await later()
      for (let count = 0; count < 5; count++) expect(await prove({ password: 'not it' })).toBe('invalid_input')
      expect(await prove({ password })).toBe('rate_limited')
    })

    it('takes signing in again of who has neither password nor second factor', async () => {
      expect(await connect()).toBe(200)
      await connection.query('UPDATE users SET password_hash = NULL')
      const changes = async () => [
        await told(await app.asPerson(ada, '/api/v1/me/email', { method: 'PUT', body: { email: 'new@example.com' } })),
        await told(await post('/api/v1/me/second-factor', {})),
        await told(
          await app.asPerson(ada, '/api/v1/me/password', { method: 'PUT', body: { next: `${password} of hers` } }),
        ),
      ]
      await later()
      expect(await changes()).toEqual(Array(3).fill('proof_required'))
      expect(await prove({ password })).toBe('proof_required')
      await connection.query('UPDATE sessions SET created_at = now()')
      expect(await changes()).toEqual([200, 200, 204])
    })

    it('is no matter of API keys, nor of a session that is over', async () => {
      const made = await post('/api/v1/api-keys', { name: 'script' })
      const { key } = (await made.json()) as { key: string }
      expect(await told(await app.withKey(key, path, { method: 'POST', body: { password } }))).toBe('forbidden')
      await connection.query('UPDATE sessions SET revoked_at = now()')
      expect(await connect()).toBe('unauthenticated')
    })
  })
})
