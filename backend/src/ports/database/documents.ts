import { NitroError } from '@nitroagi/shared/errors'
import { ChunkProfile } from '@nitroagi/shared/collections'
import type { DocumentState, DocumentStatus } from '@nitroagi/shared/knowledge'
import { isReadable, readableCollections, readerOf } from './collection-access.ts'
import type { Scope, Scopes, Sql } from './connection.ts'
import { progressOf } from './document-progress.ts'
import { beginEdit, beginIndexing, beginReading, dropPending } from './document-versions.ts'
import type { DocumentsRepository, DocumentWork, NewDocument, StoredDocument } from './documents-port.ts'
import { indexSettings } from './index-settings.ts'
import type { Call } from '../../call.ts'

interface Row {
  workspace_id: string
  id: string
  collection_id: string
  owner_id: string
  external_id: string | null
  name: string
  media_type: string
  size_bytes: string | number
  object_key: string | null
  status: DocumentStatus
  error: { code: string; message: string } | null
  notice: string | null
  paused_at: Date | null
  tags: string[]
  document_date: Date | null
  language: string | null
  source_url: string | null
  version: number
  pending_version: number
  attempts: number
  pages_total: number | null
  pages_done: number
  chunks_total: number | null
  chunks_done: number
  rate: number | null
  rate_at: Date | null
  created_at: Date
  updated_at: Date
}

const working = `('received', 'extracting', 'embedding')`

const inState: Record<DocumentState, string> = {
  working: `status IN ${working} AND paused_at IS NULL`,
  ready: `status = 'ready'`,
  paused: `status IN ${working} AND paused_at IS NOT NULL`,
  failed: `status = 'failed'`,
}

