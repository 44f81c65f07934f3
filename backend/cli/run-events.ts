import { setTimeout as sleep } from 'node:timers/promises'
import { isTerminal, type NitroChunk, type RunEvent } from '@nitroagi/shared/runs'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'

/** Longer than a backend takes to restart. */
const patienceMs = 60_000

/** Every event of the run once and in order up to its end, also when the line is cut or the backend restarts. */
export async function* readRunEvents(client: Client, runId: string): AsyncGenerator<RunEvent> {
  let seen = 0
  let lostSince: number | undefined
  for (;;) {
    try {
      for await (const event of readOnce(client, runId, seen)) {
        lostSince = undefined
        if (event.seq <= seen) continue
        seen = event.seq
        yield event
        if (isTerminal(event.chunk)) return
      }
    } catch (error) {
      if (error instanceof CliError && !['unreachable', 'unavailable'].includes(error.code)) throw error
    }
    lostSince ??= Date.now()
    if (Date.now() - lostSince > patienceMs) {
      throw new CliError(
        'unreachable',
        `The line to ${client.url} broke and did not come back. The answer is kept there.`,
        3,
      )
    }
    await sleep(500)
  }
}

async function* readOnce(client: Client, runId: string, after: number): AsyncGenerator<RunEvent> {
  const response = await client.open(`/api/v1/runs/${runId}/events`, {
    headers: { accept: 'text/event-stream', ...(after > 0 ? { 'last-event-id': String(after) } : {}) },
  })
  if (!response.body) return
  const messages = response.body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>)
    .pipeThrough(new EventSourceParserStream())
  for await (const { id, data } of messages) {
    const seq = Number(id)
    if (seq >= 1 && data !== '[DONE]') yield { seq, chunk: JSON.parse(data) as NitroChunk }
  }
}
