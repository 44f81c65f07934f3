import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Call } from '../../src/call.ts'
import { migrate } from '../../src/ports/database/migrations.ts'
import { openPglite } from '../../src/ports/database/pglite.ts'
import { createUseLiteEmbedder } from '../../src/ports/embedder/use-lite.ts'
import { type KnowledgeBackend, openKnowledge, signUp } from '../knowledge-backend.ts'
import { openTestPostgres } from '../test-database.ts'
import { corpusOf, type SetName } from './sets.ts'

/** The product over a database of its own, and what is measured with it. */
export interface Product {
  knowledge: KnowledgeBackend
  /** Somebody in whose workspace is this set and nothing else; it is read in once, through the same door as any file. */
  holding(name: SetName): Promise<Call>
  /** Somebody in an empty workspace. */
  newcomer(name: string): Promise<Call>
  /** Figures by their names in goals.ts. */
  measured: Map<string, number>
  close(): Promise<void>
}

export async function openProduct(workers: number): Promise<Product> {
  const server = process.env['TEST_DATABASE_URL']
  const folder = await mkdtemp(join(tmpdir(), 'nitro-eval-'))
  const connection = server ? await openTestPostgres(server) : await openPglite({ dataDir: join(folder, 'database') })
  await migrate(connection)
  const knowledge = await openKnowledge(connection, createUseLiteEmbedder({ workers }))
  const held = new Map<SetName, Promise<Call>>()
  return {
    knowledge,
    measured: new Map(),
    newcomer: (name) => signUp(connection, name),
    holding(name) {
      const call = held.get(name) ?? readIn(knowledge, name)
      held.set(name, call)
      return call
    },
    async close() {
      await knowledge.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function readIn(knowledge: KnowledgeBackend, name: SetName): Promise<Call> {
  const call = await signUp(knowledge.connection, name)
  const { id } = await knowledge.collections.create(call, { name })
  const started = performance.now()
  const file = createReadStream(corpusOf(name))
  const { documents } = await knowledge.documents.upload(call, id, { name: `${name}.jsonl` }, file)
  const done = await knowledge.settled(call, documents[0]!.id)
  if (done.status === 'failed') throw new Error(done.error?.message)
  const seconds = (performance.now() - started) / 1000
  console.log(
    `${name}: ${done.pagesDone} documents, ${done.chunksDone} passages in ${seconds.toFixed(0)} s (${(done.chunksDone / seconds).toFixed(1)} a second)`,
  )
  return call
}
