import { expect, it } from 'vitest'
import { createRecordedAudit } from '../../test/recorded-audit.ts'
import { testCall } from '../../test/test-call.ts'
import { adaInLab } from '../../test/test-membership.ts'
import type { Call } from '../call.ts'
import type { AccountsRepository, Membership, NewAccount, Place } from '../ports/database/accounts-port.ts'
import type { ApiKeys } from './api-keys.ts'
import { createOperator } from './operator.ts'

const bob: Membership = { ...adaInLab, userId: 'bob', workspaceId: 'w2', role: 'viewer', email: 'bob@example.com' }
const wanted = { email: 'bob@example.com', password: 'four words that fit badly' }

function setUp() {
  const created: [NewAccount, Place][] = []
  const keys: unknown[][] = []
  const { audit, recorded } = createRecordedAudit()
  const operator = createOperator({
    repository: {
      async create(...given: [NewAccount, Place]) {
        created.push(given)
        return bob
      },
      list: async () => [bob],
      membershipByEmail: async (email: string) => (email === 'bob@example.com' ? bob : undefined),
    } as unknown as AccountsRepository,
    audit,
    passwords: { hash: async (password) => `hash of ${password}`, matches: async () => false },
    apiKeys: {
      createFor: async (_call: Call, owner: Membership, key: object, scopes: string[]) =>
        void keys.push([owner.userId, key, scopes]),
      setTier: async (_call: Call, named: object, tier: string) => void keys.push([named, tier]),
    } as unknown as ApiKeys,
  })
  const call = testCall()
  const asOperator: Call = { ...call, actor: { ...call.actor, via: 'operator' } }
  return { operator, created, keys, recorded, owner: call, asOperator }
}

it('makes an account with a workspace of its own, or in one that is named', async () => {
  const { operator, created, recorded, asOperator } = setUp()
  const made = await operator.createUser(asOperator, wanted)
  expect(made).toMatchObject({ userId: 'bob', workspaceId: 'w2' })
  expect(Object.keys(made)).not.toContain('suspended')
  await operator.createUser(asOperator, { ...wanted, role: 'owner' })
  await operator.createUser(asOperator, { ...wanted, workspace: 'Lab', role: 'viewer' })
  const who = { email: 'bob@example.com', name: undefined, passwordHash: `hash of ${wanted.password}` }
  expect(created).toEqual([
    [who, { workspace: undefined, role: undefined }],
    [who, { workspace: undefined, role: 'owner' }],
    [who, { workspace: 'Lab', role: 'viewer' }],
  ])
  expect(recorded[0]).toEqual({
    action: 'user.create',
    targetId: 'bob',
    workspaceId: 'w2',
    facts: { role: 'viewer' },
  })
})

it('makes nobody less than the owner of a workspace of their own, and takes no common password', async () => {
  const { operator, created, asOperator } = setUp()
  await expect(operator.createUser(asOperator, { ...wanted, role: 'member' })).rejects.toMatchObject({
    code: 'invalid_input',
  })
  await expect(operator.createUser(asOperator, { ...wanted, password: 'passwordpassword' })).rejects.toMatchObject({
    code: 'password_common',
  })
  expect(created).toEqual([])
})

it('makes a key for somebody with all that they may do, or less, and sets its tier', async () => {
  const { operator, keys, asOperator } = setUp()
  await operator.createKey(asOperator, { email: 'bob@example.com', name: 'Script' })
  await operator.createKey(asOperator, { email: 'bob@example.com', name: 'Script', scopes: ['chat'] })
  await operator.setKeyTier(asOperator, { id: 'k1', tier: 'pro' })
  expect(keys).toEqual([
    ['bob', { name: 'Script' }, ['read']],
    ['bob', { name: 'Script' }, ['chat']],
    [{ id: 'k1' }, 'pro'],
  ])
  await expect(operator.createKey(asOperator, { email: 'eve@example.com', name: 'x' })).rejects.toMatchObject({
    code: 'not_found',
  })
})

it('shows everybody, without what is nobody else’s to know', async () => {
  const { operator, asOperator } = setUp()
  const [shown] = await operator.listUsers(asOperator)
  expect(shown).toMatchObject({ userId: 'bob' })
  expect(Object.keys(shown!)).not.toContain('suspended')
})

it('is not there for anybody else, whatever role they have', async () => {
  const { operator, owner, created, keys } = setUp()
  const tried = [
    operator.createUser(owner, wanted),
    operator.listUsers(owner),
    operator.createKey(owner, { email: 'bob@example.com', name: 'x' }),
    operator.setKeyTier(owner, { id: 'k1', tier: 'pro' }),
  ]
  for (const each of tried) {
    await expect(each).rejects.toMatchObject({ code: 'not_found', message: 'There is nothing at this address' })
  }
  expect([created, keys]).toEqual([[], []])
})
