import type { Cap, Spent } from '@nitroagi/shared/spending'
import type { Actor, Call } from '../../call.ts'

/** Whose money it is: of the workspace, of the person and, when one speaks, of the key. */
export type Spender = Pick<Actor, 'workspaceId' | 'userId' | 'keyId'>

export type SpendingSubject = 'workspace' | 'user' | 'key'

/** `member`: what everybody may spend who has no cap of their own. */
export interface StoredCap extends Cap {
  kind: SpendingSubject | 'member'
  /** The workspace's own for `workspace` and `member`. */
  subjectId: string
}

export interface Amount {
  usd: number
  tokens: number
}

export interface Reservation {
  id: string
  /** The first day of the month that it counts for. */
  month: string
  /** The most that the call can cost. */
  most: Amount
  /** What is taken to be spent when nobody ever says what came of it. */
  least: Amount
  leaseSeconds: number
}

export interface Refusal {
  whose: SpendingSubject
  unit: 'usd' | 'tokens'
}

/** The books of the money guard. Amounts are added up by the database, in one statement each. */
export interface SpendingRepository {
  caps(of: { workspaceId: string }): Promise<StoredCap[]>
  /** Undefined when it is set aside; otherwise nothing is, and whose cap stands against it. All caps or none. */
  reserve(spender: Spender, reservation: Reservation): Promise<Refusal | undefined>
  /** Counts what the call has taken and gives the rest back. */
  settle(spender: Spender, reservation: Pick<Reservation, 'id' | 'month'>, used: Amount): Promise<void>
  /** Counts what a call has taken for which nothing was set aside. */
  count(spender: Spender, month: string, used: Amount): Promise<void>
  /** Settles reservations whose process never did, in all workspaces; how many. */
  sweep(): Promise<number>
  /** Null forgets a cap. False when there is no such member or key in the workspace. */
  setCap(call: Call, kind: StoredCap['kind'], subjectId: string, cap: Cap | null): Promise<boolean>
  overview(call: Call, month: string): Promise<SpendingOverview>
  spent(of: { workspaceId: string }, month: string, kind: SpendingSubject, subjectId: string): Promise<Spent>
}

export interface SpendingOverview {
  workspace: Spent
  members: { userId: string; name: string | null; email: string; spent: Spent }[]
  /** Those that are in use, and those that spent something in this month. */
  keys: { keyId: string; name: string; prefix: string; spent: Spent }[]
}
