import type { ApiKey, Role, Scope, Tier } from '@nitroagi/shared/identity'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRecordedAudit } from '../../test/recorded-audit.ts'
import { testCall } from '../../test/test-call.ts'
import type { Actor, Call } from '../call.ts'
import { scopesOf } from '../identity/roles.ts'
import { hashSecret } from '../identity/secrets.ts'
import { silentLog } from '../log.ts'
import type { ActiveApiKey, ApiKeysRepository, NewApiKey } from '../ports/database/api-keys-port.ts'
import { createApiKeys } from './api-keys.ts'

const active = {
  id: 'k1',
  userId: 'ada',
  workspaceId: 'w1',
  role: 'member' as Role,
  scopes: ['read', 'chat', 'admin'] as Scope[],
  tier: 'free' as Tier,
  expiresAt: null as Date | null,
  suspended: false,
  needsSecondFactor: false,
}

function setUp(tier?: Tier) {
  const rows = new Map<string, ActiveApiKey>()
  const created: NewApiKey[] = []
  const seen = { loads: 0, touches: [] as string[], touchFails: false }
  const repository: ApiKeysRepository = {
    async active(hash) {
      seen.loads++
      return rows.get(hash)
    },
    activeById: async (workspaceId, id) =>
      [...rows.values()].find((row) => row.workspaceId === workspaceId && row.id === id),
    async touch(workspaceId, id) {
      seen.touches.push(`${workspaceId} ${id}`)
      if (seen.touchFails) throw new Error('away')
    },
    list: async () => [],
    async create(_owner, key) {
      created.push(key)
      return { id: 'k9', ...key, expiresAt: key.expiresAt ?? null } as unknown as ApiKey
    },
    named: async ({ id, prefix }) =>
      [...rows.values()]
        .filter((row) => row.id === id || (prefix !== undefined && row.id.startsWith(prefix)))
        .map((row) => ({ id: row.id, workspaceId: row.workspaceId })),
    async setTier({ id }, next) {
      const found = [...rows].find(([, row]) => row.id === id)
      if (!found) return undefined
      rows.set(found[0], { ...found[1], tier: next })
      return { id, tier: next } as ApiKey
    },
    async revoke(_call, id) {
      const entry = [...rows].find(([, row]) => row.id === id)
      return entry !== undefined && rows.delete(entry[0])
    },
  }
  const warned: string[] = []
  const log = { ...silentLog, warn: (event: string) => void warned.push(event) }
  const { audit, recorded } = createRecordedAudit()
  const apiKeys = createApiKeys({ repository, audit, log, tier })
  const add = (key: string, changes: Partial<ActiveApiKey> = {}) => rows.set(hashSecret(key), { ...active, ...changes })
  return { apiKeys, rows, add, created, recorded, seen, warned }
}

const as = (role: Role, more: Partial<Actor> = {}): Call => {
  const call = testCall()
  return { ...call, actor: { ...call.actor, role, scopes: scopesOf(role), ...more } }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms)

