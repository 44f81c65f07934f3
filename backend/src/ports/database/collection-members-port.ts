import type { CollectionMember, CollectionRole, WorkspaceMember } from '@nitroagi/shared/collections'
import type { Call } from '../../call.ts'

/** Who was let into a collection. Whoever calls has checked that the caller may read it, and change it where it changes. */
export interface CollectionMembersRepository {
  /** Everybody of the caller's workspace who can sign in, by name. */
  people(call: Call): Promise<WorkspaceMember[]>
  /** Owners first, then by name. */
  list(call: Call, collectionId: string): Promise<CollectionMember[]>
  /** `last-owner`: it would have none afterwards, so nothing is changed. */
  set(call: Call, collectionId: string, userId: string, role: CollectionRole): Promise<'done' | 'last-owner'>
  /** `absent`: they were not let in. */
  remove(call: Call, collectionId: string, userId: string): Promise<'done' | 'last-owner' | 'absent'>
}
