import type { Collection, CollectionRole } from '@nitroagi/shared/collections'
import { limits } from '@nitroagi/shared/limits'
import type { CreateTicket, Role } from '@nitroagi/shared/identity'
import { describe, expect, it, vi } from 'vitest'
import { testCall } from '../../test/test-call.ts'
import type { Actor, Call } from '../call.ts'
import { scopesOf } from '../identity/roles.ts'
import { hashSecret } from '../identity/secrets.ts'
import type { ConsumedTicket, TicketsRepository } from '../ports/database/tickets-port.ts'
import { createTickets } from './tickets.ts'

const origin = 'https://nitro.example'
const expiresAt = new Date('2030-01-01T00:00:30Z')

/** Tickets as the database keeps them: by the hash alone, each taken once. */
function memoryTickets() {
  const rows = new Map<string, ConsumedTicket>()
  const asked: (CreateTicket & { secretHash: string; seconds: number })[] = []
  const state = { suspended: false, sweeps: 0, collectionRole: 'editor' as CollectionRole }
  const repository: TicketsRepository = {
    async create({ actor }, ticket) {
      asked.push(ticket)
      rows.set(`${ticket.kind} ${ticket.secretHash}`, {
        userId: actor.userId,
        workspaceId: actor.workspaceId,
        role: actor.role,
        collectionId: ticket.collectionId ?? null,
        suspended: state.suspended,
        sessionId: actor.sessionId ?? null,
      })
      return expiresAt
    },
    async consume(kind, secretHash) {
      const found = rows.get(`${kind} ${secretHash}`)
      rows.delete(`${kind} ${secretHash}`)
      return found
    },
    sweep: async () => state.sweeps++,
  }
  return { repository, asked, state }
}

function setUp(publicUrl = 'https://api.example/') {
  const memory = memoryTickets()
  const keysAsked: Actor[] = []
  const current = async (actor: Actor): Promise<Actor> => {
    keysAsked.push(actor)
    return { ...actor, role: 'viewer', scopes: ['read'] }
  }
  const tickets = createTickets({
    repository: memory.repository,
    collections: {
      find: async (_, id) =>
        id === collectionId ? ({ id, role: memory.state.collectionRole } as Collection) : undefined,
    },
    apiKeys: { current },
    publicUrl,
    origins: [origin, 'https://second.example'],
  })
  return { ...memory, tickets, keysAsked }
}

const as = (role: Role, more: Partial<Actor> = {}): Call => {
  const call = testCall()
  return { ...call, actor: { ...call.actor, role, scopes: scopesOf(role), ...more } }
}
const collectionId = '11111111-1111-4111-8111-111111111111'