export function createDocumentsRepository(connection: Scopes): DocumentsRepository {
  const one = async (call: Call, sql: string, params: unknown[], on: Sql = connection.tenant(call.actor)) => {
    const [row] = await on.query<Row>(sql, [call.actor.workspaceId, ...params])
    return row && storedOf(row)
  }
  const found = async (call: Call, id: string, on: Sql) =>
    (await one(call, `SELECT * FROM documents WHERE workspace_id = $1 AND id = $2`, [id], on))!

  return {
    async list(call, { collectionId, limit, cursor, name, state, tag }) {
      const after = cursor === undefined ? null : readCursor(cursor)
      const rows = await connection.tenant(call.actor).query<Row & { created_text: string }>(
        `SELECT *, created_at::text AS created_text FROM documents
         WHERE workspace_id = $1 AND status <> 'deleting' AND ($2::uuid IS NULL OR collection_id = $2)
           AND collection_id IN (${readableCollections('$1', '$6')})
           AND ($3::timestamptz IS NULL OR (created_at, id) < ($3::timestamptz, $4::uuid))
           AND ($7::text IS NULL OR position(lower($7) IN lower(name)) > 0)
           AND ($8::text IS NULL OR tags @> ARRAY[$8::text])
           ${state ? `AND ${inState[state]}` : ''}
         ORDER BY created_at DESC, id DESC LIMIT $5`,
        [
          call.actor.workspaceId,
          collectionId ?? null,
          after?.at ?? null,
          after?.id ?? null,
          limit + 1,
          readerOf(call),
          name ?? null,
          tag ?? null,
        ],
      )
      const items = rows.slice(0, limit)
      const last = items.at(-1)
      return {
        items: items.map(storedOf),
        nextCursor: rows.length > limit && last ? writeCursor(last.created_text, last.id) : null,
      }
    },

    find: (call, id) =>
      one(
        call,
        `SELECT * FROM documents WHERE workspace_id = $1 AND id = $2 AND status <> 'deleting'
           AND collection_id IN (${readableCollections('$1', '$3')})`,
        [id, readerOf(call)],
      ),

    add: (call, document) => connection.tenant(call.actor).transaction((tx) => add(tx, call, document)),

    async changedSince(call, since) {
      const rows = await connection.tenant(call.actor).query<Row>(
        `SELECT * FROM documents WHERE workspace_id = $1 AND updated_at > $2
           AND (import_id IS NULL OR object_key IS NOT NULL)
           AND collection_id IN (${readableCollections('$1', '$3')})
         ORDER BY updated_at LIMIT 500`,
        [call.actor.workspaceId, since.toISOString(), readerOf(call)],
      )
      return rows.map(storedOf)
    },

    async markDeleting({ actor }, ids) {
      const [column, id] = 'documentId' in ids ? ['id', ids.documentId] : ['collection_id', ids.collectionId]
      // The hash is let go at once, so that the same bytes can come again while these are being removed.
      const rows = await connection.tenant(actor).query<Row>(
        `UPDATE documents SET status = 'deleting', sha256 = 'deleting ' || id, external_id = NULL, updated_at = clock_timestamp()
         WHERE workspace_id = $1 AND ${column} = $2 RETURNING *`,
        [actor.workspaceId, id],
      )
      return rows.map(storedOf)
    },

    async remove({ actor }, ids) {
      await connection
        .tenant(actor)
        .query(`DELETE FROM documents WHERE workspace_id = $1 AND id = ANY($2::uuid[])`, [actor.workspaceId, ids])
    },

    restart: (call, id) =>
      one(
        call,
        `UPDATE documents SET status = 'received', error = NULL, attempts = 0, updated_at = clock_timestamp()
         WHERE workspace_id = $1 AND id = $2 AND status = 'failed'
           AND (object_key IS NOT NULL OR extracted_version = pending_version) RETURNING *`,
        [id],
      ),

    async pause({ actor }, ids) {
      const [column, id] = 'documentId' in ids ? ['id', ids.documentId] : ['collection_id', ids.collectionId]
      const rows = await connection.tenant(actor).query<Row>(
        `UPDATE documents SET paused_at = coalesce(paused_at, clock_timestamp()), updated_at = clock_timestamp()
         WHERE workspace_id = $1 AND ${column} = $2 AND status IN ${working} RETURNING *`,
        [actor.workspaceId, id],
      )
      return rows.map(storedOf)
    },

    async resume({ actor }, ids) {
      const [column, id] = 'documentId' in ids ? ['id', ids.documentId] : ['collection_id', ids.collectionId]
      const rows = await connection.tenant(actor).query<Row>(
        `UPDATE documents SET paused_at = NULL, attempts = 0, updated_at = clock_timestamp()
         WHERE workspace_id = $1 AND ${column} = $2 AND status IN ${working} AND paused_at IS NOT NULL RETURNING *`,
        [actor.workspaceId, id],
      )
      return rows.map(storedOf)
    },

    read: (call, id) =>
      connection.tenant(call.actor).transaction(async (tx) => {
        await beginReading(tx, call, id)
        return found(call, id, tx)
      }),

    index: (call, id) =>
      connection
        .tenant(call.actor)
        .transaction(async (tx) => ((await beginIndexing(tx, call, id)) ? await found(call, id, tx) : undefined)),

    edit: (call, id, page) =>
      connection.tenant(call.actor).transaction(async (tx) => {
        await beginEdit(tx, call, id, page)
        return found(call, id, tx)
      }),

    async begin({ actor }, id) {
      const scope = [actor.workspaceId, id]
      const begun = async () => (await connection.tenant(actor).query<WorkRow>(beginSql, scope))[0]
      const row = (await begun()) ?? ((await startAnew(connection.tenant(actor), scope)) ? await begun() : undefined)
      return row && workOf(row)
    },

    async isWanted({ actor }, { document, version, settings }) {
      const rows = await connection.tenant(actor).query(
        `SELECT 1 FROM documents WHERE workspace_id = $1 AND id = $2 AND pending_version = $3 AND status IN ${working}
           AND paused_at IS NULL AND pending_with = $4::jsonb`,
        [actor.workspaceId, document.id, version, settings],
      )
      return rows.length > 0
    },

    async unfinished() {
      const rows = await connection.system.query<Pick<Row, 'workspace_id' | 'id' | 'owner_id' | 'status'>>(
        `SELECT workspace_id, id, owner_id, status FROM documents
         WHERE (status IN ${working} AND paused_at IS NULL) OR (status = 'deleting' AND updated_at < now() - interval '1 minute')
         ORDER BY updated_at LIMIT 1000`,
      )
      return rows.map((row) => ({
        workspaceId: row.workspace_id,
        id: row.id,
        ownerId: row.owner_id,
        status: row.status,
      }))
    },

    async extracted({ actor }, { document, version }) {
      await connection.tenant(actor).query(
        `UPDATE documents SET status = 'embedding', extracted_version = pending_version, rate = NULL,
           rate_at = clock_timestamp(), updated_at = clock_timestamp()
         WHERE workspace_id = $1 AND id = $2 AND pending_version = $3 AND status = 'extracting'`,
        [actor.workspaceId, document.id, version],
      )
    },

    async describe({ actor }, { document, version }, { pagesTotal, chunksTotal, notice, documentDate }) {
      await connection.tenant(actor).query(
        `UPDATE documents SET pages_total = coalesce($4, pages_total), chunks_total = coalesce($5, chunks_total),
           notice = coalesce($6, notice), document_date = coalesce($7::timestamptz, document_date),
           updated_at = clock_timestamp()
         WHERE workspace_id = $1 AND id = $2 AND pending_version = $3`,
        [
          actor.workspaceId,
          document.id,
          version,
          pagesTotal ?? null,
          chunksTotal ?? null,
          notice ?? null,
          documentDate ?? null,
        ],
      )
    },

    async spare({ actor }, { document, version }) {
      await connection
        .tenant(actor)
        .query(
          `UPDATE documents SET attempts = greatest(attempts - 1, 0) WHERE workspace_id = $1 AND id = $2 AND pending_version = $3`,
          [actor.workspaceId, document.id, version],
        )
    },

    async fail({ actor }, { document, version }, error) {
      await connection.tenant(actor).query(
        `UPDATE documents SET status = 'failed', error = $4::jsonb, updated_at = clock_timestamp()
         WHERE workspace_id = $1 AND id = $2 AND pending_version = $3 AND status IN ${working}`,
        [actor.workspaceId, document.id, version, JSON.stringify(error)],
      )
    },
  }
}

