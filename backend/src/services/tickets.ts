import { NitroError } from '@nitroagi/shared/errors'
import type { CreateTicket, Role, Scope, Ticket } from '@nitroagi/shared/identity'
import { limits } from '@nitroagi/shared/limits'
import type { Actor, Call } from '../call.ts'
import { narrowed } from '../identity/roles.ts'
import { hashSecret, newSecret } from '../identity/secrets.ts'
import type { ApiKeys } from './api-keys.ts'
import type { CollectionsRepository } from '../ports/database/collections-port.ts'
import type { TicketsRepository } from '../ports/database/tickets-port.ts'

export type Tickets = ReturnType<typeof createTickets>

export interface TicketsOptions {
  repository: TicketsRepository
  collections: Pick<CollectionsRepository, 'find'>
  apiKeys: Pick<ApiKeys, 'current'>
  /** The backend's own address as browsers reach it. */
  publicUrl: string
  /** The web app's origins; a ticket is good in a page of these alone. */
  origins: readonly string[]
}

/** What a ticket opens; nobody gets one for more than they may do themselves. */
const ticketScopes: Record<CreateTicket['kind'], readonly Scope[]> = {
  upload: ['knowledge'],
  attachment: ['chat'],
  websocket: ['read', 'chat'],
}

const sweepEverySeconds = 60

export function createTickets({ repository, collections, apiKeys, publicUrl, origins }: TicketsOptions) {
  const allowed = new Set(origins)
  let swept = 0

  async function sweepSometimes(): Promise<void> {
    if (Date.now() - swept < sweepEverySeconds * 1000) return
    swept = Date.now()
    await repository.sweep()
  }

  async function checkEditor(call: Call, collectionId: string): Promise<void> {
    const collection = await collections.find(call, collectionId)
    if (!collection) throw new NitroError('not_found', 'There is no such collection')
    if (collection.role === 'reader') {
      throw new NitroError('forbidden', 'You can read this collection, but not change its documents')
    }
  }

  return {
    isAllowedOrigin: (origin: string | undefined): origin is string => origin !== undefined && allowed.has(origin),

    async create(call: Call, { kind, collectionId }: CreateTicket): Promise<Ticket> {
      if ((kind === 'upload') !== (collectionId !== undefined)) {
        throw new NitroError('invalid_input', 'collectionId: An upload needs it, and nothing else takes it')
      }
      const scopes = rightsOf(kind, call.actor.role)
      if (scopes.length === 0 || scopes.some((scope) => !call.actor.scopes.includes(scope))) {
        throw new NitroError(
          'forbidden',
          `You may not open ${kind === 'websocket' ? 'a live connection' : 'an upload'}`,
        )
      }
      // The upload is checked as well: by then they may have lost the right.
      if (collectionId !== undefined) await checkEditor(call, collectionId)
      await sweepSometimes()
      const { keyId } = call.actor
      // Said by the ticket itself, whose hash vouches for all of it: what a key asked for ends with the key.
      const ticket = newSecret('nt_') + (keyId === undefined ? '' : `.${keyId}`)
      const secretHash = hashSecret(ticket)
      const expiresAt = await repository.create(call, { kind, collectionId, secretHash, seconds: limits.ticketSeconds })
      return { ticket, expiresAt: expiresAt.toISOString(), url: urlFor(publicUrl, kind, collectionId) }
    },

    /**
     * Takes the ticket and says who came with it. Of many at once, one gets in; for the others, and for a page of
     * another site, `unauthenticated`.
     */
    async consume(kind: CreateTicket['kind'], ticket: string, origin: string | undefined): Promise<Actor> {
      const refused = () => new NitroError('unauthenticated', 'This ticket is not valid (any more)')
      // A browser says truly where a page comes from, and only browsers use tickets.
      if (origin === undefined || !allowed.has(origin)) throw refused()
      const used = await repository.consume(kind, hashSecret(ticket))
      if (!used || used.suspended) throw refused()
      const { userId, workspaceId, role, collectionId, sessionId } = used
      const keyId = ticket.split('.')[1]
      const actor: Actor = {
        userId,
        workspaceId,
        role,
        via: 'ticket',
        scopes: rightsOf(kind, role),
        ...(sessionId === null ? {} : { sessionId }),
        ...(collectionId === null ? {} : { collectionId }),
        ...(keyId === undefined ? {} : { keyId }),
      }
      return keyId === undefined ? actor : apiKeys.current(actor)
    },
  }
}

const rightsOf = (kind: CreateTicket['kind'], role: Role) => narrowed(ticketScopes[kind], role)

function urlFor(publicUrl: string, kind: CreateTicket['kind'], collectionId: string | undefined): string {
  const base = publicUrl.replace(/\/+$/, '')
  if (kind === 'upload') return `${base}/api/v1/collections/${collectionId}/documents`
  if (kind === 'attachment') return `${base}/api/v1/attachments`
  return `${base.replace(/^http/, 'ws')}/ws`
}
