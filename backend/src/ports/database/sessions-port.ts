export interface StoredSession {
  id: string
  address: string | null
  userAgent: string | null
  createdAt: string
  lastSeenAt: string
  /** Whichever comes first: its end in any case, or the end of how long it may be left alone. */
  expiresAt: string
}

export interface BeginSession {
  userId: string
  /** How long it may last in all. */
  seconds: number
  /** How long it may be left unused; as long as it lasts unless something else is said. */
  idleSeconds?: number
  address?: string | undefined
  userAgent?: string | undefined
}

/** Where somebody is signed in. Rows of a person, not of a workspace. */
export interface SessionsRepository {
  /** Gives its id. Sessions that ended a day ago and earlier are cleared away with it, whoever had them. */
  begin(session: BeginSession): Promise<string>
  /** Of those that can still be used, the one seen last first. */
  list(userId: string): Promise<StoredSession[]>
  /** It is used: may be left unused for so long from now on. At most one write in five minutes. */
  seen(id: string, idleSeconds: number): Promise<void>
  /** Who it is has just been shown once more. */
  prove(id: string): Promise<void>
  /** Ends those seen longest ago, beyond so many of them; gives which. */
  endBeyond(userId: string, atMost: number): Promise<string[]>
  /** False when this person has no such session. */
  revoke(userId: string, id: string): Promise<boolean>
  /** All of them but `except`; gives how many. */
  revokeAll(userId: string, except?: string): Promise<number>
}
