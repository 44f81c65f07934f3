import { randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { describe, expect, it } from 'vitest'
import { createRecordedAudit } from '../../test/recorded-audit.ts'
import { testCall } from '../../test/test-call.ts'
import { adaInLab as ada } from '../../test/test-membership.ts'
import type { Call } from '../call.ts'
import { createEncryption } from '../identity/encryption.ts'
import type { Membership } from '../ports/database/accounts-port.ts'
import type { SecondFactorsRepository } from '../ports/database/second-factors-port.ts'
import { createSecondFactors } from './second-factors.ts'

interface Row {
  sealedSecret: string
  isConfirmed: boolean
  lastStep: number
  codes: string[]
}

function setUp(changes: Partial<Membership> = {}) {
  const state = {
    row: undefined as Row | undefined,
    membership: { ...ada, ...changes } as Membership | undefined,
    time: 1_800_000_000_000,
    /** Somebody begins anew between a look and a change. */
    isOvertaken: false,
  }
  const said: string[] = []
  const repository: SecondFactorsRepository = {
    async find() {
      const { row } = state
      return row && { ...row, recoveryCodesLeft: row.codes.length }
    },
    async begin(_userId, sealedSecret) {
      if (state.row?.isConfirmed) return false
      state.row = { sealedSecret, isConfirmed: false, lastStep: 0, codes: [] }
      return true
    },
    async confirm(_userId, { sealedSecret, step, recoveryHashes }) {
      if (state.isOvertaken || !state.row || state.row.isConfirmed || state.row.sealedSecret !== sealedSecret)
        return false
      state.row = { sealedSecret, isConfirmed: true, lastStep: step, codes: recoveryHashes }
      return true
    },
    async takeStep(_userId, step) {
      if (!state.row || step <= state.row.lastStep) return false
      state.row.lastStep = step
      return true
    },
    async takeRecoveryCode(_userId, hash) {
      const found = state.row?.codes.includes(hash) ?? false
      if (state.row) state.row.codes = state.row.codes.filter((code) => code !== hash)
      return found
    },
    async remove() {
      state.row = undefined
    },
  }
  const attempt = {
    succeed: async () => void said.push('succeed'),
    withdraw: async () => void said.push('withdraw'),
  }
  const { audit, actions, recorded } = createRecordedAudit()
  const changed: string[] = []
  const encryption = createEncryption([randomBytes(32).toString('base64')])
  const factors = createSecondFactors({
    checkProof: async () => {},
    repository,
    accounts: {
      membership: async () => state.membership,
      passwordHash: async () => 'hash of right',
    },
    audit,
    encryption,
    passwords: {
      hash: async (password) => `hash of ${password}`,
      matches: async (hash, password) => hash === `hash of ${password}`,
    },
    lockOut: {
      async begin(email) {
        said.push(`begin ${email}`)
        return attempt
      },
      forget: async () => {},
    },
    onChange: (userId) => void changed.push(userId),
    now: () => state.time,
  })
  const codeAt = (secret: string, offsetSeconds = 0) =>
    new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30 }).generate({
      timestamp: state.time + offsetSeconds * 1000,
    })
  const call = testCall()
  /** On, with its secret and its recovery codes. */
  async function turnedOn() {
    const { secret } = await factors.begin(call, { password: 'right' })
    const { recoveryCodes } = await factors.confirm(call, { code: codeAt(secret) })
    state.membership = { ...ada, ...changes, hasSecondFactor: true }
    state.time += 60_000
    said.length = 0
    return { secret, recoveryCodes }
  }
  const demand = (code: string | undefined, hasSecondFactor = true) =>
    factors.demand({ userId: 'ada', email: 'ada@example.com', hasSecondFactor }, code, { ...attempt, requestId: 'r' })
  return { factors, encryption, state, said, call, codeAt, turnedOn, demand, actions, recorded, changed }
}

const viaKey = (call: Call): Call => ({ ...call, actor: { ...call.actor, via: 'api-key' } })

