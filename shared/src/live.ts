import { z } from 'zod'
import { SendMessage } from './conversations.ts'
import type { NitroChunk, Run } from './runs.ts'

/** What a client offers beside `t.<ticket>` in `Sec-WebSocket-Protocol`, and what the server selects. */
export const liveProtocol = 'nitro.v1'

/** Why the server ended a socket. A reader goes on from its last `seq` with `resume`, over a socket of a new ticket. */
export const closeCodes = {
  /** The server is restarting; come back with a little delay. */
  restart: 1012,
  /** A frame that is not text. */
  notText: 1003,
  /** Too many messages a second, or too many frames that make no sense. */
  policy: 1008,
  tooBig: 1009,
  /** Sockets live for half an hour at most; open the next one, then go on. */
  plannedRefresh: 4000,
  /** The account lost its rights, or got others; sign in again or ask for a new ticket. */
  revoked: 4401,
  /** No sign of life for too long. */
  idle: 4408,
  /** This account has too many sockets open already. */
  tooMany: 4429,
} as const

/** Frames that a WebSocket client sends. `id` is the client's own and comes back with the answer. */
export const ClientFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ping'), id: z.string().max(100).optional() }),
  z.strictObject({ type: z.literal('subscribe'), id: z.string().max(100).optional(), run: z.uuid() }),
  z.strictObject({
    type: z.literal('resume'),
    id: z.string().max(100).optional(),
    run: z.uuid(),
    after: z.number().int().nonnegative(),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), id: z.string().max(100).optional(), run: z.uuid() }),
  z.strictObject({
    type: z.literal('send'),
    id: z.string().max(100).optional(),
    conversation: z.uuid(),
    idempotencyKey: z.string().min(1).max(255),
    message: SendMessage,
  }),
  z.strictObject({ type: z.literal('stop'), id: z.string().max(100).optional(), run: z.uuid() }),
])
export type ClientFrame = z.infer<typeof ClientFrame>

/** Frames that the server sends. `gone`: the run's events are pruned; read the message instead. */
export type ServerFrame =
  | { type: 'hello'; version: string; user: string; workspace: string }
  | { type: 'pong'; id?: string }
  | { type: 'event'; run: string; seq: number; chunk: NitroChunk }
  | { type: 'sent'; id?: string; run: Run }
  | { type: 'stopped'; id?: string; run: string }
  | { type: 'gone'; id?: string; run: string }
  /** `run` is set when a subscription ended by it. */
  | { type: 'error'; id?: string; run?: string; error: { code: string; message: string } }
