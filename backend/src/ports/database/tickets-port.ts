import type { CreateTicket, Role } from '@nitroagi/shared/identity'
import type { Call } from '../../call.ts'

export interface ConsumedTicket {
  userId: string
  workspaceId: string
  role: Role
  collectionId: string | null
  /** Or without the second factor that the workspace asks for. */
  suspended: boolean
  sessionId: string | null
}

export interface TicketsRepository {
  /** Gives when it expires, by the database's clock. */
  create(call: Call, ticket: CreateTicket & { secretHash: string; seconds: number }): Promise<Date>
  /** Takes the ticket away, whoever wins: undefined when it is unknown, used, expired of the other kind, or its session is over. */
  consume(kind: CreateTicket['kind'], secretHash: string): Promise<ConsumedTicket | undefined>
  /** Removes what has expired; gives how many. */
  sweep(): Promise<number>
}
