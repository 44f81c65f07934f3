import type { ApiKey, Role, Scope, Tier } from '@nitroagi/shared/identity'
import type { Call } from '../../call.ts'

/** A key with whom it speaks for, as the database has them now. */
export interface ActiveApiKey {
  id: string
  userId: string
  workspaceId: string
  role: Role
  scopes: Scope[]
  tier: Tier
  expiresAt: Date | null
  suspended: boolean
  needsSecondFactor: boolean
}

export interface NewApiKey {
  name: string
  prefix: string
  secretHash: string
  scopes: readonly Scope[]
  tier: Tier
  expiresAt?: string
}

/** Only hashes of keys are kept. */
export interface ApiKeysRepository {
  /** Undefined when unknown or revoked. Asked before there is a `Call`. */
  active(secretHash: string): Promise<ActiveApiKey | undefined>
  /** The same for a key that was known before. */
  activeById(workspaceId: string, id: string): Promise<ActiveApiKey | undefined>
  /** Notes that the key was used, at most once a minute. */
  touch(workspaceId: string, id: string): Promise<void>
  /** The caller's own keys that are not revoked, newest first. */
  list(call: Call): Promise<ApiKey[]>
  create(owner: { userId: string; workspaceId: string }, key: NewApiKey): Promise<ApiKey>
  /** Live keys of anybody that are named so, two at most. For the operator, who knows of no workspace. */
  named(name: { id?: string | undefined; prefix?: string | undefined }): Promise<{ id: string; workspaceId: string }[]>
  setTier(key: { id: string; workspaceId: string }, tier: Tier): Promise<ApiKey | undefined>
  /** False when the caller has no such key. */
  revoke(call: Call, id: string): Promise<boolean>
}