describe('asking for a ticket', () => {
  it('takes a collection that one may add to, and says of a foreign one what it says of none', async () => {
    const { tickets, state, asked } = setUp()
    const ask = (id: string) => tickets.create(as('member'), { kind: 'upload', collectionId: id })
    await expect(ask('22222222-2222-4222-8222-222222222222')).rejects.toMatchObject({ code: 'not_found' })
    state.collectionRole = 'reader'
    await expect(ask(collectionId)).rejects.toMatchObject({ code: 'forbidden' })
    expect(asked).toEqual([])
  })

  it('gives a secret that only its hash is kept of, where to use it and until when', async () => {
    const { tickets, asked } = setUp()
    const { ticket, url, ...rest } = await tickets.create(as('member'), { kind: 'websocket' })
    expect(ticket).toMatch(/^nt_[\w-]{43}$/)
    expect(url).toBe('wss://api.example/ws')
    expect(rest.expiresAt).toBe(expiresAt.toISOString())
    expect(asked).toEqual([
      { kind: 'websocket', collectionId: undefined, secretHash: hashSecret(ticket), seconds: limits.ticketSeconds },
    ])
  })

  it.each<[CreateTicket, string, string]>([
    [
      { kind: 'upload', collectionId },
      'https://api.example',
      `https://api.example/api/v1/collections/${collectionId}/documents`,
    ],
    [{ kind: 'attachment' }, 'https://api.example///', 'https://api.example/api/v1/attachments'],
    [{ kind: 'websocket' }, 'http://127.0.0.1:4000', 'ws://127.0.0.1:4000/ws'],
    [{ kind: 'websocket' }, 'http://a.example/http', 'ws://a.example/http/ws'],
  ])('leads to the address of what it opens: %o at %s', async (wanted, publicUrl, url) => {
    expect((await setUp(publicUrl).tickets.create(as('member'), wanted)).url).toBe(url)
  })

  it.each<CreateTicket>([
    { kind: 'upload' },
    { kind: 'attachment', collectionId },
    { kind: 'websocket', collectionId },
  ])('is refused without the collection that it is for, or with one that it is not for: %o', async (wanted) => {
    const { tickets, asked } = setUp()
    await expect(tickets.create(as('owner'), wanted)).rejects.toMatchObject({ code: 'invalid_input' })
    expect(asked).toEqual([])
  })

  it.each<[CreateTicket, string]>([
    [{ kind: 'upload', collectionId }, 'an upload'],
    [{ kind: 'attachment' }, 'an upload'],
  ])('is refused to who may only read: %o', async (wanted, word) => {
    const { tickets, asked } = setUp()
    await expect(tickets.create(as('viewer'), wanted)).rejects.toMatchObject({
      code: 'forbidden',
      message: `You may not open ${word}`,
    })
    expect(asked).toEqual([])
  })

  it('is given to who may only read for a connection that reads', async () => {
    const { tickets } = setUp()
    const { ticket } = await tickets.create(as('viewer'), { kind: 'websocket' })
    expect((await tickets.consume('websocket', ticket, origin)).scopes).toEqual(['read'])
  })

  it('is refused to a key that lacks one of the rights, whatever its owner may do', async () => {
    const { tickets } = setUp()
    const key = as('owner', { via: 'api-key', scopes: ['read'] })
    await expect(tickets.create(key, { kind: 'websocket' })).rejects.toMatchObject({
      code: 'forbidden',
      message: 'You may not open a live connection',
    })
  })

  it('clears what has expired once a minute, not with every ticket', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const { tickets, state } = setUp()
      const ask = () => tickets.create(as('member'), { kind: 'attachment' })
      await ask()
      await ask()
      expect(state.sweeps).toBe(1)
      vi.setSystemTime(Date.now() + 59_999)
      await ask()
      expect(state.sweeps).toBe(1)
      vi.setSystemTime(Date.now() + 1)
      await ask()
      expect(state.sweeps).toBe(2)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('coming with a ticket', () => {
  it('is let in once, as who asked for it, with what it opens and no more', async () => {
    const { tickets } = setUp()
    const call = as('editor', { sessionId: 's1' })
    const { ticket } = await tickets.create(call, { kind: 'upload', collectionId })
    expect(await tickets.consume('upload', ticket, origin)).toEqual({
      userId: call.actor.userId,
      workspaceId: call.actor.workspaceId,
      role: 'editor',
      via: 'ticket',
      scopes: ['knowledge'],
      sessionId: 's1',
      collectionId,
    })
    await expect(tickets.consume('upload', ticket, origin)).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('says nothing of a session, a collection or a key that there is none of', async () => {
    const { tickets } = setUp()
    const { ticket } = await tickets.create(as('member'), { kind: 'attachment' })
    const actor = await tickets.consume('attachment', ticket, origin)
    expect(Object.keys(actor).sort()).toEqual(['role', 'scopes', 'userId', 'via', 'workspaceId'])
    expect(actor.scopes).toEqual(['chat'])
  })

  it.each([undefined, '', 'null', 'https://evil.example', 'https://nitro.example.evil', `${origin}/`])(
    'is refused from another page (%s), and the ticket is not spent by it',
    async (from) => {
      const { tickets } = setUp()
      const { ticket } = await tickets.create(as('member'), { kind: 'websocket' })
      await expect(tickets.consume('websocket', ticket, from)).rejects.toMatchObject({ code: 'unauthenticated' })
      expect((await tickets.consume('websocket', ticket, 'https://second.example')).via).toBe('ticket')
    },
  )

  it('is refused with a ticket of another kind, and when suspended', async () => {
    const { tickets, state } = setUp()
    const { ticket } = await tickets.create(as('member'), { kind: 'attachment' })
    await expect(tickets.consume('websocket', ticket, origin)).rejects.toMatchObject({ code: 'unauthenticated' })
    state.suspended = true
    const suspended = await tickets.create(as('member'), { kind: 'attachment' })
    await expect(tickets.consume('attachment', suspended.ticket, origin)).rejects.toMatchObject({
      code: 'unauthenticated',
    })
  })

  it('has the rights that are left of the key that asked for it', async () => {
    const { tickets, keysAsked } = setUp()
    const { ticket } = await tickets.create(as('owner', { via: 'api-key', keyId: 'k1' }), { kind: 'websocket' })
    expect(ticket).toMatch(/^nt_[\w-]{43}\.k1$/)
    const actor = await tickets.consume('websocket', ticket, origin)
    expect(keysAsked).toMatchObject([{ keyId: 'k1', role: 'owner', scopes: ['read', 'chat'] }])
    expect(actor).toMatchObject({ role: 'viewer', scopes: ['read'], keyId: 'k1' })
  })

  it('does not get rid of the key by cutting its name off', async () => {
    const { tickets } = setUp()
    const { ticket } = await tickets.create(as('owner', { via: 'api-key', keyId: 'k1' }), { kind: 'websocket' })
    const cut = ticket.split('.')[0]!
    await expect(tickets.consume('websocket', cut, origin)).rejects.toMatchObject({ code: 'unauthenticated' })
    await expect(tickets.consume('websocket', `${cut}.k2`, origin)).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

it('knows the pages of its own web app', () => {
  const { isAllowedOrigin } = setUp().tickets
  expect([origin, undefined, 'https://evil.example'].map(isAllowedOrigin)).toEqual([true, false, false])
})
