import { expect, it } from 'vitest'
import { createRecordedAudit } from '../../test/recorded-audit.ts'
import { testCall } from '../../test/test-call.ts'
import type { Call } from '../call.ts'
import type { SessionsRepository } from '../ports/database/sessions-port.ts'
import { createSessions } from './sessions.ts'

function setUp() {
  const alive = new Set(['s1', 's2', 's3'])
  const ended: string[] = []
  const { audit, recorded, callers } = createRecordedAudit()
  const row = { address: null, userAgent: null, createdAt: '', lastSeenAt: '', expiresAt: '' }
  const repository = {
    list: async () => [...alive].map((id) => ({ ...row, id })),
    revoke: async (userId: string, id: string) => userId === 'ada' && alive.delete(id),
    async revokeAll(_userId: string, except?: string) {
      const others = [...alive].filter((id) => id !== except)
      for (const id of others) alive.delete(id)
      return others.length
    },
  } as unknown as SessionsRepository
  const sessions = createSessions({ repository, audit, onEnd: (userId) => void ended.push(userId) })
  const call = testCall({ userId: 'ada' })
  const signedIn: Call = { ...call, actor: { ...call.actor, sessionId: 's1' } }
  return { sessions, alive, ended, recorded, callers, signedIn, call }
}

it('shows where somebody is signed in, and which of them this is', async () => {
  const { sessions, signedIn } = setUp()
  const shown = (await sessions.list(signedIn)).map(({ id, isCurrent }) => [id, isCurrent])
  expect(shown).toEqual([
    ['s1', true],
    ['s2', false],
    ['s3', false],
  ])
})

it.each([
  ['current', 's1', 'sign-out'],
  ['s1', 's1', 'sign-out'],
  ['s2', 's2', 'revoked'],
])('ends one, at once, and records why: %s', async (id, targetId, reason) => {
  const { sessions, alive, ended, recorded, callers, signedIn } = setUp()
  await sessions.revoke(signedIn, id)
  expect([alive.has(targetId), alive.size, ended]).toEqual([false, 2, ['ada']])
  expect(recorded).toEqual([{ of: 'ada', action: 'session.end', targetId, facts: { reason } }])
  expect(callers).toEqual([{ via: 'session', requestId: signedIn.requestId }])
})

it('ends none that is not theirs, or is over', async () => {
  const { sessions, ended, recorded, signedIn } = setUp()
  await expect(sessions.revoke(signedIn, 's9')).rejects.toMatchObject({ code: 'not_found' })
  expect([ended, recorded]).toEqual([[], []])
})

it('ends all but this one', async () => {
  const { sessions, alive, ended, recorded, callers, signedIn } = setUp()
  expect(await sessions.revokeOthers(signedIn)).toEqual({ ended: 2 })
  expect([[...alive], ended]).toEqual([['s1'], ['ada']])
  expect(recorded).toEqual([{ of: 'ada', action: 'session.end-others', facts: { count: 2 } }])
  expect(callers).toEqual([{ via: 'session', requestId: signedIn.requestId }])
})

it('is for whoever is signed in: a key that leaked throws nobody out', async () => {
  const { sessions, alive, call, signedIn } = setUp()
  const key: Call = { ...signedIn, actor: { ...signedIn.actor, via: 'api-key' } }
  for (const other of [call, key]) {
    for (const tried of [sessions.list(other), sessions.revoke(other, 'current'), sessions.revokeOthers(other)]) {
      await expect(tried).rejects.toMatchObject({ code: 'forbidden' })
    }
  }
  expect(alive.size).toBe(3)
})
