export type LinkPurpose = 'verify-email' | 'reset-password' | 'change-email'

/** What a letter's link is made of; only the hash of its token is kept. */
export interface NewLink {
  tokenHash: string
  userId: string
  purpose: LinkPurpose
  /** Where the letter goes: that somebody follows the link proves that they read this mailbox. */
  email: string
  seconds: number
}

export interface CaredAccount {
  userId: string
  email: string
  passwordHash: string | null
  isEmailVerified: boolean
  isSuspended: boolean
}

/** What people change of their own accounts, and the links that prove a mailbox to be theirs. */
export interface AccountCareRepository {
  find(userId: string): Promise<CaredAccount | undefined>
  findByEmail(email: string): Promise<CaredAccount | undefined>
  rename(userId: string, name: string): Promise<void>
  /** Collections of theirs in any workspace that nobody else may look into. */
  privateCollections(userId: string): Promise<{ workspaceId: string; id: string }[]>
  /** With all that is theirs alone; they have left every workspace before. */
  delete(userId: string): Promise<void>
  /** Earlier links of the person for the same purpose open nothing from then on. */
  addLink(link: NewLink): Promise<void>
  /** Whose password the link sets, while it can be used. */
  findReset(tokenHash: string): Promise<CaredAccount | undefined>
  /**
   * Uses the link up, proves the address, ends all sessions and voids all other links of the account. Undefined when the
   * link cannot be used any more; of many at once one gets through.
   */
  resetPassword(tokenHash: string, passwordHash: string): Promise<CaredAccount | undefined>
  /** Ends all sessions but this one, and voids the links that were sent. */
  changePassword(userId: string, passwordHash: string, sessionId: string): Promise<void>
  /** Without a proof. Throws `email_taken`. Links that went to the address before are void. */
  changeEmail(userId: string, email: string): Promise<void>
  /**
   * Uses the link up: the address is proven, and becomes the account's where it was to be changed. Undefined when the link
   * cannot be used any more. Throws `email_taken`.
   */
  verifyEmail(tokenHash: string): Promise<{ userId: string; email: string; formerEmail: string } | undefined>
}
