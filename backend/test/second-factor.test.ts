import type { SignedIn } from '@nitroagi/shared/identity'
import type { BegunSecondFactor, RecoveryCodes } from '@nitroagi/shared/second-factor'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../src/ports/database/connection.ts'
import { createTestApp, type TestApp } from './test-app.ts'
import { eachDatabase } from './test-database.ts'

const path = '/api/v1/me/second-factor'
const password = 'a long enough password'

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

  const post = (at: string, body: unknown, who = ada) => app.asPerson(who, at, { method: 'POST', body })
  const later = (steps: number) => (clock += steps * 30_000)
  const status = async (who = ada) => (await app.asPerson(who, path)).json()
  const codeOf = (secret: string, steps = 0) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock + steps * 30_000 })
  const begin = async () => (await (await post(path, { password })).json()) as BegunSecondFactor
  const signIn = (given: { code?: string; password?: string } = {}, clientAddress?: string) =>
    app.asWeb('/api/v1/auth/sign-in', {
      method: 'POST',
      body: { email: 'ada@example.com', password, ...given },
      ...(clientAddress === undefined ? {} : { clientAddress }),
    })
  const errorOf = async (answer: Response) =>
    ((await answer.json()) as { error: { code: string; message: string } }).error

  /** Turned on; its last code is a step old. */
  async function turnOn() {
    const { secret } = await begin()
    const answer = await post(`${path}/confirm`, { code: codeOf(secret) })
    expect(answer.status).toBe(200)
    const { recoveryCodes } = (await answer.json()) as RecoveryCodes
    later(2)
    return { secret, recoveryCodes }
  }

  describe('setting it up', () => {
    it('takes a password, a secret, and a code of it; only then is it asked for', async () => {
      const { secret, uri } = await begin()
      expect(Secret.fromBase32(secret).bytes).toHaveLength(20)
      expect(uri).toMatch(/^otpauth:\/\/totp\/NitroAGI:ada%40example\.com\?.*secret=/)
      expect(await status()).toEqual({ isOn: false, recoveryCodesLeft: 0 })
      expect((await signIn()).status).toBe(200)

      const wrong = await post(`${path}/confirm`, { code: codeOf(secret, 7) })
      expect([wrong.status, (await errorOf(wrong)).message]).toEqual([400, expect.stringContaining('code is wrong')])
      const answer = await post(`${path}/confirm`, { code: codeOf(secret) })
      const { recoveryCodes } = (await answer.json()) as RecoveryCodes
      expect(new Set(recoveryCodes)).toHaveProperty('size', 10)
      for (const code of recoveryCodes) expect(code).toMatch(/^[A-Z2-7]{4}(-[A-Z2-7]{4}){5}$/)
      expect(await status()).toEqual({ isOn: true, recoveryCodesLeft: 10 })
      expect(await (await app.asPerson(ada, '/api/v1/me')).json()).toMatchObject({ hasSecondFactor: true })
      expect([await errorOf(await signIn())]).toMatchObject([{ code: 'second_factor_required' }])
    })

    it('keeps neither the secret nor the recovery codes where a backup shows them', async () => {
      const { secret, recoveryCodes } = await turnOn()
      const stored = JSON.stringify(await connection.query('SELECT * FROM second_factors'))
      expect(stored).not.toContain(secret)
      for (const code of recoveryCodes) {
        expect(stored).not.toContain(code)
        expect(stored).not.toContain(code.replaceAll('-', ''))
      }
    })

    it('begins anew until it is confirmed, and not while it is on', async () => {
      const first = await begin()
      const second = await begin()
      expect((await post(`${path}/confirm`, { code: codeOf(first.secret) })).status).toBe(400)
      expect((await post(`${path}/confirm`, { code: codeOf(second.secret) })).status).toBe(200)
      expect((await post(path, { password })).status).toBe(409)
      expect((await post(`${path}/confirm`, { code: codeOf(second.secret, 1) })).status).toBe(409)
    })

    it('asks for the password of accounts that have one', async () => {
      expect((await post(path, {})).status).toBe(400)
      const wrong = await post(path, { password: 'not the password' })
      expect([wrong.status, (await errorOf(wrong)).message]).toEqual([400, 'The password is wrong'])
      await connection.query('UPDATE users SET password_hash = NULL')
      expect((await post(path, {})).status).toBe(200)
    })

    it('is nobody else’s business, and no key’s', async () => {
      const bob = await app.createUser({ email: 'bob@example.com' })
      const { secret } = await turnOn()
      expect(await status(bob)).toEqual({ isOn: false, recoveryCodesLeft: 0 })
      expect((await post(`${path}/disable`, { code: codeOf(secret) }, bob)).status).toBe(409)
      const made = await post('/api/v1/api-keys', { name: 'script' })
      const { key } = (await made.json()) as { key: string }
      for (const [method, at, body] of [
        ['GET', path],
        ['POST', path, {}],
        ['POST', `${path}/confirm`, { code: '123456' }],
        ['POST', `${path}/disable`, { code: codeOf(secret) }],
      ] as const) {
        expect((await app.withKey(key, at, { method, body })).status).toBe(403)
      }
      expect(await status()).toMatchObject({ isOn: true })
    })

    it('is turned off with a code and not with a guess, and then a password is enough', async () => {
      const { secret } = await turnOn()
      expect((await post(`${path}/disable`, { code: codeOf(secret, 9) })).status).toBe(400)
      expect((await post(`${path}/disable`, { code: codeOf(secret) })).status).toBe(204)
      expect(await status()).toEqual({ isOn: false, recoveryCodesLeft: 0 })
      expect((await signIn()).status).toBe(200)
    })
  })

  describe('signing in', () => {
    it('asks for the code only whoever knows the password', async () => {
      const { secret } = await turnOn()
      expect(await errorOf(await signIn({ password: 'not the password' }))).toMatchObject({ code: 'unauthenticated' })
      expect(await errorOf(await signIn({ password: 'not the password', code: codeOf(secret) }))).toMatchObject({
        code: 'unauthenticated',
      })
      expect((await signIn({ code: codeOf(secret) })).status).toBe(200)
    })

    it('takes the code of a clock that is a step off, and no older or later one', async () => {
      const { secret } = await turnOn()
      later(10)
      for (const steps of [-2, 2]) expect((await signIn({ code: codeOf(secret, steps) })).status).toBe(401)
      expect((await signIn({ code: codeOf(secret, -1) })).status).toBe(200)
      expect((await signIn({ code: ` ${codeOf(secret, 1).replace(/^.../, '$& ')} ` })).status).toBe(200)
    })

    it('takes no code twice, nor one before it', async () => {
      const { secret } = await turnOn()
      const code = codeOf(secret)
      expect((await signIn({ code })).status).toBe(200)
      expect(await errorOf(await signIn({ code }))).toMatchObject({
        code: 'second_factor_required',
        message: expect.stringContaining('used already') as string,
      })
      expect((await signIn({ code: codeOf(secret, -1) })).status).toBe(401)
      later(1)
      expect((await signIn({ code: codeOf(secret) })).status).toBe(200)
    })

    it('takes each recovery code once, however it is typed', async () => {
      const { recoveryCodes } = await turnOn()
      const [first = '', second = ''] = recoveryCodes
      expect((await signIn({ code: first.toLowerCase() })).status).toBe(200)
      expect((await signIn({ code: first })).status).toBe(401)
      expect((await signIn({ code: second.replaceAll('-', ' ') })).status).toBe(200)
      expect(await status()).toEqual({ isOn: true, recoveryCodesLeft: 8 })
    })

    it('lets one of many in that bring the same code at once', async () => {
      const { secret, recoveryCodes } = await turnOn()
      for (const code of [codeOf(secret), recoveryCodes[0] ?? '']) {
        await connection.query('TRUNCATE sign_in_failures')
        const answers = await Promise.all(Array.from({ length: 5 }, () => signIn({ code })))
        expect(answers.map((answer) => answer.status).sort()).toEqual([200, 401, 401, 401, 401])
      }
    })

    it('asks five times at most, however many try at once', async () => {
      const { secret } = await turnOn()
      const guesses = Array.from({ length: 50 }, (_, index) => String(100_000 + index))
      const right = [-1, 0, 1].map((steps) => codeOf(secret, steps))
      const answers = await Promise.all(
        guesses.filter((code) => !right.includes(code)).map((code, index) => signIn({ code }, `192.0.2.${index}`)),
      )
      expect(answers.filter((answer) => answer.status === 401)).toHaveLength(5)
      expect(answers.filter((answer) => answer.status === 429)).toHaveLength(answers.length - 5)
      // The right one comes too late, from anywhere.
      const locked = await signIn({ code: codeOf(secret) }, '198.51.100.1')
      expect([locked.status, Number(locked.headers.get('retry-after'))]).toEqual([429, expect.any(Number)])
    })

    it('neither counts nor forgives a password without a code', async () => {
      const { secret } = await turnOn()
      for (let time = 0; time < 8; time++) expect((await signIn()).status).toBe(401)
      for (let time = 0; time < 4; time++) expect((await signIn({ code: codeOf(secret, 20 + time) })).status).toBe(401)
      for (let time = 0; time < 3; time++)
        expect(await errorOf(await signIn())).toMatchObject({ code: 'second_factor_required' })
      expect((await signIn({ code: codeOf(secret, 30) })).status).toBe(401)
      expect((await signIn({ code: codeOf(secret) })).status).toBe(429)
    })
  })
})
