import type { SearchHit } from '@nitroagi/shared/knowledge'
import { readableCollections, readerOf } from './collection-access.ts'
import type { Scopes } from './connection.ts'
import type { StoredTable, TablesRepository } from './tables-port.ts'

interface TableRow {
  document_id: string
  version: number
  number: number
  description: Omit<StoredTable, 'documentId' | 'title' | 'mediaType' | 'version' | 'objectKey' | 'number'>
  name: string
  media_type: string
  object_key: string
}

interface EntryRow {
  id: string
  collection_id: string
  external_id: string | null
  name: string
  media_type: string
  content: string
  start_offset: number
  end_offset: number
}

/** Tables of the version that search sees, in collections that are asked for. */
const readable = `FROM document_tables t
  JOIN documents d ON d.workspace_id = t.workspace_id AND d.id = t.document_id AND d.version = t.version
  WHERE t.workspace_id = $1 AND d.status <> 'deleting' AND d.object_key IS NOT NULL AND d.pending_version = d.version
    AND ($2::uuid[] IS NULL OR d.collection_id = ANY($2::uuid[])) AND d.collection_id IN (${readableCollections('$1', '$3')})`

export function createTablesRepository({ tenant }: Scopes): TablesRepository {
  return {
    async save({ actor }, { document, version }, tables) {
      await tenant(actor).transaction(async (tx) => {
        const scope = [actor.workspaceId, document.id, version]
        await tx.query(
          `DELETE FROM document_tables WHERE workspace_id = $1 AND document_id = $2 AND version = $3`,
          scope,
        )
        await tx.query(
          `INSERT INTO document_tables (workspace_id, document_id, version, number, description)
           SELECT $1, $2, $3, t.number, t.description::jsonb FROM unnest($4::int[], $5::text[]) AS t (number, description)`,
          [
            ...scope,
            tables.map(({ number }) => number),
            tables.map(({ number: _, ...description }) => JSON.stringify(description)),
          ],
        )
      })
    },

    async list(call, collectionIds, limit) {
      const rows = await tenant(call.actor).query<TableRow>(
        `SELECT t.document_id, t.version, t.number, t.description, d.name, d.media_type, d.object_key ${readable}
         ORDER BY d.created_at DESC, d.id, t.number LIMIT $4`,
        [call.actor.workspaceId, collectionIds ?? null, readerOf(call), limit],
      )
      return rows.map((row) => ({
        ...row.description,
        number: row.number,
        documentId: row.document_id,
        title: row.name,
        mediaType: row.media_type,
        version: row.version,
        objectKey: row.object_key,
      }))
    },

    async exists(call, collectionIds) {
      const [row] = await tenant(call.actor).query<{ present: boolean }>(
        `SELECT EXISTS (SELECT ${readable}) AS present`,
        [call.actor.workspaceId, collectionIds ?? null, readerOf(call)],
      )
      return row?.present ?? false
    },

    async passageAt(call, { documentId, version }, { page, offset }) {
      const [row] = await tenant(call.actor).query<EntryRow>(
        `SELECT e.id, e.collection_id, e.content, e.start_offset, e.end_offset, d.external_id, d.name, d.media_type
         FROM knowledge_entries e
         JOIN documents d ON d.workspace_id = e.workspace_id AND d.id = e.document_id AND d.version = e.version
         WHERE e.workspace_id = $1 AND e.document_id = $2 AND e.version = $3 AND e.page = $4 AND e.start_offset <= $5
           AND d.status <> 'deleting' AND d.collection_id IN (${readableCollections('$1', '$6')})
         ORDER BY e.start_offset DESC LIMIT 1`,
        [call.actor.workspaceId, documentId, version, page, offset, readerOf(call)],
      )
      return row && hitOf(row, documentId, page)
    },
  }
}

/** Found by its place and not by a search, so no leg has scored it. */
const hitOf = (row: EntryRow, documentId: string, page: number): SearchHit => ({
  entryId: row.id,
  documentId,
  externalId: row.external_id,
  collectionId: row.collection_id,
  title: row.name,
  mediaType: row.media_type,
  content: row.content,
  page,
  start: row.start_offset,
  end: row.end_offset,
  score: 1,
  scores: { lexical: null, vector: null },
})
