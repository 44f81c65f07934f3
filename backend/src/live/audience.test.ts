import { NitroError } from '@nitroagi/shared/errors'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../call.ts'
import { silentLog } from '../log.ts'
import { createAudience, type CurrentActor } from './audience.ts'

const ada: Actor = { userId: 'ada', workspaceId: 'w1', role: 'member', via: 'ticket', scopes: ['read', 'chat'] }

function setUp(current: CurrentActor = async (actor) => actor) {
  const warned: string[] = []
  const log = { ...silentLog, warn: (event: string) => void warned.push(event) }
  const audience = createAudience<{ name: string; revoke(): void }>({ current: (actor) => answer(actor), log })
  let answer = current
  const revoked: string[] = []
  return {
    audience,
    revoked,
    warned,
    become: (next: CurrentActor) => (answer = next),
    join: (actor: Actor, name: string) => audience.join(actor, { name, revoke: () => void revoked.push(name) }),
    /** Everything that a recheck began has come to its end. */
    recheck: async () => {
      audience.recheck()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('who is connected', () => {
  it('is counted for each person, until they leave', () => {
    const { audience, join } = setUp()
    const first = join(ada, 'a1')
    const second = join({ ...ada, role: 'viewer' }, 'a2')
    join({ ...ada, userId: 'bob' }, 'b1')
    expect([audience.size(), audience.socketsOf('ada'), audience.socketsOf('bob')]).toEqual([3, 2, 1])
    expect([...audience.members()].map(({ name }) => name)).toEqual(['a1', 'a2', 'b1'])
    first.leave()
    first.leave()
    expect([audience.size(), audience.socketsOf('ada')]).toEqual([2, 1])
    second.leave()
    expect([audience.size(), audience.socketsOf('ada'), audience.socketsOf('nobody')]).toEqual([1, 0, 0])
    expect([...audience.members()].map(({ name }) => name)).toEqual(['b1'])
  })

  it('is asked about once for all sockets with the same rights', async () => {
    let asked = 0
    const { join, recheck } = setUp(async (actor) => {
      asked++
      return actor
    })
    join(ada, 'a1')
    join({ ...ada }, 'a2').leave()
    join(ada, 'a3')
    await recheck()
    expect(asked).toBe(1)
  })

  it('is not asked about any more once the last of them has left', async () => {
    let asked = 0
    const { join, recheck } = setUp(async (actor) => {
      asked++
      return actor
    })
    join(ada, 'a1').leave()
    await recheck()
    expect(asked).toBe(0)
  })
})

describe('somebody whose rights have changed', () => {
  it.each<[string, Partial<Actor>]>([
    ['another role', { role: 'viewer' }],
    ['fewer rights', { scopes: ['read'] }],
    ['another workspace', { workspaceId: 'w2' }],
  ])('is thrown out of all sockets: %s', async (_, change) => {
    const { join, recheck, revoked, become } = setUp()
    join(ada, 'a1')
    join(ada, 'a2')
    join({ ...ada, userId: 'bob' }, 'b1')
    become(async (actor) => (actor.userId === 'ada' ? { ...actor, ...change } : actor))
    await recheck()
    expect(revoked).toEqual(['a1', 'a2'])
  })

  it('is thrown out of the sockets that are left, when one of them was closed before', async () => {
    const { join, recheck, revoked, become } = setUp()
    const first = join(ada, 'a1')
    join(ada, 'a2')
    first.leave()
    become(async (actor) => ({ ...actor, role: 'viewer' }))
    await recheck()
    expect(revoked).toEqual(['a2'])
  })

  it('is thrown out when they may not come in any more', async () => {
    const { join, recheck, revoked, become, warned } = setUp()
    const membership = join(ada, 'a1')
    become(() => Promise.reject(new NitroError('unauthenticated', 'Gone')))
    await recheck()
    expect(revoked).toEqual(['a1'])
    expect(warned).toEqual([])
    expect(await membership.isAllowed()).toBe(false)
  })

  it('who is still the same stays', async () => {
    const { join, recheck, revoked } = setUp()
    const membership = join(ada, 'a1')
    await recheck()
    expect(revoked).toEqual([])
    expect(await membership.isAllowed()).toBe(true)
  })
})

describe('while nobody can tell', () => {
  it.each([
    ['the database is away', new NitroError('unavailable', 'Away')],
    ['something of ours went wrong', new NitroError('internal', 'Broken')],
    ['something else went wrong', new Error('broken')],
  ])('nobody is thrown out, and nothing is done for them: %s', async (_, failure) => {
    const { join, recheck, revoked, warned, become } = setUp()
    const membership = join(ada, 'a1')
    become(() => Promise.reject(failure))
    await recheck()
    expect(revoked).toEqual([])
    expect(warned).toEqual(['live-rights-unchecked'])
    await expect(membership.isAllowed()).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('one look at somebody ends before the next begins', async () => {
    let asked = 0
    let answer = (_: Actor) => {}
    const { join, audience, recheck } = setUp(
      (actor) =>
        new Promise<Actor>((resolve) => {
          asked++
          answer = () => resolve(actor)
        }),
    )
    join(ada, 'a1')
    await recheck()
    audience.recheck()
    expect(asked).toBe(1)
    answer(ada)
    await new Promise((resolve) => setImmediate(resolve))
    await recheck()
    expect(asked).toBe(2)
  })
})
