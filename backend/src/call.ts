import type { Role, Scope, Tier } from '@nitroagi/shared/identity'
import type { Log } from './log.ts'

/** Who asks. Rights come from the database at the time of the call, never from a client. */
export interface Actor {
  userId: string
  workspaceId: string
  role: Role
  /**
   * Which door they came through; `operator` is the machine's own administrator, acting as this user, and `service` the
   * web app before anyone has signed in, which is nobody and reaches nothing but the sign-in.
   */
  via: 'session' | 'api-key' | 'ticket' | 'operator' | 'service' | 'job'
  scopes: readonly Scope[]
  /** The workspace asks for a second factor that they have not set up: only their account is open to them. */
  needsSecondFactor?: boolean
  /** The session that this is, or that asked for the ticket; API keys and the operator have none. */
  sessionId?: string
  /** The API key that speaks, and how much it may ask for. */
  keyId?: string
  keyTier?: Tier
  /** With an upload ticket: the one collection that it opens. */
  collectionId?: string
}

/** The first argument of every verb: who asks, under which request id, until when, and where to log. */
export interface Call {
  actor: Actor
  requestId: string
  signal: AbortSignal
  log: Log
}
