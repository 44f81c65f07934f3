import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRecordedAudit } from '../../test/recorded-audit.ts'
import { testCall } from '../../test/test-call.ts'
import type { Call } from '../call.ts'
import { hashSecret } from '../identity/secrets.ts'
import type { AccountCareRepository, CaredAccount } from '../ports/database/account-care-port.ts'
import type { Letter } from '../ports/mail/port.ts'
import { createAccountCare } from './account-care.ts'
import type { AccountLinks } from './account-links.ts'
import type { Accounts } from './accounts.ts'

const ada: CaredAccount = {
  userId: 'ada',
  email: 'ada@example.com',
  passwordHash: 'hash of right',
  isEmailVerified: false,
  isSuspended: false,
}
const next = 'four words that fit badly'
const arrival = { via: 'service', requestId: 'r' } as const
const expired = { code: 'link_expired' }

function setUp(hasMail = true) {
  const state = {
    account: ada as CaredAccount | undefined,
    /** Whose link can still be used, when it is looked at and when it is taken. */
    found: ada as CaredAccount | undefined,
    taken: ada as CaredAccount | undefined,
    verified: undefined as { userId: string; email: string; formerEmail: string } | undefined,
    byEmail: undefined as CaredAccount | undefined,
    isEmailVerified: false,
  }
  const did: string[] = []
  const letters: Letter[] = []
  const later: Promise<unknown>[] = []
  const repository = {
    find: async () => state.account,
    findByEmail: async () => state.byEmail,
    rename: async (userId: string, name: string) => void did.push(`rename ${userId} ${name}`),
    findReset: async () => state.found,
    async resetPassword(tokenHash: string, hash: string) {
      did.push(`reset ${tokenHash === hashSecret('token')} ${hash}`)
      return state.taken
    },
    changePassword: async (userId: string, hash: string, sessionId: string) =>
      void did.push(`change ${userId} ${hash} ${sessionId}`),
    changeEmail: async (userId: string, email: string) => void did.push(`email ${userId} ${email}`),
    verifyEmail: async (tokenHash: string) => (tokenHash === hashSecret('token') ? state.verified : undefined),
  } as unknown as AccountCareRepository
  const links = {
    hasMail,
    async create({ email }: { email: string }, purpose: string) {
      did.push(`link ${purpose} ${email}`)
      return `https://nitro.example/#${purpose}`
    },
    send: async (letter: Letter) => void letters.push(letter),
    async notify(letter: Letter) {
      if (hasMail) letters.push(letter)
    },
    sendLater(_name: string, write: () => Promise<Letter | undefined>) {
      if (hasMail) later.push(write().then((letter) => letter && letters.push(letter)))
    },
    count: async (subjects: string[], limit?: object) =>
      void did.push(`count ${subjects.length} ${JSON.stringify(limit ?? 'as letters')}`),
  } as unknown as AccountLinks
  const accounts = {
    registrationMode: async () => 'open',
    signUp: async () => ({ ...ada, isEmailVerified: state.isEmailVerified }),
    forget: (userId: string) => void did.push(`forget ${userId}`),
    me: async () => ({ name: 'Ada' }),
  } as unknown as Accounts
  const { audit, actions } = createRecordedAudit()
  const care = createAccountCare({
    checkProof: async () => {},
    repository,
    accounts,
    audit,
    links,
    lockOut: {
      begin: async (email) => {
        did.push(`try ${email}`)
        return { succeed: async () => void did.push('right'), withdraw: async () => {} }
      },
      forget: async (email) => void did.push(`unlock ${email}`),
    },
    passwords: {
      hash: async (password) => `hash of ${password}`,
      matches: async (hash, password) => hash === `hash of ${password}`,
    },
  })
  const call = testCall({ userId: 'ada' })
  const signedIn: Call = { ...call, actor: { ...call.actor, sessionId: 's1' } }
  const key: Call = { ...signedIn, actor: { ...signedIn.actor, via: 'api-key' } }
  const to = async () => {
    await Promise.all(later)
    return letters.map((letter) => letter.to)
  }
  return { care, state, did, actions, signedIn, key, call, to, letters }
}

