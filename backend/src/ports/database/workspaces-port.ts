import type { Workspace } from '@nitroagi/shared/workspaces'
import type { Call } from '../../call.ts'
import type { LeftBehind } from './members-port.ts'

export interface AccountLeaving {
  /** Where others stay. */
  left: LeftBehind[]
  /** Where nobody else was in: hidden, to be cleared away. */
  hidden: string[]
}

export interface WorkspacesRepository {
  /** Those that this person can work in, by name. */
  list(userId: string): Promise<Omit<Workspace, 'isCurrent'>[]>
  /** Its maker is the owner; undefined when they own `atMost` already. */
  create(userId: string, name: string, atMost: number): Promise<Omit<Workspace, 'isCurrent'> | undefined>
  rename(workspaceId: string, name: string): Promise<void>
  /** Asks everybody in it for a second factor, or no more. False when that person has none themselves. */
  requireSecondFactor(workspaceId: string, userId: string, isRequired: boolean): Promise<boolean>
  /**
   * From here on it is there for nobody. `not-owner` when the caller does not own it (any more), `first` for the oldest
   * workspace, whose owners look after the installation.
   */
  hide(call: Call): Promise<'hidden' | 'not-owner' | 'first'>
  /**
   * Takes somebody out of all workspaces. Throws `conflict`, and then nothing has happened, when one of them would be
   * left without an owner, or they are the only owner of the installation while others use it.
   */
  leaveAll(userId: string): Promise<AccountLeaving>
  /** What is hidden and not cleared away. */
  hidden(): Promise<string[]>
  /** What it holds outside the database. */
  leftBehind(workspaceId: string): Promise<LeftBehind>
  collections(workspaceId: string): Promise<{ id: string; ownerId: string }[]>
  /** A batch of its conversations; gives how many there were. */
  deleteConversations(workspaceId: string, atMost: number): Promise<number>
  /** The rows that are left; only of a workspace that is hidden. */
  delete(workspaceId: string): Promise<void>
}
