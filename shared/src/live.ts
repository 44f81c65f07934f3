import { z } from 'zod'
import { SendMessage } from './conversations.ts'
import { Run, type NitroChunk } from './runs.ts'

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
  | { type: 'error'; id?: string; error: { code: string; message: string } }
