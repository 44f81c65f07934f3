import type { Call } from '../call.ts'
import type { Piece } from '../ingestion/cut-pages.ts'
import type { DocumentWork } from '../ports/database/documents-port.ts'
import type { NewEntry } from '../ports/database/knowledge-port.ts'
import { createBulkEmbedder } from './bulk-embedder.ts'
import { embedderOf, type IngestionNeeds } from './ingestion.ts'

/** Passages whose vectors are looked for together. */
const lookedUpTogether = 64
/** Passages that are on their way at once; a crash costs those of them that were being embedded. */
const onTheirWay = 128
const storedTogether = 64

/**
 * Embeds and stores those passages that are not there yet. Each is stored as soon as its vector has come, together with all
 * that have come by then, so a crash costs no more than what was just being embedded. False when they are wanted no more.
 */
export async function embedPieces(
  needs: IngestionNeeds,
  call: Call,
  work: DocumentWork,
  pieces: AsyncIterable<Piece>,
  tell: () => void,
): Promise<boolean> {
  const { knowledge } = needs
  const embedder = embedderOf(needs, work)
  const embed = createBulkEmbedder(knowledge, call, embedder)
  const stored = work.entriesStored > 0 ? await knowledge.storedOrdinals(call, work) : new Set<number>()
  const writer = createWriter(async (entries) => {
    const wanted = await knowledge.addEntries(call, work, embedder.id, entries)
    tell()
    return wanted
  })
  let batch: Piece[] = []
  const flush = async () => {
    const vectors = await embed(batch.map((piece) => piece.embedded))
    for (const [index, { embedded: _, ...piece }] of batch.entries()) {
      writer.add(vectors[index]!.then(({ vector, contentHash }) => ({ ...piece, embedding: vector, contentHash })))
    }
    batch = []
    return writer.room()
  }
  try {
    for await (const piece of pieces) {
      if (stored.has(piece.ordinal)) continue
      batch.push(piece)
      if (batch.length >= lookedUpTogether && !(await flush())) return false
    }
    return (await flush()) && (await writer.end())
  } finally {
    // Nothing of this try may be written after the next has begun.
    await writer.stop()
  }
}

/** Stores what comes, in batches that are as large as what came while the last was being stored. */
function createWriter(save: (entries: NewEntry[]) => Promise<boolean>) {
  const ready: NewEntry[] = []
  let pending = 0
  let failure: { error: unknown } | undefined
  let isWanted = true
  let saving: Promise<void> | undefined
  let wake = () => {}

  async function drain(): Promise<void> {
    try {
      while (ready.length > 0 && isWanted && !failure) {
        // The vectors of one call come one after the other.
        await new Promise(setImmediate)
        const entries = ready.splice(0, storedTogether)
        isWanted = await save(entries)
        pending -= entries.length
        wake()
      }
    } catch (error) {
      failure ??= { error }
    } finally {
      saving = undefined
      wake()
    }
  }

  async function until(most: number): Promise<boolean> {
    while (pending > most && isWanted && !failure) await new Promise<void>((resolve) => (wake = resolve))
    if (failure) throw failure.error
    return isWanted
  }

  return {
    add(coming: Promise<NewEntry>): void {
      pending++
      coming.then(
        (entry) => {
          ready.push(entry)
          saving ??= drain()
        },
        (error: unknown) => {
          failure ??= { error }
          wake()
        },
      )
    },
    room: () => until(onTheirWay - lookedUpTogether),
    end: () => until(0),
    async stop(): Promise<void> {
      isWanted = false
      await saving
    },
  }
}
