import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Call } from '../src/call.ts'
import { createIngestion } from '../src/jobs/ingestion.ts'
import { silentLog } from '../src/log.ts'
import { createAuditRepository } from '../src/ports/database/audit.ts'
import { createCollectionsRepository } from '../src/ports/database/collections.ts'
import type { Connection } from '../src/ports/database/connection.ts'
import { createDocumentsRepository } from '../src/ports/database/documents.ts'
import { createKnowledgeRepository } from '../src/ports/database/knowledge.ts'
import { createVectorIndexes } from '../src/ports/database/search-indexes.ts'
import { openPglite } from '../src/ports/database/pglite.ts'
import { openPostgres } from '../src/ports/database/postgres.ts'
import { createTablesRepository } from '../src/ports/database/tables.ts'
import { createEmbedders } from '../src/ports/embedder/embedders.ts'
import type { JobQueue } from '../src/ports/job-queue/port.ts'
import { createFilesystemObjectStore } from '../src/ports/object-store/filesystem.ts'
import { createAudit } from '../src/services/audit.ts'
import { createDocumentFeed } from '../src/services/document-feed.ts'
import { createDocuments } from '../src/services/documents.ts'
import { createWordEmbedder } from './word-embedder.ts'

/**
 * A process that reads documents until it is killed with -9, by itself, so that it dies at the very point that is asked for.
 * First it brings to an end what another one left.
 */
export interface WorkerTask {
  database: { url: string } | { dataDir: string }
  objects: string
  trial: Trial | null
}

export interface Trial {
  /** Null: nobody dies. */
  stage: Stage | null
  moment: Moment
  text: string
  workspaceId: string
  userId: string
  collectionId: string
}

export const stages = [
  'received',
  'first pages',
  'middle pages',
  'all pages',
  'first passages',
  'middle passages',
  'publish',
  'delete',
  'replace',
] as const
export type Stage = (typeof stages)[number]

/** Before the step, in its transaction when all is written but nothing committed, or after it. */
export const moments = ['before', 'within', 'after'] as const
export type Moment = (typeof moments)[number]

/** Many pages of few words, so that there is a middle, and little time goes into what is not tried here. */
export const textOf = (word: string) =>
  Array.from({ length: 40 }, (_, page) => `Page ${page} of ${word}. ${`${word} `.repeat(480)}`.slice(0, 2_990)).join(
    '\n\n',
  )

const [points, nth]: [Record<Stage, string>, Partial<Record<Stage, number>>] = [
  {
    received: 'documents.add',
    'first pages': 'knowledge.savePages',
    'middle pages': 'knowledge.savePages',
    'all pages': 'documents.extracted',
    'first passages': 'knowledge.addEntries',
    'middle passages': 'knowledge.addEntries',
    publish: 'knowledge.publish',
    delete: 'documents.remove',
    replace: 'knowledge.publish',
  },
  { 'middle pages': 2, 'middle passages': 2, replace: 2 },
]

function createTrap(trial: Trial | null) {
  let left = trial?.stage ? (nth[trial.stage] ?? 1) : 0
  let isDue = false
  const die = () => process.kill(process.pid, 'SIGKILL')

  return {
    /** Dies when the transaction is about to be committed. */
    connection: (connection: Connection): Connection => ({
      ...connection,
      transaction: (work) =>
        connection.transaction(async (tx) => {
          const result = await work(tx)
          if (isDue) die()
          return result
        }),
    }),
    verbs<Verbs extends object>(name: string, verbs: Verbs): Verbs {
      const armed = { ...verbs } as Record<string, unknown>
      for (const [verb, run] of Object.entries(verbs)) {
        if (!trial?.stage || `${name}.${verb}` !== points[trial.stage]) continue
        armed[verb] = async (...args: unknown[]) => {
          const isNow = (args[0] as Call).actor.workspaceId === trial.workspaceId && --left === 0
          // A step that is one statement has no within; nobody could die there.
          if (isNow && trial.moment === 'before') die()
          isDue = isNow && trial.moment === 'within'
          const result = (await (run as (...args: unknown[]) => Promise<unknown>)(...args)) as unknown
          if (isNow) die()
          return result
        }
      }
      return armed as Verbs
    },
  }
}

/** At once, in this process, and once more after a failure; what a crash leaves is the sweep's to find. */
function createImmediateQueue(): JobQueue & { idle(): Promise<void> } {
  let handler: ((payload: object) => Promise<void>) | undefined
  const running = new Map<string, Promise<void>>()
  return {
    handle(_kind, _options, handle) {
      handler = (payload) =>
        handle(payload as never, { id: randomUUID(), attempt: 1, signal: new AbortController().signal })
    },
    async send(_kind, payload, { key = randomUUID() } = {}) {
      if (running.has(key)) return
      const job = handler!(payload).finally(() => running.delete(key))
      running.set(key, job)
      job.catch((error: unknown) => console.error(error))
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled(running.values())
    },
    start: async () => {},
    stop: async () => {},
    check: async () => {},
  }
}

async function work({ database, objects, trial }: WorkerTask): Promise<void> {
  const real = 'url' in database ? await openPostgres({ url: database.url, poolSize: 4 }) : await openPglite(database)
  const trap = createTrap(trial)
  const connection = trap.connection(real)
  const jobs = createImmediateQueue()
  const embedder = createWordEmbedder()
  const needs = {
    collections: createCollectionsRepository(connection),
    documents: trap.verbs('documents', createDocumentsRepository(connection)),
    knowledge: trap.verbs('knowledge', createKnowledgeRepository(connection, createVectorIndexes(connection))),
    tables: createTablesRepository(connection),
    objectStore: createFilesystemObjectStore({ dir: join(objects) }),
    // Slow enough that what is embedded is not stored all together.
    embedders: createEmbedders([
      { ...embedder, embed: async (texts: readonly string[]) => (await sleep(2), await embedder.embed(texts)) },
    ]),
    feed: createDocumentFeed(),
    jobs,
    audit: createAudit({ repository: createAuditRepository(connection), log: silentLog }),
    log: silentLog,
  }
  const ingestion = createIngestion(needs)
  ingestion.register()
  const documents = createDocuments(needs)
  // A deletion is left to whoever began it for a minute.
  await real.query(`UPDATE documents SET updated_at = now() - interval '2 minutes' WHERE status = 'deleting'`)
  await ingestion.start()
  await jobs.idle()
  if (trial) {
    const call = callOf(trial)
    const upload = async (word: string) => {
      const body = Readable.from([Buffer.from(textOf(word))])
      const { documents: stored } = await documents.upload(
        call,
        trial.collectionId,
        { name: 'a.txt', externalId: 'a' },
        body,
      )
      await jobs.idle()
      return stored[0]!.id
    }
    const id = await upload(trial.text)
    if (trial.stage === 'delete') await documents.delete(call, id)
    if (trial.stage === 'replace') await upload('basalt')
  }
  ingestion.stop()
  await real.close()
}

const callOf = ({ workspaceId, userId }: Trial): Call => ({
  actor: { userId, workspaceId, role: 'owner', via: 'session', scopes: ['read', 'chat', 'knowledge', 'admin'] },
  requestId: randomUUID(),
  signal: new AbortController().signal,
  log: silentLog,
})

if (process.argv[1] === import.meta.filename) await work(JSON.parse(process.argv[2]!) as WorkerTask)
