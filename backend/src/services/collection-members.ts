import type {
  CollectionMember,
  CollectionRole,
  SetCollectionMember,
  WorkspaceMember,
} from '@nitroagi/shared/collections'
import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import type { CollectionMembersRepository } from '../ports/database/collection-members-port.ts'
import type { Audit } from './audit.ts'
import type { Collections } from './collections.ts'

export type CollectionMembers = ReturnType<typeof createCollectionMembers>

interface Needs {
  members: CollectionMembersRepository
  collections: Pick<Collections, 'find' | 'owned'>
  audit: Pick<Audit, 'together' | 'record'>
}

/** Who may do what with a collection. Who is taken out sees nothing of it from the next request on. */
export function createCollectionMembers({ members, collections, audit }: Needs) {
  async function list(call: Call, collectionId: string): Promise<CollectionMember[]> {
    await collections.find(call, collectionId)
    return members.list(call, collectionId)
  }

  return {
    list,

    /** Those of the workspace who can be let in. */
    people: (call: Call): Promise<WorkspaceMember[]> => members.people(call),

    async set(
      call: Call,
      collectionId: string,
      { userId, email, role }: SetCollectionMember,
    ): Promise<CollectionMember[]> {
      await collections.owned(call, collectionId)
      const people = await members.people(call)
      const person = people.find((one) => (userId === undefined ? one.email === email : one.userId === userId))
      if (!person) {
        throw new NitroError(
          'not_found',
          `Nobody in this workspace ${email ? `has the address ${email}` : 'has this id'}`,
        )
      }
      checkViewer(person, role)
      const facts = { userId: person.userId, access: role }
      await audit.together(async () => {
        if ((await members.set(call, collectionId, person.userId, role)) === 'last-owner') throw lastOwner()
        await audit.record(call, { action: 'collection-member.set', targetId: collectionId, facts })
      })
      return members.list(call, collectionId)
    },

    /** Owners take out anybody, everybody else only themselves. */
    async remove(call: Call, collectionId: string, userId: string): Promise<void> {
      if (userId === call.actor.userId) await collections.find(call, collectionId)
      else await collections.owned(call, collectionId)
      await audit.together(async () => {
        const outcome = await members.remove(call, collectionId, userId)
        if (outcome === 'last-owner') throw lastOwner()
        if (outcome === 'absent') throw new NitroError('not_found', 'They are no member of this collection')
        await audit.record(call, { action: 'collection-member.remove', targetId: collectionId, facts: { userId } })
      })
    },
  }
}

function checkViewer({ role, email }: WorkspaceMember, wanted: CollectionRole): void {
  if (role !== 'viewer' || wanted === 'reader') return
  throw new NitroError('invalid_input', `${email} only views in this workspace, so here they can be a reader at most`)
}

const lastOwner = () =>
  new NitroError(
    'conflict',
    'A collection needs an owner. Make somebody else an owner first, or delete the collection.',
  )
