import { ErrorEnvelope } from '@nitroagi/shared/errors'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../src/ports/database/connection.ts'
import { createTestApp } from './test-app.ts'
import { eachDatabase } from './test-database.ts'

const person = { email: 'ada@example.com', password: 'a long enough password', name: 'Ada' }
const codeOf = async (response: Response) => ErrorEnvelope.parse(await response.json()).error.code

eachDatabase((_, database) => {
  let connection: Connection
  beforeAll(async () => void (connection = await database.open()))
  afterAll(() => connection?.close())
  beforeEach(() =>
    connection.query('WITH w AS (DELETE FROM workspaces), f AS (DELETE FROM sign_in_failures) DELETE FROM users'),
  )

  const signUp = (app: ReturnType<typeof createTestApp>, body: unknown = person) =>
    app.asWeb('/api/v1/auth/sign-up', { method: 'POST', body })
  const signIn = (app: ReturnType<typeof createTestApp>, body: unknown, clientAddress?: string) =>
    app.asWeb('/api/v1/auth/sign-in', { method: 'POST', body, clientAddress })
  const mode = async (app: ReturnType<typeof createTestApp>) =>
    ((await (await app.asWeb('/api/v1/auth/registration')).json()) as { mode: string }).mode

  describe('the first account', () => {
    it('becomes the owner of a workspace and can sign in', async () => {
      const app = createTestApp(connection)
      expect(await mode(app)).toBe('first-owner')
      const made = await signUp(app)
      expect(made.status).toBe(201)
      const account = await made.json()
      expect(account).toMatchObject({ role: 'owner', email: 'ada@example.com', name: 'Ada' })
      expect(JSON.stringify(account)).not.toContain('argon2')

      const again = await signIn(app, { email: ' ADA@example.com', password: person.password })
      expect(again.status).toBe(200)
      const { sessionId, ...same } = (await again.json()) as { sessionId: string }
      expect(same).toEqual(account)
      expect(sessionId).toMatch(/^[0-9a-f-]{36}$/)
    })

    it('closes the door behind itself', async () => {
      const app = createTestApp(connection)
      await signUp(app)
      expect(await mode(app)).toBe('closed')
      const second = await signUp(app, { ...person, email: 'eve@example.com' })
      expect([second.status, await codeOf(second)]).toEqual([403, 'registration_closed'])
    })

    it('is one, when fifty sign up at once', async () => {
      const app = createTestApp(connection)
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => signUp(app, { ...person, email: `person${index}@example.com` })),
      )
      const statuses = answers.map((answer) => answer.status)
      expect(statuses.filter((status) => status === 201)).toHaveLength(1)
      expect(statuses.filter((status) => status === 403)).toHaveLength(49)
      const [count] = await connection.query<{ users: number; workspaces: number; owners: number }>(
        `SELECT (SELECT count(*) FROM users)::int AS users, (SELECT count(*) FROM workspaces)::int AS workspaces,
         (SELECT count(*) FROM memberships WHERE role = 'owner')::int AS owners`,
      )
      expect(count).toEqual({ users: 1, workspaces: 1, owners: 1 })
    })

    it('cannot be made through the web on a server that others reach', async () => {
      const app = createTestApp(connection, { identity: { isFirstOwnerOpen: false } })
      expect(await mode(app)).toBe('closed')
      expect((await signUp(app)).status).toBe(403)
    })

    it('is for the named owner alone where one is named', async () => {
      const app = createTestApp(connection, { identity: { isFirstOwnerOpen: false, ownerEmail: 'ada@example.com' } })
      expect(await mode(app)).toBe('first-owner')
      expect((await signUp(app, { ...person, email: 'eve@example.com' })).status).toBe(403)
      expect((await signUp(app)).status).toBe(201)
    })

    it.each([
      ['a short password', { ...person, password: 'short' }],
      ['no e-mail address', { ...person, email: 'ada' }],
      ['a list of addresses', { ...person, email: 'a@example.com,b@example.com' }],
      ['a field that it does not know', { ...person, role: 'owner' }],
      ['a NUL in the name', { ...person, name: 'A\0da' }],
    ])('is refused with %s', async (_, body) => {
      const answer = await signUp(createTestApp(connection), body)
      expect([answer.status, await codeOf(answer)]).toEqual([400, 'invalid_input'])
    })
  })

  describe('signing in', () => {
    const wrong = { email: 'ada@example.com', password: 'not the password' }

    it('answers the same for a wrong password and an unknown address', async () => {
      const app = createTestApp(connection)
      await signUp(app)
      const known = await signIn(app, wrong)
      const unknown = await signIn(app, { ...wrong, email: 'nobody@example.com' })
      expect([known.status, unknown.status]).toEqual([401, 401])
      const words = async (response: Response) => {
        const { error } = ErrorEnvelope.parse(await response.json())
        return { ...error, requestId: undefined }
      }
      expect(await words(known)).toEqual(await words(unknown))
    })

    it('locks an account after five failures, known or not, and the right password waits too', async () => {
      const app = createTestApp(connection)
      await signUp(app)
      for (const email of ['ada@example.com', 'nobody@example.com']) {
        const statuses = []
        for (let attempt = 0; attempt < 7; attempt++) statuses.push((await signIn(app, { ...wrong, email })).status)
        expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
      }
      const right = await signIn(app, { email: 'ada@example.com', password: person.password })
      expect([right.status, await codeOf(right)]).toEqual([429, 'rate_limited'])
      expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(800)
      await connection.query(`UPDATE sign_in_failures SET at = at - interval '16 minutes'`)
      expect((await signIn(app, { email: 'ada@example.com', password: person.password })).status).toBe(200)
    })

    it('lets no more than five guesses through when they come at once', async () => {
      const app = createTestApp(connection)
      await signUp(app)
      const answers = await Promise.all(Array.from({ length: 20 }, () => signIn(app, wrong)))
      expect(answers.filter((answer) => answer.status === 401)).toHaveLength(5)
      expect(answers.filter((answer) => answer.status === 429)).toHaveLength(15)
    })

    it('locks a client address that tries many accounts, and no other address', async () => {
      const app = createTestApp(connection)
      await signUp(app)
      const guess = (index: number) => signIn(app, { ...wrong, email: `guess${index}@example.com` }, '203.0.113.7')
      for (let index = 0; index < 5; index++) expect((await guess(index)).status).toBe(401)
      expect((await guess(5)).status).toBe(429)
      const right = { email: 'ada@example.com', password: person.password }
      expect((await signIn(app, right, '203.0.113.7')).status).toBe(429)
      expect((await signIn(app, right, '203.0.113.8')).status).toBe(200)
    })

    it('forgets the failures of an account that got it right', async () => {
      const app = createTestApp(connection)
      await signUp(app)
      for (let round = 0; round < 3; round++) {
        for (let attempt = 0; attempt < 4; attempt++) expect((await signIn(app, wrong)).status).toBe(401)
        expect((await signIn(app, { ...wrong, password: person.password })).status).toBe(200)
      }
    })

    it('ends for a suspended account', async () => {
      const app = createTestApp(connection)
      await signUp(app)
      await connection.query('UPDATE users SET suspended_at = now()')
      const answer = await signIn(app, { email: person.email, password: person.password })
      expect([answer.status, await codeOf(answer)]).toEqual([403, 'forbidden'])
    })
  })
})
