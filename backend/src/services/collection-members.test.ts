import { NitroError } from '@nitroagi/shared/errors'
import type { CollectionRole } from '@nitroagi/shared/collections'
import type { Role } from '@nitroagi/shared/identity'
import { describe, expect, it } from 'vitest'
import { testCall } from '../../test/test-call.ts'
import type { CollectionMembersRepository } from '../ports/database/collection-members-port.ts'
import type { AuditEvent } from './audit.ts'
import { createCollectionMembers } from './collection-members.ts'
import type { Collections } from './collections.ts'

/** One collection of a workspace of three; what the caller may do with it is for the test to say. */
function open(may: CollectionRole | 'nothing' = 'owner') {
  const state = {
    may,
    outcome: 'done' as 'done' | 'last-owner' | 'absent',
    told: [] as string[],
  }
  const person = (userId: string, role: Role) => ({ userId, email: `${userId}@example.com`, name: null, role })
  const check = (needed: readonly string[], code: 'not_found' | 'forbidden') => async () => {
    if (!needed.includes(state.may)) throw new NitroError(code, 'No')
  }
  const members = createCollectionMembers({
    members: {
      people: async () => [person('ada', 'owner'), person('bob', 'member'), person('eve', 'viewer')],
      list: async () => [{ userId: 'ada', email: 'ada@example.com', name: null, role: 'owner' }],
      async set(_: unknown, __: unknown, userId: string, role: CollectionRole) {
        state.told.push(`${userId} is ${role}`)
        return state.outcome
      },
      async remove(_: unknown, __: unknown, userId: string) {
        state.told.push(`${userId} is out`)
        return state.outcome
      },
    } as unknown as CollectionMembersRepository,
    collections: {
      find: check(['owner', 'editor', 'reader'], 'not_found'),
      owned: check(['owner'], 'forbidden'),
    } as unknown as Pick<Collections, 'find' | 'owned'>,
    audit: {
      together: <Result>(work: () => Promise<Result>) => work(),
      record: async (_: unknown, { action, targetId, facts }: AuditEvent) =>
        void state.told.push(`${action} ${targetId} ${JSON.stringify(facts)}`),
    } as Parameters<typeof createCollectionMembers>[0]['audit'],
  })
  return { state, members, ada: testCall({ userId: 'ada' }) }
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code: string }) => error.code,
  )

describe('who is let into a collection', () => {
  it('is shown to whoever reads it, and to nobody else', async () => {
    const { state, members, ada } = open('reader')
    expect(await members.list(ada, 'c')).toHaveLength(1)
    state.may = 'nothing'
    expect(await codeOf(members.list(ada, 'c'))).toBe('not_found')
    expect((await members.people(ada)).map(({ userId }) => userId)).toEqual(['ada', 'bob', 'eve'])
  })

  it('is for its owners to say', async () => {
    for (const may of ['editor', 'reader', 'nothing'] as const) {
      const { state, members, ada } = open(may)
      expect(await codeOf(members.set(ada, 'c', { userId: 'bob', role: 'reader' }))).toBe('forbidden')
      expect(await codeOf(members.remove(ada, 'c', 'bob'))).toBe('forbidden')
      expect(state.told).toEqual([])
    }
  })

  it('is somebody of the workspace, by id or by address', async () => {
    const { state, members, ada } = open()
    await members.set(ada, 'c', { userId: 'bob', role: 'editor' })
    await members.set(ada, 'c', { email: 'bob@example.com', role: 'owner' })
    expect(state.told).toEqual([
      'bob is editor',
      'collection-member.set c {"userId":"bob","access":"editor"}',
      'bob is owner',
      'collection-member.set c {"userId":"bob","access":"owner"}',
    ])
    await expect(members.set(ada, 'c', { userId: 'stranger', role: 'reader' })).rejects.toMatchObject({
      code: 'not_found',
      message: 'Nobody in this workspace has this id',
    })
    await expect(members.set(ada, 'c', { email: 'eve@elsewhere.com', role: 'reader' })).rejects.toMatchObject({
      code: 'not_found',
      message: 'Nobody in this workspace has the address eve@elsewhere.com',
    })
    expect(state.told).toHaveLength(4)
  })

  it('is a reader at most when they only view in the workspace', async () => {
    const { state, members, ada } = open()
    for (const role of ['owner', 'editor', 'reader'] as const) {
      const code = await codeOf(members.set(ada, 'c', { userId: 'eve', role }))
      expect([role, code]).toEqual([role, role === 'reader' ? 'done' : 'invalid_input'])
    }
    expect(state.told[0]).toBe('eve is reader')
  })

  it('leaves by themselves whatever they are there, as long as an owner is left', async () => {
    const { state, members, ada } = open('reader')
    await members.remove(ada, 'c', 'ada')
    expect(state.told).toEqual(['ada is out', 'collection-member.remove c {"userId":"ada"}'])
    state.may = 'nothing'
    expect(await codeOf(members.remove(ada, 'c', 'ada'))).toBe('not_found')
    expect(state.told).toHaveLength(2)
  })

  it.each([
    ['last-owner', 'conflict'],
    ['absent', 'not_found'],
  ] as const)('stays as it is when the rows say %s, and nothing is noted', async (outcome, code) => {
    const { state, members, ada } = open()
    state.outcome = outcome
    expect(await codeOf(members.remove(ada, 'c', 'bob'))).toBe(code)
    const set = await codeOf(members.set(ada, 'c', { userId: 'bob', role: 'reader' }))
    expect(set).toBe(outcome === 'last-owner' ? 'conflict' : 'done')
    expect(state.told.filter((line) => line.startsWith('collection-member.remove'))).toEqual([])
  })
})
