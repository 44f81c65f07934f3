import { NitroError } from '@nitroagi/shared/errors'
import { describe, expect, it } from 'vitest'
import { testCall } from '../../test/test-call.ts'
import { adaInLab as ada } from '../../test/test-membership.ts'
import type { Call } from '../call.ts'
import type { Membership } from '../ports/database/accounts-port.ts'
import { createProof, createProofCheck } from './proof.ts'

function setUp(changes: Partial<Membership> = {}) {
  const state = { membership: { ...ada, ...changes } as Membership | undefined, isRecent: false }
  const did: string[] = []
  const { prove } = createProof({
    accounts: { membership: async () => state.membership, passwordHash: async () => 'hash of right' },
    sessions: { prove: async (id) => void did.push(`proven ${id}`) },
    async checkProof() {
      did.push('check')
      if (!state.isRecent) throw new NitroError('proof_required', 'Too long ago')
    },
    secondFactors: {
      async demand({ hasSecondFactor }, code) {
        if (!hasSecondFactor || code === '123456') return
        throw new NitroError('second_factor_required', 'No')
      },
    },
    passwords: { hash: async () => '', matches: async (hash, password) => hash === `hash of ${password}` },
    lockOut: {
      async begin(email) {
        did.push(`try ${email}`)
        return { succeed: async () => void did.push('right'), withdraw: async () => {} }
      },
      forget: async () => {},
    },
  })
  const call = testCall({ userId: 'ada', workspaceId: 'w1' })
  const signedIn: Call = { ...call, actor: { ...call.actor, sessionId: 's1' } }
  return { prove, state, did, call, signedIn }
}

const proven = ['try ada@example.com', 'right', 'proven s1']

describe('showing once more who one is', () => {
  it.each<[Partial<Membership>, object]>([
    [{}, { password: 'right' }],
    [{ hasSecondFactor: true }, { password: 'right', code: '123456' }],
    [{ hasPassword: false, hasSecondFactor: true }, { code: '123456' }],
  ])('takes all that the account has: %o with %o', async (changes, given) => {
    const { prove, did, signedIn } = setUp(changes)
    await prove(signedIn, given)
    expect(did).toEqual(proven)
  })

  it.each<[Partial<Membership>, object, string]>([
    [{}, { password: 'wrong' }, 'invalid_input'],
    [{}, { code: '123456' }, 'invalid_input'],
    [{ hasSecondFactor: true }, { password: 'right' }, 'second_factor_required'],
    [{ hasSecondFactor: true }, { password: 'right', code: '000000' }, 'second_factor_required'],
    [{ hasSecondFactor: true }, { password: 'wrong', code: '123456' }, 'invalid_input'],
    [{ hasPassword: false, hasSecondFactor: true }, { password: 'right' }, 'second_factor_required'],
  ])('takes no less, and counts it as a failed sign-in: %o with %o', async (changes, given, code) => {
    const { prove, did, signedIn } = setUp(changes)
    await expect(prove(signedIn, given)).rejects.toMatchObject({ code })
    expect(did).toEqual(['try ada@example.com'])
  })

  it.each<[Partial<Membership>, object]>([
    [{}, {}],
    [{ hasPassword: false }, { password: 'anything' }],
  ])('is done by having signed in a moment ago where nothing can be taken: %o with %o', async (changes, given) => {
    const { prove, state, did, signedIn } = setUp(changes)
    await expect(prove(signedIn, given)).rejects.toMatchObject({ code: 'proof_required' })
    state.isRecent = true
    await prove(signedIn, given)
    expect(did).toEqual(['check', 'check'])
  })

  it('is for whoever is signed in, and has an account', async () => {
    const { prove, state, did, call, signedIn } = setUp()
    const key: Call = { ...signedIn, actor: { ...signedIn.actor, via: 'api-key' } }
    for (const other of [call, key]) {
      await expect(prove(other, { password: 'right' })).rejects.toMatchObject({ code: 'forbidden' })
    }
    state.membership = undefined
    await expect(prove(signedIn, { password: 'right' })).rejects.toMatchObject({ code: 'not_found' })
    expect(did).toEqual([])
  })
})

it('knows who has shown it in the last quarter of an hour, in this very session', async () => {
  const asked: unknown[][] = []
  const check = createProofCheck({
    async membershipInSession(...given) {
      asked.push(given)
      return given[2] === 's1' ? ada : undefined
    },
  })
  await check({ userId: 'ada', workspaceId: 'w1', sessionId: 's1' })
  expect(asked).toEqual([['ada', 'w1', 's1', 900]])
  await expect(check({ userId: 'ada', workspaceId: 'w1', sessionId: 's2' })).rejects.toMatchObject({
    code: 'proof_required',
  })
  await expect(check({ userId: 'ada', workspaceId: 'w1' })).rejects.toMatchObject({ code: 'proof_required' })
})
