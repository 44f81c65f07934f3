import { expect, it } from 'vitest'
import type { SignInAttempt, SignInAttemptsRepository } from '../ports/database/sign-in-attempts-port.ts'
import { createLockOut } from './lock-out.ts'
import { hashSecret } from './secrets.ts'

function setUp(lockedSeconds?: number) {
  const said: unknown[][] = []
  const repository: SignInAttemptsRepository = {
    async begin(subjects, limit) {
      said.push(['begin', subjects, limit])
      return { lockedSeconds, subjects, at: 'now' } satisfies SignInAttempt
    },
    succeed: async (attempt, account) => void said.push(['succeed', attempt.at, account]),
    withdraw: async (attempt) => void said.push(['withdraw', attempt.at]),
    forget: async (subject) => void said.push(['forget', subject]),
  }
  return { said, lockOut: createLockOut(repository) }
}

const account = `account:${hashSecret('ada@example.com')}`
const limit = { failures: 5, seconds: 900 }

it('counts a try for the account and for the address, neither in clear text', async () => {
  const { said, lockOut } = setUp()
  await lockOut.begin('ada@example.com', '192.0.2.7')
  await lockOut.begin('ada@example.com')
  expect(said).toEqual([
    ['begin', [account, `address:${hashSecret('192.0.2.7')}`], limit],
    ['begin', [account], limit],
  ])
})

it('counts those of one network of version 6, and both spellings of an address of version 4, together', async () => {
  const { said, lockOut } = setUp()
  for (const address of ['2001:db8:1:2::1', '2001:DB8:1:2:3::9', '::ffff:192.0.2.7', '192.0.2.7']) {
    await lockOut.begin('ada@example.com', address)
  }
  const [six, alsoSix, mapped, four] = said.map(([, subjects]) => (subjects as string[])[1])
  expect([six, mapped]).toEqual([alsoSix, four])
  expect(six).not.toBe(four)
})

it('forgets the account’s failures when it succeeded, and only this try when it was none', async () => {
  const { said, lockOut } = setUp()
  const attempt = await lockOut.begin('ada@example.com')
  await attempt.succeed()
  await attempt.withdraw()
  await lockOut.forget('ada@example.com')
  expect(said.slice(1)).toEqual([
    ['succeed', 'now', account],
    ['withdraw', 'now'],
    ['forget', account],
  ])
})

it.each([1, 0])('says when to come back after too many: in %i s', async (seconds) => {
  await expect(setUp(seconds).lockOut.begin('ada@example.com')).rejects.toMatchObject({
    code: 'rate_limited',
    retryAfterSeconds: seconds,
  })
})
