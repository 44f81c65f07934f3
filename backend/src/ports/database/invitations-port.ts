import type { Invitation, InvitedRole, OpenInvitation } from '@nitroagi/shared/workspaces'
import type { Call } from '../../call.ts'
import type { NewAccount } from './accounts-port.ts'

export interface NewInvitation {
  email: string | undefined
  role: InvitedRole
  days: number
  secretHash: string
  /** Of the link that goes by mail and is shown to nobody. */
  mailedHash: string | undefined
  openAtMost: number
}

export interface Joined {
  workspaceId: string
  workspaceName: string
  role: InvitedRole
  invitationId: string
}

/**
 * Invitations are good once. One is open while it is not taken, called back or too old, and whoever made it may still
 * invite. Hashes alone are kept; either of its two links will do.
 */
export interface InvitationsRepository {
  /** Calls back what was open for the same address. `member` when that address is in already, `full` beyond `openAtMost`. */
  create(call: Call, invitation: NewInvitation): Promise<Invitation | 'member' | 'full'>
  /** The open ones of the workspace, newest first. */
  list(call: Call): Promise<Invitation[]>
  /** False when there is no such open invitation. */
  revoke(call: Call, id: string): Promise<boolean>
  find(secretHash: string): Promise<OpenInvitation | undefined>
  /** Of many at once, one wins. `closed` when it is not open, `other-address` when it is somebody else's. */
  accept(secretHash: string, userId: string): Promise<Joined | 'closed' | 'other-address' | 'member'>
  /** The newest that names the address of this person, who has shown that it is theirs. */
  acceptNamed(userId: string): Promise<Joined | undefined>
  /**
   * Makes an account that is a member of that workspace alone. The address counts as verified when the link came by
   * mail. Throws `email_taken`, and then the invitation is still good.
   */
  signUp(secretHash: string, account: NewAccount): Promise<(Joined & { userId: string }) | 'closed' | 'other-address'>
}
