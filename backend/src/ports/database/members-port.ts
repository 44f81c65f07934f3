import type { Role } from '@nitroagi/shared/identity'
import type { WorkspaceMember } from '@nitroagi/shared/workspaces'
import type { Call } from '../../call.ts'

export interface Standing {
  role: Role
  isSuspended: boolean
}

/** As it is while nobody else can change who is in the workspace. */
export interface Standings {
  actor: Standing | undefined
  target: Standing | undefined
  /** Owners who can act, without the target. */
  otherOwners: number
}

/** What somebody leaves behind outside the database. */
export interface LeftBehind {
  workspaceId: string
  conversationIds: string[]
  activeRunIds: string[]
}

export type StoredMember = Omit<WorkspaceMember, 'isYou' | 'email'> & { email: string }

/** What is undefined stays. */
export interface MemberChange {
  role?: Role | undefined
  suspended?: boolean | undefined
}

/** Who is in the caller's workspace, and as what. */
export interface MembersRepository {
  /** By name. */
  list(call: Call): Promise<StoredMember[]>
  /** Nothing happens when `decide` throws. */
  change(call: Call, userId: string, decide: (now: Standings) => MemberChange): Promise<void>
  /**
   * Their conversations, keys and tickets go with them. A collection that they alone owned goes to the owner who has
   * been there longest. Nothing happens when `check` throws.
   */
  remove(call: Call, userId: string, check: (now: Standings) => void): Promise<LeftBehind>
}
