import { expect, it } from 'vitest'
import { createRecordedAudit } from '../../test/recorded-audit.ts'
import { testCall } from '../../test/test-call.ts'
import type { Call } from '../call.ts'
import { createSuspension } from './suspension.ts'

function setUp() {
  const changed: string[] = []
  const { audit, actions } = createRecordedAudit()
  const suspension = createSuspension({
    accounts: { suspend: async (email) => (email === 'ada@example.com' ? 'ada' : undefined) },
    audit,
    onChange: (userId) => void changed.push(userId),
  })
  const call = testCall()
  const operator: Call = { ...call, actor: { ...call.actor, via: 'operator' } }
  return { suspension, changed, actions, operator, owner: call }
}

it.each([
  [true, 'account.suspend'],
  [false, 'account.restore'],
])('counts at once and is recorded: %s', async (suspended, action) => {
  const { suspension, changed, actions, operator } = setUp()
  const email = 'ada@example.com'
  expect(await suspension.set(operator, { email, suspended })).toEqual({ userId: 'ada', email, suspended })
  expect([changed, actions()]).toEqual([['ada'], [action]])
})

it('says so when there is no such account', async () => {
  const { suspension, changed, actions, operator } = setUp()
  await expect(suspension.set(operator, { email: 'bob@example.com', suspended: true })).rejects.toMatchObject({
    code: 'not_found',
  })
  expect([changed, actions()]).toEqual([[], []])
})

it('is the operator’s alone, whatever role somebody has', async () => {
  const { suspension, changed, owner } = setUp()
  await expect(suspension.set(owner, { email: 'ada@example.com', suspended: true })).rejects.toMatchObject({
    code: 'not_found',
    message: 'There is nothing at this address',
  })
  expect(changed).toEqual([])
})
