import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { Document } from '@nitroagi/shared/knowledge'
import type { Call } from '../src/call.ts'
import { createIngestion } from '../src/jobs/ingestion.ts'
import { registerReindexing } from '../src/jobs/reindex.ts'
import { registerCollectionRemoval } from '../src/jobs/remove-collections.ts'
import { registerSources } from '../src/jobs/sources.ts'
import { silentLog, type Log } from '../src/log.ts'
import { createCollectionMembersRepository } from '../src/ports/database/collection-members.ts'
import { createAuditRepository } from '../src/ports/database/audit.ts'
import { createCollectionsRepository } from '../src/ports/database/collections.ts'
import type { Connection } from '../src/ports/database/connection.ts'
import { createDocumentsRepository } from '../src/ports/database/documents.ts'
import { createKnowledgeRepository } from '../src/ports/database/knowledge.ts'
import { createVectorIndexes } from '../src/ports/database/search-indexes.ts'
import { createReindexingRepository } from '../src/ports/database/reindexing.ts'
import { createTablesRepository } from '../src/ports/database/tables.ts'
import { createEmbedders } from '../src/ports/embedder/embedders.ts'
import type { Embedder } from '../src/ports/embedder/port.ts'
import { createPgBossJobQueue } from '../src/ports/job-queue/pg-boss.ts'
import { createFilesystemObjectStore } from '../src/ports/object-store/filesystem.ts'
import { createSourcesRepository } from '../src/ports/database/sources.ts'
import type { OutboundClient } from '../src/ports/outbound/port.ts'
import { createOutboundClient } from '../src/ports/outbound/undici.ts'
import { createTesseractOcr } from '../src/ports/ocr/tesseract.ts'
import { createAudit } from '../src/services/audit.ts'
import { createChunkPreview } from '../src/services/chunk-preview.ts'
import { createCollectionMembers } from '../src/services/collection-members.ts'
import { createCollections } from '../src/services/collections.ts'
import { createDocumentFeed } from '../src/services/document-feed.ts'
import { createDocumentIntake } from '../src/services/document-intake.ts'
import { createDocuments } from '../src/services/documents.ts'
import { createSearch } from '../src/services/search.ts'
import { createSources } from '../src/services/sources.ts'

/** The knowledge half of the backend over one database, wired as compose.ts does it, with its files in a temporary folder. */
export async function openKnowledge(
  connection: Connection,
  embedder: Embedder | readonly [Embedder, ...Embedder[]],
  log: Log = silentLog,
  /** How it reaches the web; nobody, unless somebody is allowed. */
  outbound: OutboundClient = createOutboundClient({ allowedPrivateHosts: [] }),
) {
  const folder = await mkdtemp(join(tmpdir(), 'nitro-knowledge-'))
  const ports = {
    collections: createCollectionsRepository(connection),
    documents: createDocumentsRepository(connection),
    knowledge: createKnowledgeRepository(connection, createVectorIndexes(connection)),
    tables: createTablesRepository(connection),
    objectStore: createFilesystemObjectStore({ dir: join(folder, 'objects') }),
    jobs: createPgBossJobQueue({ connection, log }),
    feed: createDocumentFeed(),
    embedders: createEmbedders('id' in embedder ? [embedder] : embedder),
    ocr: createTesseractOcr(),
    audit: createAudit({ repository: createAuditRepository(connection), log }),
    log,
  }
  const ingestion = createIngestion(ports)
  ingestion.register()
  registerCollectionRemoval(ports)
  registerReindexing({ ...ports, reindexing: createReindexingRepository(connection) })
  const sources = {
    ...ports,
    sources: createSourcesRepository(connection),
    intake: createDocumentIntake(ports),
    outbound,
    pauseMs: 1,
  }
  registerSources(sources)
  await ports.jobs.start()
  await ingestion.start()
  const documents = createDocuments(ports)
  const collections = createCollections(ports)
  const members = createCollectionMembers({
    ...ports,
    members: createCollectionMembersRepository(connection),
    collections,
  })

  return {
    connection,
    folder,
    jobs: ports.jobs,
    objectStore: ports.objectStore,
    /** All that a second ingestion over the same ports needs. */
    ports,
    repositories: { ...ports, sources: sources.sources },
    collections,
    members,
    preview: createChunkPreview({ ...ports, collections }),
    documents,
    search: createSearch(ports),
    sources: createSources(sources),
    /** Resolves when it is ready or failed. */
    async settled(call: Call, id: string): Promise<Document> {
      for (;;) {
        const document = await documents.find(call, id)
        if (document.status === 'ready' || document.status === 'failed') return document
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    async close() {
      ingestion.stop()
      await ports.jobs.stop(5_000)
      await ports.ocr.close()
      await ports.embedders.close()
      await connection.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export type KnowledgeBackend = Awaited<ReturnType<typeof openKnowledge>>

/** A person in a workspace of their own. */
export async function signUp(connection: Connection, name = 'somebody'): Promise<Call> {
  const [userId, workspaceId] = [randomUUID(), randomUUID()]
  await connection.query(`INSERT INTO workspaces (id, name) VALUES ($1, $2)`, [workspaceId, name])
  await connection.query(`INSERT INTO users (id, email, password_hash) VALUES ($1, $2, '-')`, [
    userId,
    `${userId}@example.com`,
  ])
  await connection.query(`INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, 'owner')`, [
    workspaceId,
    userId,
  ])
  return {
    actor: { userId, workspaceId, role: 'owner', via: 'session', scopes: ['read', 'chat', 'knowledge', 'admin'] },
    requestId: randomUUID(),
    signal: new AbortController().signal,
    log: silentLog,
  }
}
