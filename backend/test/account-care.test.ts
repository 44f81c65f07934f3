import { ErrorEnvelope } from '@nitroagi/shared/errors'
import type { SignedIn } from '@nitroagi/shared/identity'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../src/ports/database/connection.ts'
import { createSmtpMail } from '../src/ports/mail/smtp.ts'
import { startMailServer, tokenIn, type MailServer } from './mail-server.ts'
import { createTestApp, type TestApp } from './test-app.ts'
import { eachDatabase } from './test-database.ts'

const password = 'a long enough password'
const next = 'five boxing wizards'
const codeOf = async (response: Response) => [
  response.status,
  response.ok ? '' : ErrorEnvelope.parse(await response.json()).error.code,
]

eachDatabase((_, database) => {
  let connection: Connection
  const servers: MailServer[] = []
  let mail: MailServer
  let app: TestApp
  let ada: SignedIn
  beforeAll(async () => void (connection = await database.open()))
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()))
    await connection?.close()
  })
  beforeEach(async () => {
    await connection.query('WITH w AS (DELETE FROM workspaces), f AS (DELETE FROM sign_in_failures) DELETE FROM users')
    // A server a test, all of them to the end: letters that nobody waits for come when they come.
    mail = await startMailServer()
    servers.push(mail)
    app = createTestApp(connection, {
      identity: { mail: createSmtpMail({ url: mail.url, from: 'NitroAGI <nitro@example.org>' }) },
    })
    ada = await app.createUser({ email: 'ada@example.com', password })
  })

  const asked = (path: string, body: unknown, clientAddress?: string, of = app) =>
    of.asWeb(`/api/v1/auth/${path}`, { method: 'POST', body, clientAddress })
  const forgot = (email: string, clientAddress?: string) => asked('forgot-password', { email }, clientAddress)
  const reset = (token: unknown, to: unknown = next) => asked('reset-password', { token, password: to })
  const signIn = (email: string, secret: string) => asked('sign-in', { email, password: secret })
  const own = (who: SignedIn, method: string, path: string, body?: unknown, of = app) =>
    of.asPerson(who, `/api/v1/me${path}`, { method, body })
  const isIn = async (who: SignedIn) => (await own(who, 'GET', '')).status === 200
  const withoutMail = () => createTestApp(connection)
  /** The token of the letter that answers to a request for one. */
  const resetToken = async (email = 'ada@example.com') => {
    const earlier = mail.letters.length
    await forgot(email)
    return tokenIn(await mail.letter(earlier))
  }

  describe('a forgotten password', () => {
    it('is replaced with the link of a letter, which signs everybody out', async () => {
      expect((await forgot(' ADA@example.com')).status).toBe(202)
      const letter = await mail.letter(0)
      expect(letter.to).toEqual([{ name: '', address: 'ada@example.com' }])
      expect(letter.text).toContain('\nhttp://127.0.0.1:3000/reset-password#')
      expect(await codeOf(await reset(tokenIn(letter)))).toEqual([204, ''])
      expect(await isIn(ada)).toBe(false)
      expect((await signIn('ada@example.com', password)).status).toBe(401)
      const back = (await (await signIn('ada@example.com', next)).json()) as SignedIn
      expect(back.isEmailVerified).toBe(true)
      expect((await mail.letter(1)).subject).toContain('was changed')
    })

    it('is asked for with the same answer whoever asks, and a letter goes to nobody else', async () => {
      await app.createUser({ email: 'gone@example.com' })
      await connection.query(`UPDATE users SET suspended_at = now() WHERE email = 'gone@example.com'`)
      const answers = []
      for (const email of ['nobody@example.com', 'gone@example.com', 'ada@example.com']) {
        const answer = await forgot(email)
        answers.push([answer.status, await answer.text()])
      }
      expect(answers).toEqual([
        [202, ''],
        [202, ''],
        [202, ''],
      ])
      await mail.letter(0)
      expect(mail.letters.map(({ to }) => to?.[0]?.address)).toEqual(['ada@example.com'])
    })

    it('is asked for five times in a quarter of an hour, by account and by address', async () => {
      for (const email of ['ada@example.com', 'nobody@example.com']) {
        const statuses = []
        for (let times = 0; times < 6; times++) statuses.push((await forgot(email)).status)
        expect(statuses).toEqual([202, 202, 202, 202, 202, 429])
      }
      for (let times = 0; times < 5; times++) await forgot(`guess${times}@example.com`, '192.0.2.1')
      expect((await forgot('bob@example.com', '192.0.2.1')).status).toBe(429)
      expect((await forgot('bob@example.com', '192.0.2.2')).status).toBe(202)
      // Whoever asks too often for somebody else keeps nobody from signing in.
      expect((await signIn('ada@example.com', password)).status).toBe(200)
    })

    it('takes a link once, of fifty that come at once too', async () => {
      const token = await resetToken()
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => reset(token, `password of number ${index}`)),
      )
      const statuses = answers.map(({ status }) => status)
      expect([
        statuses.filter((status) => status === 204).length,
        statuses.filter((status) => status === 410).length,
      ]).toEqual([1, 49])
      const winner = statuses.indexOf(204)
      expect((await signIn('ada@example.com', `password of number ${winner}`)).status).toBe(200)
    })

    it('takes the latest link, for an hour', async () => {
      const [first, second] = [await resetToken(), await resetToken()]
      expect(await codeOf(await reset(first))).toEqual([410, 'link_expired'])
      await connection.query(`UPDATE one_time_tokens SET expires_at = now() - interval '1 second'`)
      expect(await codeOf(await reset(second))).toEqual([410, 'link_expired'])
      expect((await signIn('ada@example.com', password)).status).toBe(200)
    })

    it('keeps the link good when the new password is refused', async () => {
      const token = await resetToken()
      expect(await codeOf(await reset(token, 'passwordpassword'))).toEqual([400, 'password_common'])
      expect(await codeOf(await reset(token, 'too short'))).toEqual([400, 'invalid_input'])
      expect((await reset(token)).status).toBe(204)
    })

    it('is not taken from a link for something else', async () => {
      await own(ada, 'POST', '/verification')
      const token = tokenIn(await mail.letter(0))
      expect(await codeOf(await reset(token))).toEqual([410, 'link_expired'])
      expect(await codeOf(await asked('verify-email', { token: await resetToken() }))).toEqual([410, 'link_expired'])
      expect(await codeOf(await asked('verify-email', { token }))).toEqual([200, ''])
    })

    it.each([[null], [''], [[]], [['a', 'b']], [{}], [0], [true], ['x'.repeat(201)], [undefined]])(
      'is not replaced with the token %j',
      async (token) => {
        expect(await codeOf(await reset(token))).toEqual([400, 'invalid_input'])
        expect(await codeOf(await asked('verify-email', { token }))).toEqual([400, 'invalid_input'])
      },
    )

    it('ends a lock-out', async () => {
      for (let times = 0; times < 6; times++) await signIn('ada@example.com', 'not the password')
      expect((await signIn('ada@example.com', password)).status).toBe(429)
      await reset(await resetToken())
      expect((await signIn('ada@example.com', next)).status).toBe(200)
    })

    it('keeps of the link only what opens nothing', async () => {
      const token = await resetToken()
      const rows = JSON.stringify(await connection.query('SELECT * FROM one_time_tokens'))
      expect(token).toMatch(/^[\w-]{43}$/)
      expect(rows).not.toContain(token)
    })

    it('is the operator’s to help with where no letters are sent, and nobody else’s', async () => {
      const bare = withoutMail()
      expect(await codeOf(await asked('forgot-password', { email: 'ada@example.com' }, undefined, bare))).toEqual([
        503,
        'unavailable',
      ])
      const path = '/api/v1/operator/users/reset-link'
      const body = { email: 'ada@example.com' }
      expect((await bare.asPerson(ada, path, { method: 'POST', body })).status).toBe(404)
      const made = await bare.withKey(bare.operatorKey, path, { method: 'POST', body })
      expect(made.status).toBe(201)
      const { link } = (await made.json()) as { link: string }
      expect((await reset(link.split('#')[1])).status).toBe(204)
      const unknown = { method: 'POST', body: { email: 'nobody@example.com' } }
      expect((await bare.withKey(bare.operatorKey, path, unknown)).status).toBe(404)
    })
  })

  it('says on the sign-in page whether letters can be sent', async () => {
    const hasMail = async (of: TestApp) =>
      ((await (await of.asWeb('/api/v1/auth/registration')).json()) as { hasMail: boolean }).hasMail
    expect([await hasMail(app), await hasMail(withoutMail())]).toEqual([true, false])
  })

  it('has a new account’s address confirmed by a letter', async () => {
    await connection.query('WITH gone AS (DELETE FROM workspaces) DELETE FROM users')
    const made = await asked('sign-up', { email: 'eve@example.com', password })
    expect(await made.json()).toMatchObject({ isEmailVerified: false })
    const letter = await mail.letter(0)
    expect(letter.text).toContain('\nhttp://127.0.0.1:3000/verify-email#')
    const verified = await asked('verify-email', { token: tokenIn(letter) })
    expect(await verified.json()).toEqual({ email: 'eve@example.com' })
    const eve = (await (await signIn('eve@example.com', password)).json()) as SignedIn
    expect(eve.isEmailVerified).toBe(true)
    expect(await codeOf(await own(eve, 'POST', '/verification'))).toEqual([409, 'conflict'])
  })

  it('makes no account with a password that anybody would try', async () => {
    await connection.query('WITH gone AS (DELETE FROM workspaces) DELETE FROM users')
    const made = await asked('sign-up', { email: 'eve@example.com', password: 'qwertyqwerty' })
    expect(await codeOf(made)).toEqual([400, 'password_common'])
    await expect(app.createUser({ email: 'eve@example.com', password: 'eve@example.com' })).rejects.toThrow(
      'password_common',
    )
  })

  it('sends the letter for an address again, three times an hour', async () => {
    const statuses = []
    for (let times = 0; times < 4; times++) statuses.push((await own(ada, 'POST', '/verification')).status)
    expect(statuses).toEqual([204, 204, 204, 429])
  })

  describe('a password', () => {
    it('is changed by who knows it, which signs out everywhere else and voids links', async () => {
      const phone = (await (await signIn('ada@example.com', password)).json()) as SignedIn
      const token = await resetToken()
      expect(await codeOf(await own(ada, 'PUT', '/password', { current: password, next }))).toEqual([204, ''])
      expect([await isIn(ada), await isIn(phone)]).toEqual([true, false])
      expect(await codeOf(await reset(token))).toEqual([410, 'link_expired'])
      expect((await signIn('ada@example.com', next)).status).toBe(200)
    })

    it.each([
      ['is wrong', { current: 'not the password', next }, [403, 'forbidden']],
      ['is missing', { next }, [400, 'invalid_input']],
      ['is common', { current: password, next: 'Password12345' }, [400, 'password_common']],
      ['stays the same', { current: password, next: password }, [400, 'invalid_input']],
    ])('is not changed when it %s', async (_, body, answer) => {
      expect(await codeOf(await own(ada, 'PUT', '/password', body))).toEqual(answer)
      expect((await signIn('ada@example.com', password)).status).toBe(200)
    })

    it('cannot be guessed at here: it is the same count as signing in', async () => {
      for (let times = 0; times < 5; times++) {
        expect((await own(ada, 'PUT', '/password', { current: `guess ${times}`, next })).status).toBe(403)
      }
      expect((await own(ada, 'PUT', '/password', { current: password, next })).status).toBe(429)
      expect((await signIn('ada@example.com', password)).status).toBe(429)
    })

    it('can be set by who has none, and signs in elsewhere', async () => {
      await connection.query('UPDATE users SET password_hash = NULL')
      expect((await own(ada, 'PUT', '/password', { next })).status).toBe(204)
      expect((await signIn('ada@example.com', next)).status).toBe(200)
    })
  })

  describe('an address', () => {
    it('changes once its letter is followed, and the old one hears of it', async () => {
      const answer = await own(ada, 'PUT', '/email', { email: 'Lovelace@example.com', password })
      expect(await answer.json()).toEqual({ state: 'confirm' })
      const letter = mail.letters[0]!
      expect(letter.to?.[0]?.address).toBe('lovelace@example.com')
      expect((await signIn('ada@example.com', password)).status).toBe(200)
      expect((await asked('verify-email', { token: tokenIn(letter) })).status).toBe(200)
      expect((await signIn('ada@example.com', password)).status).toBe(401)
      const me = await (await own(ada, 'GET', '')).json()
      expect(me).toMatchObject({ email: 'lovelace@example.com', isEmailVerified: true })
      expect((await mail.letter(1)).to?.[0]?.address).toBe('ada@example.com')
    })

    it('changes at once where no letters are sent', async () => {
      const bare = withoutMail()
      const who = await bare.createUser({ email: 'bob@example.com', password })
      await connection.query('UPDATE users SET email_verified_at = now()')
      const answer = await own(who, 'PUT', '/email', { email: 'robert@example.com', password }, bare)
      expect(await answer.json()).toEqual({ state: 'changed' })
      const me = await (await own(who, 'GET', '', undefined, bare)).json()
      expect(me).toMatchObject({ email: 'robert@example.com', isEmailVerified: false })
      const taken = await own(who, 'PUT', '/email', { email: 'ada@example.com', password }, bare)
      expect(await codeOf(taken)).toEqual([409, 'email_taken'])
    })

    it('does not tell whether another has it', async () => {
      await app.createUser({ email: 'bob@example.com' })
      const answer = await own(ada, 'PUT', '/email', { email: 'bob@example.com', password })
      expect([answer.status, await answer.json()]).toEqual([200, { state: 'confirm' }])
      expect([mail.letters[0]?.to?.[0]?.address, tokenIn(mail.letters[0]!)]).toEqual(['bob@example.com', ''])
    })

    it('that somebody else took meanwhile is theirs', async () => {
      await own(ada, 'PUT', '/email', { email: 'new@example.com', password })
      await app.createUser({ email: 'new@example.com' })
      const late = await asked('verify-email', { token: tokenIn(mail.letters[0]!) })
      expect(await codeOf(late)).toEqual([409, 'email_taken'])
    })

    it('does not change with a link from before the password was reset', async () => {
      await own(ada, 'PUT', '/email', { email: 'thief@example.com', password })
      await reset(tokenIn((await forgot('ada@example.com'), await mail.letter(1))))
      const late = await asked('verify-email', { token: tokenIn(mail.letters[0]!) })
      expect(await codeOf(late)).toEqual([410, 'link_expired'])
    })

    it('does not change without the password', async () => {
      expect(await codeOf(await own(ada, 'PUT', '/email', { email: 'new@example.com' }))).toEqual([
        400,
        'invalid_input',
      ])
      const wrong = { email: 'new@example.com', password: 'not the password' }
      expect(await codeOf(await own(ada, 'PUT', '/email', wrong))).toEqual([403, 'forbidden'])
      expect(mail.letters).toEqual([])
    })
  })

  it('changes a name, and takes nothing else with it', async () => {
    const answer = await own(ada, 'PATCH', '', { name: ' Ada Lovelace ' })
    expect(await answer.json()).toMatchObject({ name: 'Ada Lovelace', email: 'ada@example.com' })
    for (const body of [{ name: '' }, { name: 'Ada', role: 'owner' }, {}]) {
      expect((await own(ada, 'PATCH', '', body)).status).toBe(400)
    }
  })

  it('lets no key change the account that it is of', async () => {
    const made = await app.asPerson(ada, '/api/v1/api-keys', { method: 'POST', body: { name: 'script' } })
    const { key } = (await made.json()) as { key: string }
    for (const [method, path, body] of [
      ['PATCH', '', { name: 'Eve' }],
      ['PUT', '/password', { current: password, next }],
      ['PUT', '/email', { email: 'eve@example.com', password }],
      ['POST', '/verification', undefined],
    ] as const)
      expect((await app.withKey(key, `/api/v1/me${path}`, { method, body })).status).toBe(403)
  })

  it('is nobody’s to ask who is not the web app', async () => {
    for (const path of ['forgot-password', 'reset-password', 'verify-email']) {
      const direct = { method: 'POST', body: { email: 'ada@example.com' } }
      expect((await app.asPerson(ada, `/api/v1/auth/${path}`, direct)).status).toBe(401)
      expect((await app.withKey(app.operatorKey, `/api/v1/auth/${path}`, direct)).status).toBe(401)
    }
  })

  it('answers when the mail server is away, and says so to who waits for a letter', async () => {
    const gone = createTestApp(connection, {
      identity: { mail: createSmtpMail({ url: 'smtp://127.0.0.1:9', from: 'nitro@example.org' }) },
    })
    const who = await gone.createUser({ email: 'bob@example.com', password })
    expect((await asked('forgot-password', { email: 'bob@example.com' }, undefined, gone)).status).toBe(202)
    expect(await codeOf(await own(who, 'POST', '/verification', undefined, gone))).toEqual([503, 'unavailable'])
  })
})