const beginSql = `UPDATE documents d SET attempts = d.attempts + 1, pending_with = ${indexSettings('c')},
    status = CASE WHEN d.status <> 'received' THEN d.status
      WHEN d.extracted_version = d.pending_version THEN 'embedding' ELSE 'extracting' END,
    rate_at = clock_timestamp(), updated_at = clock_timestamp()
  FROM collections c
  WHERE d.workspace_id = $1 AND d.id = $2 AND d.status IN ${working} AND d.paused_at IS NULL
    AND c.workspace_id = d.workspace_id AND c.id = d.collection_id AND c.deleted_at IS NULL
    AND (d.pending_with IS NULL OR d.pending_with = ${indexSettings('c')})
  RETURNING d.*, c.embedding_model, c.chunk_profile, d.pending_with::text AS settings,
    (SELECT count(*)::int FROM document_pages p WHERE p.workspace_id = d.workspace_id AND p.document_id = d.id
      AND p.version = d.pending_version) AS pages_stored,
    (SELECT count(*)::int FROM knowledge_entries e WHERE e.workspace_id = d.workspace_id AND e.document_id = d.id
      AND e.version = d.pending_version) AS entries_stored`

/** When its collection has changed since an earlier try: what that one cut and embedded goes, the pages stay. */
const startAnew = (sql: Scope, scope: unknown[]): Promise<boolean> =>
  sql.transaction(async (tx) => {
    const [held] = await tx.query(
      `SELECT d.id FROM documents d JOIN collections c ON c.workspace_id = d.workspace_id AND c.id = d.collection_id
       WHERE d.workspace_id = $1 AND d.id = $2 AND d.status IN ${working} AND d.pending_with <> ${indexSettings('c')}
       FOR NO KEY UPDATE OF d`,
      scope,
    )
    if (!held) return false
    await tx.query(
      `DELETE FROM knowledge_entries e USING documents d
       WHERE e.workspace_id = $1 AND e.document_id = $2 AND d.workspace_id = $1 AND d.id = $2
         AND e.version = d.pending_version AND e.version > d.version`,
      scope,
    )
    await tx.query(
      `UPDATE documents SET pending_with = NULL, chunks_done = 0 WHERE workspace_id = $1 AND id = $2`,
      scope,
    )
    return true
  })

async function add(tx: Sql, call: Call, document: NewDocument) {
  const { actor } = call
  const { collectionId, externalId, name, mediaType, sizeBytes, sha256, objectKey, error } = document
  const { tags = null, documentDate = null, sourceId = null, sourceUrl = null, importId = null } = document
  // A document is held before its collection, as by whoever publishes one: the other way round, they would wait for each other.
  await knownOf(tx, call, document)
  // Held to the end, so that the collection cannot go, nor a second upload of the same bytes come between.
  const [collection] = await tx.query(
    `SELECT c.id FROM collections c WHERE c.workspace_id = $1 AND c.id = $2 AND ${isReadable('c', '$3')} FOR NO KEY UPDATE`,
    [actor.workspaceId, collectionId, readerOf(call)],
  )
  if (!collection) throw new NitroError('not_found', 'There is no such collection')
  const known = await knownOf(tx, call, document)
  if (known && known.sha256 === sha256) return { document: storedOf(known), created: false, staleObjectKey: null }

  const values = [
    name,
    mediaType,
    sizeBytes,
    sha256,
    objectKey,
    error ? 'failed' : 'received',
    error ? JSON.stringify(error) : null,
    tags,
    documentDate,
    sourceId,
    sourceUrl,
    importId,
  ]
  if (known) {
    // Entries of a newer version that was not finished belong to the old bytes.
    await dropPending(tx, call, known.id, known.version)
    const [row] = await tx.query<Row>(
      `UPDATE documents SET name = $3, media_type = $4, size_bytes = $5, sha256 = $6, object_key = $7, status = $8,
         error = $9::jsonb, tags = coalesce($10, tags), document_date = $11, source_id = coalesce($12, source_id),
         source_url = coalesce($13, source_url), notice = NULL, paused_at = NULL, pending_version = pending_version + 1,
         attempts = 0, pages_total = NULL, pages_done = 0, chunks_total = NULL, chunks_done = 0, rate = NULL,
         import_id = $14, updated_at = clock_timestamp()
       WHERE workspace_id = $1 AND id = $2 RETURNING *`,
      [actor.workspaceId, known.id, ...values],
    )
    return { document: storedOf(row!), created: true, staleObjectKey: known.object_key }
  }
  const [row] = await tx.query<Row>(
    `INSERT INTO documents (workspace_id, collection_id, owner_id, external_id, name, media_type, size_bytes, sha256, object_key, status, error,
       tags, document_date, source_id, source_url, import_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, coalesce($12, '{}'::text[]), $13, $14, $15, $16)
     RETURNING *`,
    [actor.workspaceId, collectionId, actor.userId, externalId ?? null, ...values],
  )
  return { document: storedOf(row!), created: true, staleObjectKey: null }
}

