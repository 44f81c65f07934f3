import type { LinkedIdentity, ProviderName } from '@nitroagi/shared/second-factor'

/** Who somebody is at another service. Nobody is ever found by the e-mail address. */
export interface Identity {
  provider: ProviderName
  subject: string
  email: string | null
}

/** Whom another service vouches for, its word for the mailbox included. */
export interface VouchedPerson extends Identity {
  email: string
  name: string | null
}

/** `first-owner` makes an account while there is none; `open` makes one with a workspace of its own. */
export type MayJoin = 'first-owner' | 'open' | 'invited'

export interface IdentitiesRepository {
  owner(provider: ProviderName, subject: string): Promise<{ userId: string; email: string } | undefined>
  /**
   * Makes it a way into this account, unless it is one already. `taken`: it leads to somebody else; `other`: this
   * account has another identity of the same service.
   */
  link(userId: string, identity: Identity): Promise<'linked' | 'taken' | 'other'>
  /**
   * An account without a password: a member where an open invitation for this address leads, or else owner of a new
   * workspace. False when nothing lets them in. Throws `email_taken`.
   */
  createAccount(person: VouchedPerson, may: MayJoin): Promise<boolean>
  list(userId: string): Promise<LinkedIdentity[]>
  /** `last` when there would be no way left to sign in. */
  unlink(userId: string, provider: ProviderName): Promise<'removed' | 'missing' | 'last'>
}
