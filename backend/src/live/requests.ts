import { NitroError } from '@nitroagi/shared/errors'
import type { Scope } from '@nitroagi/shared/identity'
import type { ClientFrame, ServerFrame } from '@nitroagi/shared/live'
import type { Actor, Call } from '../call.ts'
import type { Log } from '../log.ts'
import type { Runs } from '../services/port.ts'
import type { RateLimits } from '../services/rate-limits.ts'
import type { createSubscriptions } from './subscriptions.ts'

interface Dependencies {
  actor: Actor
  runs: Runs
  rateLimits: Pick<RateLimits, 'count'>
  subscriptions: ReturnType<typeof createSubscriptions>
  log: Log
  socketId: string
  send(frame: ServerFrame): void
}

export type Request = Exclude<ClientFrame, { type: 'ping' }>

/** What a socket's frames ask for. Each is a call of its own, with the rights that an HTTP request would need. */
export function createRequests({ actor, runs, rateLimits, subscriptions, log, socketId, send }: Dependencies) {
  let abort: AbortController | undefined
  let count = 0

  function callWith(scope: Scope): Call {
    if (!actor.scopes.includes(scope)) throw new NitroError('forbidden', `This needs the "${scope}" right`)
    abort ??= new AbortController()
    const requestId = `${socketId}-${++count}`
    const fields = { requestId, userId: actor.userId, workspaceId: actor.workspaceId }
    return { actor, requestId, signal: abort.signal, log: log.with(fields) }
  }

  /** Answers a failure in the frame's own terms; `run` when it is about a subscription. */
  function refuse(error: unknown, { id, run }: { id?: string | undefined; run?: string | undefined }): void {
    if (!(error instanceof NitroError)) log.error('socket-frame-failed', { socketId, error })
    const { code, message } =
      error instanceof NitroError ? error : new NitroError('internal', 'Something went wrong here. Try again.')
    if (code === 'gone' && run !== undefined) send({ type: 'gone', id, run })
    else send({ type: 'error', id, run, error: { code, message } })
  }

  async function perform(request: Request): Promise<void> {
    const { id } = request
    switch (request.type) {
      case 'subscribe':
      case 'resume': {
        const after = request.type === 'resume' ? request.after : 0
        return subscriptions.start(callWith('read'), request.run, after)
      }
      case 'unsubscribe':
        return subscriptions.end(request.run)
      case 'send': {
        const call = callWith('chat')
        const run = await runs.send(call, request.conversation, request.message, request.idempotencyKey)
        send({ type: 'sent', id, run })
        if (subscriptions.has(run.id)) return
        // The message is sent, whatever becomes of reading its answer here.
        return subscriptions.start(call, run.id, 0).catch((error: unknown) => refuse(error, { id, run: run.id }))
      }
      case 'stop':
        await runs.stop(callWith('chat'), request.run)
        return send({ type: 'stopped', id, run: request.run })
    }
  }

  return {
    refuse,
    /** Never rejects: a failure is an answer too. */
    async perform(request: Request): Promise<void> {
      try {
        // Whoever lets go of something asks for nothing.
        if (request.type !== 'unsubscribe') await rateLimits.count(actor)
        await perform(request)
      } catch (error) {
        const isAboutReading = request.type === 'subscribe' || request.type === 'resume'
        refuse(error, { id: request.id, run: isAboutReading ? request.run : undefined })
      }
    },
    abort: () => abort?.abort(new NitroError('unavailable', 'The socket is closed')),
  }
}
