import { createHash } from 'node:crypto'
import type { Call } from '../call.ts'
import type { KnowledgeRepository, NewEntry } from '../ports/database/knowledge-port.ts'
import type { Embedder } from '../ports/embedder/port.ts'

type Vector = NewEntry['embedding']

interface Embedded {
  vector: Vector
  contentHash: string
}

/** Running headers and boilerplate come again and again; so many of the latest texts are kept in mind. */
const remembered = 1_000
/** Calls that wait for an answer at once: enough to fill the way to a provider, few enough to lose little in a crash. */
const callsAtOnce = 4

/**
 * Embeds behind the questions that people wait for, and pays for a text once: what the workspace has a vector of already,
 * whichever document it came with, is taken from there.
 */
export function createBulkEmbedder(knowledge: KnowledgeRepository, call: Call, embedder: Embedder) {
  const known = new Map<string, Promise<Vector>>()
  const atOnce = createLimit(callsAtOnce)

  function embedNew(texts: { text: string; hash: string }[]): void {
    const vectors = atOnce(() =>
      embedder.embed(
        texts.map(({ text }) => text),
        call.signal,
        'bulk',
        { payer: call },
      ),
    )
    for (const [index, { hash }] of texts.entries()) {
      const vector = vectors.then((all) => all[index]!)
      // Whoever waits for it hears of it; nobody has to.
      vector.catch(() => {})
      known.set(hash, vector)
    }
  }

  function forget(): void {
    for (const hash of known.keys()) {
      if (known.size <= remembered) return
      known.delete(hash)
    }
  }

  /** Resolves when it is known which of them have to be embedded; each vector comes as soon as it is there. */
  return async (texts: readonly string[]): Promise<Promise<Embedded>[]> => {
    const hashes = texts.map((text) => createHash('sha256').update(text).digest('hex'))
    const byHash = new Map(hashes.map((hash, index) => [hash, texts[index]!]))
    const unknown = [...byHash.keys()].filter((hash) => !known.has(hash))
    const stored = unknown.length > 0 ? await knowledge.vectors(call, embedder.id, unknown) : new Map<string, string>()
    for (const [hash, vector] of stored) known.set(hash, Promise.resolve(vector))
    // Asked for meanwhile by another batch, it is on its way.
    const missing = unknown.filter((hash) => !known.has(hash)).map((hash) => ({ hash, text: byHash.get(hash)! }))
    for (let from = 0; from < missing.length; from += embedder.batchSize) {
      embedNew(missing.slice(from, from + embedder.batchSize))
    }
    const found = hashes.map((contentHash) => known.get(contentHash)!.then((vector) => ({ vector, contentHash })))
    for (const one of found) one.catch(() => {})
    forget()
    return found
  }
}

function createLimit(most: number) {
  let running = 0
  const waiting: (() => void)[] = []
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      // Whoever is next takes the place over.
      if (next) next()
      else running--
    }
  }
}
