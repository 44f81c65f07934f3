import { NitroError } from '@nitroagi/shared/errors'
import { describe, expect, it } from 'vitest'
import { createRecordedAudit } from '../../test/recorded-audit.ts'
import { testCall } from '../../test/test-call.ts'
import type { Call } from '../call.ts'
import { createAccountDeletion } from './account-deletion.ts'
import type { WorkspaceRemoval } from './workspace-removal.ts'

const email = 'ada@example.com'

function setUp() {
  const state = { hidden: true, isLastOwner: false }
  const did: string[] = []
  const { audit, recorded } = createRecordedAudit()
  const left = { workspaceId: 'w2', userId: 'ada', conversationIds: [] }
  const removal = {
    async leaveAll(userId: string, noting: (leave: () => Promise<unknown>) => Promise<unknown>) {
      if (state.isLastOwner) throw new NitroError('conflict', 'Give the workspace another owner first')
      await noting(async () => ({ left: [left], hidden: ['w1'] }))
      did.push(`leave ${userId}`)
      return ['w2']
    },
  } as unknown as Pick<WorkspaceRemoval, 'leaveAll'>
  const deletion = createAccountDeletion({
    repository: {
      privateCollections: async () => [{ workspaceId: 'w2', id: 'c1' }],
      delete: async (userId) => void did.push(`delete ${userId}`),
    },
    onChange: (userId) => void did.push(`forget ${userId}`),
    care: {
      async proven(_call, password) {
        if (password !== 'right') throw new NitroError('forbidden', 'The password is wrong')
        return { userId: 'ada', email, passwordHash: 'hash', isEmailVerified: true, isSuspended: false }
      },
    },
    removal,
    collections: {
      async hide({ actor }, id) {
        did.push(`hide ${actor.workspaceId} ${id}`)
        return state.hidden
      },
    },
    attachments: { clear: async ({ actor }) => void did.push(`clear ${actor.workspaceId}`) },
    jobs: {
      async send(kind, payload, options) {
        did.push(`${kind} ${JSON.stringify(payload)} ${options?.key}`)
        return undefined as never
      },
    },
    audit,
  })
  const call = testCall({ userId: 'ada', workspaceId: 'w1' })
  const signedIn: Call = { ...call, actor: { ...call.actor, sessionId: 's1' } }
  return { deletion, state, did, recorded, signedIn, call }
}

describe('deleting an account', () => {
  it('takes all that is its own, in every workspace, and is recorded where others stay', async () => {
    const { deletion, did, recorded, signedIn } = setUp()
    await deletion.delete(signedIn, { email, password: 'right' })
    expect(did).toEqual([
      'leave ada',
      'hide w2 c1',
      'remove-collection {"workspaceId":"w2","collectionId":"c1","ownerId":"ada"} c1',
      'delete ada',
      'forget ada',
      'clear w2',
    ])
    expect(recorded).toEqual([{ action: 'account.delete', targetId: 'ada', workspaceId: 'w2' }])
  })

  it('leaves alone what somebody else is removing already', async () => {
    const { deletion, did, state, signedIn } = setUp()
    state.hidden = false
    await deletion.delete(signedIn, { email, password: 'right' })
    expect(did).toEqual(['leave ada', 'hide w2 c1', 'delete ada', 'forget ada', 'clear w2'])
  })

  it.each([
    [{ email, password: 'wrong' }, 'forbidden'],
    [{ email: 'bob@example.com', password: 'right' }, 'invalid_input'],
  ])('does nothing without the password and the address: %o', async (given, code) => {
    const { deletion, did, signedIn } = setUp()
    await expect(deletion.delete(signedIn, given)).rejects.toMatchObject({ code })
    expect(did).toEqual([])
  })

  it('is for whoever is signed in', async () => {
    const { deletion, did, call, signedIn } = setUp()
    const key: Call = { ...signedIn, actor: { ...signedIn.actor, via: 'api-key' } }
    for (const other of [call, key]) {
      await expect(deletion.delete(other, { email, password: 'right' })).rejects.toMatchObject({ code: 'forbidden' })
    }
    expect(did).toEqual([])
  })

  it('deletes nothing while a workspace of others would be left without an owner', async () => {
    const { deletion, did, state, signedIn } = setUp()
    state.isLastOwner = true
    await expect(deletion.delete(signedIn, { email, password: 'right' })).rejects.toMatchObject({ code: 'conflict' })
    expect(did).toEqual([])
  })
})