describe('who a key speaks for', () => {
  it('is whom the database says, with no more rights than they have now', async () => {
    const { apiKeys, add } = setUp()
    add('nk_a')
    expect(await apiKeys.actor('nk_a')).toEqual({
      userId: 'ada',
      workspaceId: 'w1',
      role: 'member',
      via: 'api-key',
      scopes: ['read', 'chat'],
      keyId: 'k1',
      keyTier: 'free',
    })
  })

  it('is nobody when it is unknown, expired, or of somebody who is suspended', async () => {
    const { apiKeys, add } = setUp()
    add('nk_suspended', { suspended: true })
    add('nk_expired', { expiresAt: new Date(Date.now()) })
    for (const key of ['nk_unknown', 'nk_suspended', 'nk_expired']) {
      await expect(apiKeys.actor(key), key).rejects.toMatchObject({ code: 'unauthenticated' })
    }
  })

  it('is nobody while its owner has not set up the second factor that their workspace asks for', async () => {
    const { apiKeys, add } = setUp()
    add('nk_a', { needsSecondFactor: true })
    await expect(apiKeys.actor('nk_a')).rejects.toMatchObject({ code: 'second_factor_missing' })
    add('nk_b', { needsSecondFactor: true, suspended: true })
    await expect(apiKeys.actor('nk_b')).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('ends with the very moment at which it expires, remembered or not', async () => {
    const { apiKeys, add } = setUp()
    add('nk_a', { expiresAt: new Date(Date.now() + 1_000) })
    await apiKeys.actor('nk_a')
    pass(999)
    await apiKeys.actor('nk_a')
    pass(1)
    await expect(apiKeys.actor('nk_a')).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('is remembered for four seconds, and forgotten at once when it is revoked here', async () => {
    const { apiKeys, add, seen, rows, recorded } = setUp()
    add('nk_a')
    await apiKeys.actor('nk_a')
    pass(3_999)
    await apiKeys.actor('nk_a')
    expect(seen.loads).toBe(1)
    pass(1)
    rows.clear()
    await expect(apiKeys.actor('nk_a')).rejects.toMatchObject({ code: 'unauthenticated' })
    add('nk_b', { id: 'k2' })
    await apiKeys.actor('nk_b')
    await apiKeys.revoke(as('member'), 'k2')
    await expect(apiKeys.actor('nk_b')).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(recorded).toEqual([{ action: 'api-key.revoke', targetId: 'k2' }])
  })

  it('does not forget the keys of others when one is revoked', async () => {
    const { apiKeys, add, seen } = setUp()
    add('nk_a')
    add('nk_b', { id: 'k2' })
    await apiKeys.actor('nk_a')
    await apiKeys.revoke(as('member'), 'k2')
    await apiKeys.actor('nk_a')
    expect(seen.loads).toBe(1)
  })

  it('is noted at most once a minute, and nobody is kept out because it could not be', async () => {
    const { apiKeys, add, seen, warned } = setUp()
    add('nk_a')
    await apiKeys.actor('nk_a')
    await apiKeys.actor('nk_a')
    expect(seen.touches).toEqual(['w1 k1'])
    pass(60_000)
    seen.touchFails = true
    await apiKeys.actor('nk_a')
    await settled()
    expect(seen.touches).toHaveLength(2)
    expect(warned).toEqual(['api-key-use-not-noted'])
  })
})

describe('what a key has asked for', () => {
  const asked: Actor = {
    userId: 'ada',
    workspaceId: 'w1',
    role: 'owner',
    via: 'ticket',
    scopes: ['read', 'chat'],
    keyId: 'k1',
  }

  it('goes on with the rights that are left of the key', async () => {
    const { apiKeys, add } = setUp()
    add('nk_a', { role: 'viewer', tier: 'pro' })
    expect(await apiKeys.current(asked)).toEqual({ ...asked, role: 'viewer', keyTier: 'pro', scopes: ['read'] })
  })

  it('gains nothing that it did not have', async () => {
    const { apiKeys, add } = setUp()
    add('nk_a', { role: 'owner', scopes: ['read', 'chat', 'knowledge', 'admin'] })
    expect((await apiKeys.current({ ...asked, scopes: ['read'] })).scopes).toEqual(['read'])
  })

  it.each([{ workspaceId: 'w2' }, { keyId: 'k2' }])('ends with the key, and is of no other: %o', async (changes) => {
    const { apiKeys, add } = setUp()
    add('nk_a')
    await expect(apiKeys.current({ ...asked, ...changes })).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('hears at once that the key was revoked', async () => {
    const { apiKeys, add } = setUp()
    add('nk_a')
    await apiKeys.current(asked)
    await apiKeys.revoke(as('member'), 'k1')
    await expect(apiKeys.current(asked)).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

describe('a new key', () => {
  it('is shown once, and kept as a hash and a beginning', async () => {
    const { apiKeys, created, recorded } = setUp()
    const call = as('editor')
    const { key, ...shown } = await apiKeys.create(call, { name: 'Script' })
    expect(key).toMatch(/^nk_live_[\w-]{43}$/)
    expect(created).toEqual([
      {
        name: 'Script',
        expiresAt: undefined,
        scopes: ['read', 'chat', 'knowledge'],
        tier: 'free',
        prefix: key.slice(0, 14),
        secretHash: hashSecret(key),
      },
    ])
    expect(JSON.stringify({ ...shown, secretHash: undefined })).not.toContain(key)
    expect(recorded).toEqual([
      {
        action: 'api-key.create',
        targetId: 'k9',
        workspaceId: call.actor.workspaceId,
        facts: { userId: call.actor.userId, scopes: ['read', 'chat', 'knowledge'], tier: 'free', expiresAt: null },
      },
    ])
  })

  it('may do what is needed every day of what its maker may, unless something else is said', async () => {
    const scopesFor = async (call: Call, scopes?: Scope[]) => {
      const { apiKeys, created } = setUp()
      await apiKeys.create(call, { name: 'Script', ...(scopes ? { scopes } : {}) })
      return created[0]?.scopes
    }
    expect(await scopesFor(as('owner'))).toEqual(['read', 'chat', 'knowledge'])
    expect(await scopesFor(as('viewer'))).toEqual(['read'])
    expect(await scopesFor(as('owner'), ['admin', 'read', 'admin'])).toEqual(['admin', 'read'])
    expect(await scopesFor(as('owner'), [])).toEqual([])
  })

  it('never may do more than its maker', async () => {
    const { apiKeys, created } = setUp()
    await expect(apiKeys.create(as('viewer'), { name: 'x', scopes: ['read', 'chat'] })).rejects.toMatchObject({
      code: 'forbidden',
      message: 'You do not have the "chat" right yourself',
    })
    expect(created).toEqual([])
  })

  it('is not made by a key, unless that one cares for the workspace', async () => {
    const { apiKeys, created } = setUp()
    await expect(
      apiKeys.create(as('owner', { via: 'api-key', scopes: ['read', 'chat'] }), { name: 'x' }),
    ).rejects.toMatchObject({ code: 'forbidden' })
    expect(created).toEqual([])
    await apiKeys.create(as('owner', { via: 'api-key' }), { name: 'x' })
    expect(created).toHaveLength(1)
  })

  it('expires later than now', async () => {
    const { apiKeys } = setUp('pro')
    const at = (ms: number) => ({ name: 'x', expiresAt: new Date(Date.now() + ms).toISOString() })
    await expect(apiKeys.create(as('member'), at(0))).rejects.toMatchObject({ code: 'invalid_input' })
    expect(await apiKeys.create(as('member'), at(1))).toMatchObject({ expiresAt: at(1).expiresAt, tier: 'pro' })
  })

  it('is made for somebody else by the operator, with their rights', async () => {
    const { apiKeys, recorded } = setUp()
    await apiKeys.createFor(as('owner'), { userId: 'bob', workspaceId: 'w2' }, { name: 'x' }, ['read'])
    expect(recorded).toMatchObject([{ workspaceId: 'w2', facts: { userId: 'bob', scopes: ['read'] } }])
  })
})

describe('the tier of a key', () => {
  it('is set by its id, counts at once, and is recorded where the key is', async () => {
    const { apiKeys, add, recorded } = setUp()
    add('nk_a')
    await apiKeys.actor('nk_a')
    expect(await apiKeys.setTier(as('owner'), { id: 'k1' }, 'pro')).toMatchObject({ tier: 'pro' })
    expect((await apiKeys.actor('nk_a')).keyTier).toBe('pro')
    expect(recorded).toEqual([{ action: 'api-key.tier', targetId: 'k1', workspaceId: 'w1', facts: { tier: 'pro' } }])
  })

  it('is set for one key, not for one of several', async () => {
    const { apiKeys, add } = setUp()
    add('nk_a')
    add('nk_b', { id: 'k2' })
    await expect(apiKeys.setTier(as('owner'), { prefix: 'k' }, 'pro')).rejects.toMatchObject({ code: 'conflict' })
    await expect(apiKeys.setTier(as('owner'), { id: 'k3' }, 'pro')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('of a key that is revoked at this moment is not set', async () => {
    const { apiKeys, rows, recorded } = setUp()
    rows.set('gone', { ...active, id: 'k1' })
    const named = { id: 'k1' }
    const later = apiKeys.setTier(as('owner'), named, 'pro')
    rows.clear()
    await expect(later).rejects.toMatchObject({ code: 'not_found' })
    expect(recorded).toEqual([])
  })
})

it('refuses to revoke a key that is not there, and records nothing', async () => {
  const { apiKeys, recorded } = setUp()
  await expect(apiKeys.revoke(as('member'), 'k1')).rejects.toMatchObject({ code: 'not_found' })
  expect(recorded).toEqual([])
})
