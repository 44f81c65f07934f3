import type { Account, Role } from '@nitroagi/shared/identity'

/** A person in a workspace, as the database has them now. */
export interface Membership extends Account {
  suspended: boolean
  createdAt: string
}

/** Somebody who has an account, whether or not they are in a workspace. */
export interface Person {
  userId: string
  /** Everywhere, by the operator. */
  isSuspended: boolean
  hasSecondFactor: boolean
}

export interface NewAccount {
  email: string
  passwordHash: string
  name?: string
}

export interface Place {
  /** The workspace to join, made when nobody has one of that name. Absent: a new one of their own. */
  workspace?: string
  /** Absent: owner of a workspace that is made now, member of one that was there. */
  role?: Role
}

/**
 * People, workspaces and who belongs where. These rows decide what a caller may do, so they are asked for before there
 * is a `Call`.
 */
export interface AccountsRepository {
  membership(userId: string, workspaceId: string): Promise<Membership | undefined>
  /** The same while this session of theirs can be used and, if said, they have shown who they are within so long. */
  membershipInSession(
    userId: string,
    workspaceId: string,
    sessionId: string,
    provenSeconds?: number,
  ): Promise<Membership | undefined>
  /** The first workspace that the person joined, of those in which they are not suspended if there is one. */
  membershipByEmail(email: string): Promise<Membership | undefined>
  person(email: string): Promise<Person | undefined>
  /** The owner who has been there longest and is not suspended. */
  firstOwner(): Promise<Membership | undefined>
  passwordHash(email: string): Promise<string | undefined>
  hasUsers(): Promise<boolean>
  /** Undefined when somebody has an account already; of many at once, one is created. */
  createFirstOwner(account: NewAccount): Promise<Membership | undefined>
  /** Throws `email_taken`. */
  create(account: NewAccount, place: Place): Promise<Membership>
  /** One of their own, for somebody who has none. */
  createWorkspaceFor(userId: string): Promise<Membership>
  /** Here and in every workspace; ends their sessions, also when it is lifted. Undefined when there is no such account. */
  suspend(email: string, suspended: boolean): Promise<string | undefined>
  /** Everybody in every workspace, oldest first; for the operator alone. */
  list(): Promise<Membership[]>
}