describe('proving that it is oneself', () => {
  it('is done with the password, counted with sign-ins', async () => {
    const { care, did, signedIn } = setUp()
    expect(await care.proven(signedIn, 'right')).toEqual(ada)
    await expect(care.proven(signedIn, 'wrong')).rejects.toMatchObject({ code: 'forbidden' })
    expect(did).toEqual(['try ada@example.com', 'right', 'try ada@example.com'])
  })

  it('is not tried without one, and not asked for of who has none', async () => {
    const { care, did, state, signedIn } = setUp()
    await expect(care.proven(signedIn, undefined)).rejects.toMatchObject({ code: 'invalid_input' })
    state.account = { ...ada, passwordHash: null }
    expect(await care.proven(signedIn, undefined)).toEqual(state.account)
    expect(did).toEqual([])
  })

  it('is not possible for who is gone', async () => {
    const { care, state, signedIn } = setUp()
    state.account = undefined
    await expect(care.proven(signedIn, 'right')).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('signing up', () => {
  const wanted = { email: 'ada@example.com', password: next }

  it('is followed by a letter that confirms the address', async () => {
    const { care, to, did } = setUp()
    await care.signUp(wanted)
    expect(await to()).toEqual(['ada@example.com'])
    expect(did).toEqual(['link verify-email ada@example.com'])
    expect(await care.registration()).toEqual({ mode: 'open', hasMail: true })
  })

  it('is not, where an invitation has confirmed it', async () => {
    const { care, to, state } = setUp()
    state.isEmailVerified = true
    await care.signUp(wanted)
    expect(await to()).toEqual([])
  })

  it('is refused with a password that anybody would try', async () => {
    await expect(setUp().care.signUp({ ...wanted, password: 'passwordpassword' })).rejects.toMatchObject({
      code: 'password_common',
    })
  })
})

describe('a forgotten password', () => {
  it('gets a letter to who has an account, and the same answer to everybody', async () => {
    const { care, state, to, did } = setUp()
    const email = 'ada@example.com'
    await care.forgotPassword({ email })
    state.byEmail = { ...ada, isSuspended: true }
    await care.forgotPassword({ email }, { address: '192.0.2.7' })
    expect(await to()).toEqual([])
    state.byEmail = ada
    await care.forgotPassword({ email })
    expect(await to()).toEqual([email])
    const limit = '{"failures":5,"seconds":900}'
    expect(did.filter((each) => each.startsWith('count'))).toEqual([
      `count 1 ${limit}`,
      `count 2 ${limit}`,
      `count 1 ${limit}`,
    ])
  })

  it('says so where no letters can be sent', async () => {
    const { care, did } = setUp(false)
    await expect(care.forgotPassword({ email: 'ada@example.com' })).rejects.toMatchObject({ code: 'unavailable' })
    expect(did).toEqual([])
  })

  describe('with a link from the operator', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 0 }))
    afterEach(() => void vi.useRealTimers())

    it('is made for an hour, and recorded', async () => {
      const { care, state, signedIn, actions } = setUp(false)
      state.byEmail = ada
      const operator: Call = { ...signedIn, actor: { ...signedIn.actor, via: 'operator' } }
      expect(await care.resetLink(operator, { email: ada.email })).toEqual({
        link: 'https://nitro.example/#reset-password',
        expiresAt: '1970-01-01T01:00:00.000Z',
      })
      expect(actions()).toEqual(['password.link'])
      state.byEmail = undefined
      await expect(care.resetLink(operator, { email: ada.email })).rejects.toMatchObject({ code: 'not_found' })
      await expect(care.resetLink(signedIn, { email: ada.email })).rejects.toMatchObject({
        message: 'There is nothing at this address',
      })
    })
  })

  it('is replaced once, which ends the wait of the account and is told to its owner', async () => {
    const { care, did, actions, to } = setUp()
    await care.resetPassword({ token: 'token', password: next }, arrival)
    expect(did).toEqual([`reset true hash of ${next}`, 'unlock ada@example.com', 'forget ada'])
    expect(actions()).toEqual(['password.reset'])
    expect(await to()).toEqual(['ada@example.com'])
  })

  it('is not replaced with a link that is spent, also at this very moment', async () => {
    const { care, state, did, actions, to } = setUp()
    state.taken = undefined
    await expect(care.resetPassword({ token: 'token', password: next }, arrival)).rejects.toMatchObject(expired)
    expect([did.slice(1), actions(), await to()]).toEqual([[], [], []])
    state.found = undefined
    await expect(care.resetPassword({ token: 'token', password: next }, arrival)).rejects.toMatchObject(expired)
    expect(did).toHaveLength(1)
  })

  it('is not replaced by one that anybody would try, and the link stays good', async () => {
    const { care, did } = setUp()
    await expect(care.resetPassword({ token: 'token', password: 'passwordpassword' }, arrival)).rejects.toMatchObject({
      code: 'password_common',
    })
    expect(did).toEqual([])
  })
})