describe('turning it on', () => {
  it('gives a secret for the app, and counts once a code of it came', async () => {
    const { factors, call, codeAt, state, changed, actions, said, encryption } = setUp()
    const { secret, uri } = await factors.begin(call, { password: 'right' })
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(new URL(uri).searchParams.get('secret')).toBe(secret)
    expect(decodeURIComponent(uri)).toContain('NitroAGI:ada@example.com')
    expect(state.row?.sealedSecret).not.toContain(secret)
    // Sealed for this person's row: copied into another one, it opens nothing.
    const place = { workspaceId: null, table: 'second_factors', row: 'ada', column: 'secret' }
    expect(encryption.decrypt(state.row!.sealedSecret, place)).toBe(secret)
    expect(await factors.status(call)).toEqual({ isOn: false, recoveryCodesLeft: 0 })
    const code = codeAt(secret)
    const { recoveryCodes } = await factors.confirm(call, { code: `${code.slice(0, 3)} ${code.slice(3)}` })
    expect(recoveryCodes).toHaveLength(10)
    expect(new Set(recoveryCodes).size).toBe(10)
    for (const each of recoveryCodes) expect(each).toMatch(/^([A-Z2-7]{4}-){5}[A-Z2-7]{4}$/)
    expect(await factors.status(call)).toEqual({ isOn: true, recoveryCodesLeft: 10 })
    expect(state.row?.lastStep).toBe(state.time / 30_000)
    expect([changed, actions(), said]).toEqual([
      ['ada'],
      ['second-factor.enable'],
      ['begin ada@example.com', 'succeed'],
    ])
  })

  it.each([
    [{ password: 'wrong' }, 'invalid_input'],
    [{}, 'invalid_input'],
  ])('needs the password: %o', async (given, code) => {
    const { factors, call, state, said } = setUp()
    await expect(factors.begin(call, given)).rejects.toMatchObject({ code })
    expect(state.row).toBeUndefined()
    // What was not typed is no failed try.
    expect(said).toEqual('password' in given ? ['begin ada@example.com'] : [])
  })

  it('needs none of who has none', async () => {
    const { factors, call, said } = setUp({ hasPassword: false })
    await factors.begin(call, {})
    expect(said).toEqual([])
  })

  it('is not begun where it is on, also when it was turned on at this moment', async () => {
    const { factors, call, turnedOn, state } = setUp()
    await turnedOn()
    await expect(factors.begin(call, { password: 'right' })).rejects.toMatchObject({ code: 'conflict' })
    // As the database has it, while what was asked before is a moment old.
    state.membership = ada
    await expect(factors.begin(call, { password: 'right' })).rejects.toMatchObject({ code: 'conflict' })
  })

  it('is not confirmed by a wrong code, without a beginning, or twice', async () => {
    const { factors, call, codeAt, actions } = setUp()
    await expect(factors.confirm(call, { code: '123456' })).rejects.toMatchObject({ code: 'conflict' })
    const { secret } = await factors.begin(call, { password: 'right' })
    const wrong = codeAt(secret) === '000000' ? '000001' : '000000'
    await expect(factors.confirm(call, { code: wrong })).rejects.toMatchObject({ code: 'invalid_input' })
    expect(actions()).toEqual([])
    await factors.confirm(call, { code: codeAt(secret) })
    await expect(factors.confirm(call, { code: codeAt(secret, 30) })).rejects.toMatchObject({ code: 'conflict' })
  })

  it('is not confirmed when it was begun anew meanwhile', async () => {
    const { factors, call, codeAt, state, changed, actions } = setUp()
    const { secret } = await factors.begin(call, { password: 'right' })
    state.isOvertaken = true
    await expect(factors.confirm(call, { code: codeAt(secret) })).rejects.toMatchObject({ code: 'conflict' })
    expect([changed, actions()]).toEqual([[], []])
  })

  it('is for whoever is signed in, and has an account', async () => {
    const { factors, call, state } = setUp()
    await expect(factors.begin(viaKey(call), { password: 'right' })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(factors.status(viaKey(call))).rejects.toMatchObject({ code: 'forbidden' })
    state.membership = undefined
    await expect(factors.status(call)).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('coming in', () => {
  it('needs no code where it is off', async () => {
    const { demand, said } = setUp()
    await demand(undefined, false)
    expect(said).toEqual([])
  })

  it('without a code is no attempt', async () => {
    const { demand, said, actions } = setUp()
    await expect(demand(undefined)).rejects.toMatchObject({ code: 'second_factor_required' })
    expect([said, actions()]).toEqual([['withdraw'], []])
  })

  it.each([-30, 0, 30])('takes the code of a clock that is %i s off', async (offset) => {
    const { demand, turnedOn, codeAt } = setUp()
    const { secret } = await turnedOn()
    await demand(codeAt(secret, offset))
  })

  it.each([-60, 60])('takes no code of a clock that is %i s off', async (offset) => {
    const { demand, turnedOn, codeAt, recorded } = setUp()
    const { secret } = await turnedOn()
    await expect(demand(codeAt(secret, offset))).rejects.toMatchObject({ code: 'second_factor_required' })
    expect(recorded.at(-1)).toEqual({
      of: 'ada@example.com',
      action: 'session.refuse',
      facts: { reason: 'second-factor' },
    })
  })

  it('takes a code once, and none before it', async () => {
    const { demand, turnedOn, codeAt } = setUp()
    const { secret } = await turnedOn()
    await demand(codeAt(secret, 30))
    await expect(demand(codeAt(secret, 30))).rejects.toMatchObject({ code: 'second_factor_required' })
    await expect(demand(codeAt(secret))).rejects.toMatchObject({ code: 'second_factor_required' })
  })

  it('takes a code however it is spaced', async () => {
    const { demand, turnedOn, codeAt } = setUp()
    const code = codeAt((await turnedOn()).secret)
    await demand(` ${code.slice(0, 3)}-${code.slice(3)} `)
  })

  it('takes each recovery code once, however it is written', async () => {
    const { demand, turnedOn, factors, call } = setUp()
    const { recoveryCodes } = await turnedOn()
    await demand(recoveryCodes[0]!.toLowerCase())
    await demand(recoveryCodes[1]!.replaceAll('-', ' '))
    await expect(demand(recoveryCodes[0])).rejects.toMatchObject({ code: 'second_factor_required' })
    expect(await factors.status(call)).toEqual({ isOn: true, recoveryCodesLeft: 8 })
  })

  it.each(['1234567', '12345', 'a123456', '123456a', 'x'.repeat(30)])('takes nothing else: %s', async (code) => {
    const { demand, turnedOn } = setUp()
    await turnedOn()
    await expect(demand(code)).rejects.toMatchObject({ code: 'second_factor_required' })
  })

  it('takes no code of one that was never confirmed, or is gone', async () => {
    const { demand, factors, call, codeAt } = setUp()
    await expect(demand('123456')).rejects.toMatchObject({ code: 'second_factor_required' })
    const { secret } = await factors.begin(call, { password: 'right' })
    await expect(demand(codeAt(secret))).rejects.toMatchObject({ code: 'second_factor_required' })
  })
})

describe('turning it off', () => {
  it('needs a code, and counts a wrong one as a failed sign-in', async () => {
    const { factors, call, turnedOn, codeAt, state, said, actions, changed } = setUp()
    const { secret } = await turnedOn()
    await expect(factors.disable(call, { code: codeAt(secret, 90) })).rejects.toMatchObject({ code: 'invalid_input' })
    expect([said, state.row?.isConfirmed]).toEqual([['begin ada@example.com'], true])
    await factors.disable(call, { code: codeAt(secret) })
    expect([said.at(-1), state.row]).toEqual(['succeed', undefined])
    expect([actions().at(-1), changed]).toEqual(['second-factor.disable', ['ada', 'ada']])
  })

  it('is refused where it is off, and to a key', async () => {
    const { factors, call, said } = setUp()
    await expect(factors.disable(call, { code: '123456' })).rejects.toMatchObject({ code: 'conflict' })
    await expect(factors.disable(viaKey(call), { code: '123456' })).rejects.toMatchObject({ code: 'forbidden' })
    expect(said).toEqual([])
  })
})
