export interface StoredSession {
  id: string
  address: string | null
  userAgent: string | null
  createdAt: string
  lastSeenAt: string
  expiresAt: string
}

export interface BeginSession {
  userId: string
  seconds: number
  address?: string | undefined
  userAgent?: string | undefined
}

/** Where somebody is signed in. Rows of a person, not of a workspace. */
export interface SessionsRepository {
  /** Gives its id. Sessions that ended a day ago and earlier are cleared away with it, whoever had them. */
  begin(session: BeginSession): Promise<string>
  /** Of those that can still be used, the one seen last first. */
  list(userId: string): Promise<StoredSession[]>
  /** Moves `lastSeenAt`, at most once a minute. */
  seen(id: string): Promise<void>
  /** False when this person has no such session. */
  revoke(userId: string, id: string): Promise<boolean>
  /** All of them but `except`; gives how many. */
  revokeAll(userId: string, except?: string): Promise<number>
}