type Known = Row & { sha256: string }

/** The document that these bytes belong to: the one that they replace, that has their id, or that has the same bytes. */
async function knownOf(tx: Sql, { actor }: Call, document: NewDocument): Promise<Known | undefined> {
  const { collectionId, externalId, sha256, replace } = document
  const within = [actor.workspaceId, collectionId]
  const inCollection = `SELECT * FROM documents WHERE workspace_id = $1 AND collection_id = $2`
  if (replace !== undefined) {
    const [replaced] = await tx.query<Known>(`${inCollection} AND id = $3 AND status <> 'deleting' FOR UPDATE`, [
      ...within,
      replace,
    ])
    if (!replaced) throw new NitroError('not_found', 'There is no such document to replace')
    const [same] = await tx.query<Known>(`${inCollection} AND sha256 = $3 AND external_id IS NULL AND id <> $4`, [
      ...within,
      sha256,
      replace,
    ])
    if (same && replaced.external_id === null) {
      throw new NitroError('conflict', `The collection has the very same bytes already, as "${same.name}"`)
    }
    return replaced
  }
  const [known] = await tx.query<Known>(
    externalId === undefined
      ? `${inCollection} AND sha256 = $3 AND external_id IS NULL`
      : `${inCollection} AND external_id = $3 FOR UPDATE`,
    [...within, externalId ?? sha256],
  )
  return known
}

interface WorkRow extends Row {
  pages_stored: number
  entries_stored: number
  embedding_model: string
  chunk_profile: unknown
  settings: string
}

const workOf = (row: WorkRow): DocumentWork => ({
  embeddingModel: row.embedding_model,
  chunkProfile: ChunkProfile.parse(row.chunk_profile),
  settings: row.settings,
  document: storedOf(row),
  version: row.pending_version,
  attempts: row.attempts,
  pagesStored: row.pages_stored,
  entriesStored: row.entries_stored,
})

const storedOf = (row: Row): StoredDocument => ({
  workspaceId: row.workspace_id,
  ownerId: row.owner_id,
  objectKey: row.object_key,
  version: row.version,
  pendingVersion: row.pending_version,
  id: row.id,
  collectionId: row.collection_id,
  externalId: row.external_id,
  name: row.name,
  mediaType: row.media_type,
  sizeBytes: Number(row.size_bytes),
  status: row.status,
  error: row.error,
  notice: row.notice,
  paused: row.paused_at !== null,
  tags: row.tags,
  documentDate: row.document_date && new Date(row.document_date).toISOString(),
  language: row.language,
  sourceUrl: row.source_url,
  pagesTotal: row.pages_total,
  pagesDone: row.pages_done,
  chunksTotal: row.chunks_total,
  chunksDone: row.chunks_done,
  progress: progressOf(row),
  hasOriginal: row.object_key !== null,
  createdAt: new Date(row.created_at).toISOString(),
  updatedAt: new Date(row.updated_at).toISOString(),
})

const writeCursor = (at: string, id: string) => Buffer.from(JSON.stringify([at, id])).toString('base64url')

function readCursor(cursor: string): { at: string; id: string } {
  try {
    const [at, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [unknown, unknown]
    if (typeof at === 'string' && !Number.isNaN(Date.parse(at)) && typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id))
      return { at, id }
  } catch {
    // Said below, with the other ways of being wrong.
  }
  throw new NitroError('invalid_input', 'This cursor is not one of ours')
}