describe('another password', () => {
  it('is taken with the one before, and told to its owner', async () => {
    const { care, signedIn, did, actions, to } = setUp()
    await care.changePassword(signedIn, { current: 'right', next })
    expect(did).toEqual(['try ada@example.com', 'right', `change ada hash of ${next} s1`, 'forget ada'])
    expect([actions(), await to()]).toEqual([['password.change'], ['ada@example.com']])
  })

  it.each([
    [{ current: 'wrong', next }, 'forbidden'],
    [{ current: 'right', next: 'right' }, 'invalid_input'],
    [{ current: 'right', next: 'passwordpassword' }, 'password_common'],
  ])('is refused otherwise: %o', async (given, code) => {
    const { care, signedIn, actions, did } = setUp()
    await expect(care.changePassword(signedIn, given)).rejects.toMatchObject({ code })
    expect(actions()).toEqual([])
    expect(did.some((each) => each.startsWith('change'))).toBe(false)
  })
})

describe('another address', () => {
  const wanted = { email: 'new@example.com', password: 'right' }

  it('counts once it is confirmed by a letter', async () => {
    const { care, signedIn, did, to, actions } = setUp()
    expect(await care.changeEmail(signedIn, wanted)).toEqual({ state: 'confirm' })
    expect(did.slice(2)).toEqual(['count 1 "as letters"', 'link change-email new@example.com'])
    expect([await to(), actions()]).toEqual([['new@example.com'], []])
  })

  it('is told to its owner when it has an account already, and to nobody else', async () => {
    const { care, signedIn, did, state, letters } = setUp()
    state.byEmail = { ...ada, email: 'new@example.com' }
    expect(await care.changeEmail(signedIn, wanted)).toEqual({ state: 'confirm' })
    expect(letters).toMatchObject([{ to: 'new@example.com', subject: 'This address has a NitroAGI account already' }])
    expect(did.some((each) => each.startsWith('link'))).toBe(false)
  })

  it('counts at once where no letters can be sent', async () => {
    const { care, signedIn, did, actions } = setUp(false)
    expect(await care.changeEmail(signedIn, wanted)).toEqual({ state: 'changed' })
    expect(did.slice(2)).toEqual(['email ada new@example.com', 'forget ada'])
    expect(actions()).toEqual(['email.change'])
  })

  it('is another one', async () => {
    const { care, signedIn } = setUp()
    await expect(care.changeEmail(signedIn, { ...wanted, email: ada.email })).rejects.toMatchObject({
      code: 'invalid_input',
    })
  })

  it('is confirmed by the link, and the former one is told', async () => {
    const { care, state, did, actions, to } = setUp()
    state.verified = { userId: 'ada', email: 'new@example.com', formerEmail: 'ada@example.com' }
    expect(await care.verifyEmail({ token: 'token' }, arrival)).toEqual({ email: 'new@example.com' })
    expect([did, actions(), await to()]).toEqual([['forget ada'], ['email.change'], ['ada@example.com']])
  })

  it('that stays the same is confirmed too, and nobody is alarmed', async () => {
    const { care, state, actions, to } = setUp()
    state.verified = { userId: 'ada', email: 'ada@example.com', formerEmail: 'ada@example.com' }
    await care.verifyEmail({ token: 'token' }, arrival)
    expect([actions(), await to()]).toEqual([['email.confirm'], []])
  })

  it('is not confirmed by a link that is spent', async () => {
    const { care, did } = setUp()
    await expect(care.verifyEmail({ token: 'token' }, arrival)).rejects.toMatchObject(expired)
    expect(did).toEqual([])
  })
})

describe('a letter that confirms the address', () => {
  it('is sent again when it is asked for, so many times', async () => {
    const { care, signedIn, did, to } = setUp()
    await care.sendVerification(signedIn)
    expect(did).toEqual(['count 1 "as letters"', 'link verify-email ada@example.com'])
    expect(await to()).toEqual(['ada@example.com'])
  })

  it('is not sent where it is confirmed, or none can be', async () => {
    const { care, state, signedIn } = setUp()
    state.account = { ...ada, isEmailVerified: true }
    await expect(care.sendVerification(signedIn)).rejects.toMatchObject({ code: 'conflict' })
    await expect(setUp(false).care.sendVerification(signedIn)).rejects.toMatchObject({ code: 'unavailable' })
  })
})

it('changes a name', async () => {
  const { care, signedIn, did } = setUp()
  expect(await care.rename(signedIn, { name: 'Ada' })).toEqual({ name: 'Ada' })
  expect(did).toEqual(['rename ada Ada', 'forget ada'])
})

it('is for whoever is signed in, never for a key', async () => {
  const { care, key, call, did } = setUp()
  for (const other of [key, call]) {
    const tries = [
      care.changePassword(other, { current: 'right', next }),
      care.changeEmail(other, { email: 'new@example.com', password: 'right' }),
      care.rename(other, { name: 'Ada' }),
      care.sendVerification(other),
    ]
    for (const each of tries) await expect(each).rejects.toMatchObject({ code: 'forbidden' })
  }
  expect(did).toEqual([])
})
