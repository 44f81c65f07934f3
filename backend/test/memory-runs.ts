import { randomUUID } from 'node:crypto'
import { NitroError } from '@nitroagi/shared/errors'
import { isTerminal, type NitroChunk, type Run } from '@nitroagi/shared/runs'
import type { Call } from '../src/call.ts'
import type { LoggedEvent, Runs } from '../src/services/port.ts'

interface MemoryRun {
  run: Run
  ownerId: string
  events: LoggedEvent[]
  isEnded: boolean
  isPruned: boolean
  wake: Set<() => void>
}

/** The runs service without a database: logs in arrays, written by the test, read through real cursors. */
export function createMemoryRuns({ batchSize = 7 }: { batchSize?: number } = {}) {
  const all = new Map<string, MemoryRun>()
  const byKey = new Map<string, string>()
  let openReaders = 0
  let readEvents = 0

  const mustFind = (call: Call, runId: string): MemoryRun => {
    const found = all.get(runId)
    if (!found || found.ownerId !== call.actor.userId) throw new NitroError('not_found', 'This run does not exist')
    return found
  }

  function begin(ownerId: string, conversationId: string = randomUUID()): Run {
    const run: Run = {
      id: randomUUID(),
      conversationId,
      userMessageId: randomUUID(),
      messageId: randomUUID(),
      status: 'running',
      lastSeq: 0,
      createdAt: new Date().toISOString(),
      finishedAt: null,
      usage: null,
      error: null,
    }
    all.set(run.id, { run, ownerId, events: [], isEnded: false, isPruned: false, wake: new Set() })
    return run
  }

  function write(runId: string, ...chunks: NitroChunk[]): void {
    const found = all.get(runId)
    if (!found) throw new Error(`No run ${runId}`)
    for (const chunk of chunks) {
      found.events.push({ seq: ++found.run.lastSeq, json: JSON.stringify(chunk) })
      found.isEnded ||= isTerminal(chunk)
    }
    for (const wake of found.wake) wake()
  }

  async function* read(found: MemoryRun, after: number, signal: AbortSignal): AsyncGenerator<LoggedEvent[]> {
    openReaders++
    try {
      for (let cursor = after; !signal.aborted;) {
        const batch = found.events.slice(cursor, cursor + batchSize)
        if (batch.length > 0) {
          readEvents += batch.length
          yield batch
          cursor += batch.length
        } else if (found.isEnded) return
        else {
          await new Promise<void>((resolve) => {
            const wake = () => {
              found.wake.delete(wake)
              signal.removeEventListener('abort', wake)
              resolve()
            }
            found.wake.add(wake)
            signal.addEventListener('abort', wake)
          })
        }
      }
    } finally {
      openReaders--
    }
  }

  const runs: Runs = {
    async send(call, conversationId, message, idempotencyKey) {
      const known = byKey.get(`${call.actor.userId} ${idempotencyKey}`)
      if (known) return all.get(known)!.run
      const run = begin(call.actor.userId, conversationId)
      byKey.set(`${call.actor.userId} ${idempotencyKey}`, run.id)
      const words = message.text.split(' ')
      write(run.id, { type: 'start' }, ...words.map((delta): NitroChunk => ({ type: 'text-delta', id: 't', delta })))
      write(run.id, { type: 'finish' })
      return run
    },
    find: async (call, runId) => mustFind(call, runId).run,
    async stop(call, runId) {
      const { run, isEnded } = mustFind(call, runId)
      if (!isEnded) write(runId, { type: 'abort' })
      return run
    },
    async continue() {
      throw new Error('No test continues a run here')
    },
    async events(call, runId, after) {
      const found = mustFind(call, runId)
      if (found.isPruned) throw new NitroError('gone', 'The log of this run is gone')
      return read(found, after, call.signal)
    },
  }

  return {
    runs,
    begin,
    write,
    prune: (runId: string) => void (all.get(runId)!.isPruned = true),
    /** Readers that have not ended yet. */
    openReaders: () => openReaders,
    /** Events that left the log, sent or not. */
    readEvents: () => readEvents,
  }
}
