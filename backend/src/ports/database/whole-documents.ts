import { readableCollections, readerOf } from './collection-access.ts'
import type { Scopes } from './connection.ts'
import type { WholeDocuments } from './whole-documents-port.ts'

interface DocumentRow {
  id: string
  name: string
  collection_id: string
  pages: number
  entry_count: number
  version: number
}

interface EntryRow {
  id: string
  ordinal: number
  content: string
  page: number
  start_offset: number
  end_offset: number
  collection_id: string
  external_id: string | null
  name: string
  media_type: string
}

/** A document that a newer version is being made of is ready at the older one. */
const readable = `d.workspace_id = $1 AND d.status <> 'deleting' AND d.version > 0 AND d.entry_count > 0
  AND d.collection_id IN (${readableCollections('$1', '$2')})`

export function createWholeDocuments(connection: Scopes): WholeDocuments {
  return {
    async named(call, { words, collectionIds, limit }) {
      const rows = await connection.tenant(call.actor).query<DocumentRow>(
        `SELECT d.id, d.name, d.collection_id, coalesce(d.pages_total, 1) AS pages, d.entry_count, d.version
         FROM documents d
         WHERE ${readable} AND ($3::uuid[] IS NULL OR d.collection_id = ANY($3::uuid[]))
           AND (cardinality($4::text[]) = 0 OR d.name LIKE ANY($4::text[]))
         ORDER BY d.created_at DESC, d.id LIMIT $5`,
        [call.actor.workspaceId, readerOf(call), collectionIds ?? null, words.flatMap(spellings), limit],
      )
      return rows.map((row) => ({
        id: row.id,
        title: row.name,
        collectionId: row.collection_id,
        pages: row.pages,
        passages: row.entry_count,
        version: row.version,
      }))
    },

    async passages(call, { id, version }, { after, limit }) {
      const rows = await connection.tenant(call.actor).query<EntryRow>(
        `SELECT e.id, e.ordinal, e.content, e.page, e.start_offset, e.end_offset, e.collection_id, d.external_id, d.name,
           d.media_type
         FROM documents d JOIN knowledge_entries e
           ON e.workspace_id = d.workspace_id AND e.document_id = d.id AND e.version = d.version
         WHERE ${readable} AND d.id = $3 AND d.version = $4 AND e.ordinal > $5
         ORDER BY e.ordinal LIMIT $6`,
        [call.actor.workspaceId, readerOf(call), id, version, after, limit],
      )
      return rows.map((row) => ({
        ordinal: row.ordinal,
        entryId: row.id,
        documentId: id,
        externalId: row.external_id,
        collectionId: row.collection_id,
        title: row.name,
        mediaType: row.media_type,
        content: row.content,
        page: row.page,
        start: row.start_offset,
        end: row.end_offset,
        // Nothing was searched for.
        score: 0,
        scores: { lexical: null, vector: null },
      }))
    },
  }
}

/** A database's own lower case may know the Latin letters only. */
function spellings(word: string): string[] {
  const lower = word.toLowerCase()
  const variants = [word, lower, word.toUpperCase(), lower.charAt(0).toUpperCase() + lower.slice(1)]
  return [...new Set(variants.flatMap((spelling) => [spelling.normalize('NFC'), spelling.normalize('NFD')]))].map(
    (spelling) => `%${spelling.replace(/[\\%_]/g, (character) => `\\${character}`)}%`,
  )
}
