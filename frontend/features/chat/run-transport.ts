import type { ChatTransport } from 'ai'
import { attachmentIdOf } from '@nitroagi/shared/attachments'
import { SentMessage, type RunOptions, type SendMessage } from '@nitroagi/shared/conversations'
import { NitroError } from '@nitroagi/shared/errors'
import { textOf } from '@nitroagi/shared/message-parts'
import type { NitroChunk, NitroMessage, Run } from '@nitroagi/shared/runs'
import { backoffMs, isPassing, wait } from '../../backend-client/backoff.ts'
import { readRunEvents, type Connection } from '../../backend-client/read-events.ts'
import { request } from '../../backend-client/request.ts'

export type RunTransportOptions = {
  base?: string
  /** The server has the message: from here on it cannot be lost, and the run goes on without us. */
  onAccepted?: (run: Run) => void
  onConnection?: (connection: Connection) => void
  options?: () => RunOptions | undefined
}

export type RunTransport = ChatTransport<NitroMessage> & {
  /** Names the run that `reconnectToStream` reads from its beginning. */
  follow: (runId: string) => void
  /** Whether the server has this message of the person. */
  hasSent: (messageId: string) => boolean
}

const sendAttempts = 5

/**
 * Lets useChat speak to a run. A message is handed over once, then the answer is read from the run's log by cursor,
 * so neither a cut line nor a closed tab loses a word. Aborting ends the reading only: stopping a run is a verb of
 * its own, because useChat also aborts when its page is left.
 */
export function createRunTransport({
  base,
  onAccepted,
  onConnection,
  options,
}: RunTransportOptions = {}): RunTransport {
  let followed: string | undefined
  const sent = new Set<string>()
  const reading = { ...(base === undefined ? {} : { base }), ...(onConnection ? { onConnection } : {}) }

  return {
    resumeStreamIsReplay: true,
    follow: (runId) => (followed = runId),
    hasSent: (messageId) => sent.has(messageId),
    async sendMessages({ chatId, messages, abortSignal }) {
      const message = messages.findLast(({ role }) => role === 'user')
      if (!message) throw new NitroError('bad_request', 'There is no message to send')
      const attachments = message.parts.flatMap((part) => {
        const id = part.type === 'file' ? attachmentIdOf(part.url) : undefined
        return id ? { id } : []
      })
      const body = messageFor({ text: textOf(message.parts), attachments }, options?.())
      const { run } = await send(`/conversations/${chatId}/messages`, body, message.id, abortSignal, base)
      followed = run.id
      sent.add(message.id)
      onAccepted?.(run)
      return streamRun(run.id, { ...reading, ...(abortSignal ? { signal: abortSignal } : {}) })
    },
    async reconnectToStream({ abortSignal }) {
      if (followed === undefined) return null
      return streamRun(followed, { ...reading, ...(abortSignal ? { signal: abortSignal } : {}) })
    },
  }
}

export const messageFor = (
  { text, attachments }: { text: string; attachments: readonly { id: string }[] },
  options?: RunOptions,
): SendMessage => ({
  text,
  ...(attachments.length > 0 ? { attachments: attachments.map(({ id }) => id) } : {}),
  ...(options ? { options } : {}),
})

/** The same key for every attempt: whichever of them arrived, the message is there once. */
export async function send(
  path: string,
  body: SendMessage,
  idempotencyKey: string,
  signal?: AbortSignal,
  base?: string,
): Promise<SentMessage> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await request(path, SentMessage, { method: 'POST', body, idempotencyKey, signal }, base)
    } catch (error) {
      const waitsOnUs = error instanceof NitroError && error.code === 'rate_limited'
      if (signal?.aborted || !isPassing(error) || waitsOnUs || attempt + 1 >= sendAttempts) throw error
      await wait(backoffMs(attempt), signal)
    }
  }
}

type Reading = NonNullable<Parameters<typeof readRunEvents>[1]>

function streamRun(runId: string, { signal, ...reading }: Reading): ReadableStream<NitroChunk> {
  const reader = new AbortController()
  const events = readRunEvents(runId, {
    ...reading,
    signal: signal ? AbortSignal.any([signal, reader.signal]) : reader.signal,
  })
  return new ReadableStream<NitroChunk>({
    async pull(controller) {
      try {
        const { done, value } = await events.next()
        // A failed run is told by its stored message, in words; as a chunk it would only break the reader.
        if (done || value.chunk.type === 'error') controller.close()
        else controller.enqueue(value.chunk)
      } catch (error) {
        // The log was pruned: the message itself has everything.
        const isOver = error instanceof NitroError && (error.code === 'gone' || error.code === 'not_found')
        if (isOver) controller.close()
        else controller.error(error)
      }
    },
    cancel: () => reader.abort(),
  })
}
