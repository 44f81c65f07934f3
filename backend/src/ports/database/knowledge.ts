import type { PageOrigin } from '@nitroagi/shared/knowledge'
import { readableCollections, readerOf } from './collection-access.ts'
import type { Scopes, Sql } from './connection.ts'

import { listPages, listPassages, shownVersion } from './document-parts.ts'
import { comesForward } from './document-progress.ts'
import { rename } from './document-rename.ts'
import type { DocumentWork } from './documents-port.ts'
import { countedWords, wordColumns, wordsOf } from './entry-words.ts'
import type { ExtractedPage, KnowledgeRepository, NewEntry, VectorIndexes } from './knowledge-port.ts'
import { search } from './knowledge-search.ts'
import { searchText } from './lexemes.ts'
import { definingPassages } from './search-definitions.ts'
import { searchable, standings } from './search-standing.ts'
import { vectorArray, vectorAt } from './vector-array.ts'
import type { Call } from '../../call.ts'
import { titleOf } from '../../document-title.ts'

/** What `publish` is told of a version's pages; of the next one it is told anew. */
const countedPages = String.raw`(\. )?([0-9]+ of [0-9]+ pages (has|have) no text|[0-9]+ pages? (was|were) read from pictures)[^.]*`

export function createKnowledgeRepository(connection: Scopes, indexes: VectorIndexes): KnowledgeRepository {
  /** Runs `work` while the version is held; false when it is wanted no more. */
  const whileWanted = (
    call: Call,
    { document, version, settings }: DocumentWork,
    work: (tx: Sql, held: Held) => Promise<void>,
  ) =>
    connection.tenant(call.actor).transaction(async (tx) => {
      const [held] = await tx.query<Held>(
        `SELECT name, tags FROM documents WHERE workspace_id = $1 AND id = $2 AND pending_version = $3
           AND status IN ('received', 'extracting', 'embedding') AND paused_at IS NULL AND pending_with = $4::jsonb
         FOR NO KEY UPDATE`,
        [call.actor.workspaceId, document.id, version, settings],
      )
      if (!held) return false
      await work(tx, held)
      return true
    })

  return {
    savePages: (call, work, pages) =>
      whileWanted(call, work, async (tx) => {
        await insertPages(
          tx,
          call,
          pages.map((page) => ({ ...page, documentId: work.document.id, version: work.version })),
        )
        await tx.query(
          `UPDATE documents SET status = 'extracting', language = coalesce($4, language),
             ${comesForward('pages_done', '$3::int')}
           WHERE workspace_id = $1 AND id = $2`,
          [call.actor.workspaceId, work.document.id, pages.at(-1)?.number ?? 0, languageOf(pages)],
        )
      }),

    pendingPages: ({ actor }, { document, version }, after, limit) =>
      connection.tenant(actor).query(
        `SELECT number, text, label, origin FROM document_pages
         WHERE workspace_id = $1 AND document_id = $2 AND version = $3 AND number > $4 ORDER BY number LIMIT $5`,
        [actor.workspaceId, document.id, version, after, limit],
      ),

    async storedOrdinals({ actor }, { document, version }) {
      const rows = await connection
        .tenant(actor)
        .query<{ ordinal: number }>(
          `SELECT ordinal FROM knowledge_entries WHERE workspace_id = $1 AND document_id = $2 AND version = $3`,
          [actor.workspaceId, document.id, version],
        )
      return new Set(rows.map(({ ordinal }) => ordinal))
    },

    async vectors({ actor }, model, hashes) {
      const rows = await connection.tenant(actor).query<{ hash: string; vector: string }>(
        `SELECT DISTINCT ON (content_hash) encode(content_hash, 'hex') AS hash, embedding::text AS vector FROM knowledge_entries
         WHERE workspace_id = $1 AND embedding_model = $2 AND embedding IS NOT NULL
           AND content_hash IN (SELECT decode(hash, 'hex') FROM unnest($3::text[]) AS hash)`,
        [actor.workspaceId, model, hashes],
      )
      return new Map(rows.map(({ hash, vector }) => [hash, vector]))
    },

    addEntries: (call, work, model, entries) =>
      whileWanted(call, work, async (tx, { name, tags }) => {
        const { document, version } = work
        const title = titleOf(name)
        const added = await insertEntries(
          tx,
          call,
          model,
          document.collectionId,
          entries.map((entry) => ({ ...entry, documentId: document.id, version, title, tags })),
        )
        await tx.query(
          `UPDATE documents SET status = 'embedding', ${comesForward('chunks_done', 'chunks_done + $3::int')}
           WHERE workspace_id = $1 AND id = $2`,
          [call.actor.workspaceId, document.id, added],
        )
      }),

    publish: (call, work, notice) =>
      whileWanted(call, work, async (tx) => {
        const scope = [call.actor.workspaceId, work.document.id, work.version]
        await tx.query(
          `UPDATE documents d SET version = $3, indexed_with = pending_with, status = 'ready', error = NULL, attempts = 0, rate = NULL,
             notice = nullif(concat_ws('. ', nullif(regexp_replace(notice, '${countedPages}', '', 'g'), ''), $4::text), ''),
             entry_count = s.count, entry_length = s.length, updated_at = clock_timestamp(),
             chunks_total = CASE WHEN d.media_type = 'application/x-ndjson' THEN d.chunks_done ELSE s.count END
           FROM (SELECT count(*)::int AS count, coalesce(sum(length), 0) AS length FROM knowledge_entries
                 WHERE workspace_id = $1 AND document_id = $2 AND version = $3) s
           WHERE d.workspace_id = $1 AND d.id = $2`,
          [...scope, notice],
        )
        for (const table of ['knowledge_entries', 'document_pages', 'document_tables']) {
          await tx.query(`DELETE FROM ${table} WHERE workspace_id = $1 AND document_id = $2 AND version < $3`, scope)
        }
      }),

    async unchanged({ actor }, collectionId, lines) {
      const rows = await connection.tenant(actor).query<{ external_id: string; entry_count: number }>(
        `SELECT external_id, entry_count FROM documents
         JOIN unnest($3::text[], $4::text[]) AS line (external_id, sha256) USING (external_id, sha256)
         WHERE workspace_id = $1 AND collection_id = $2 AND status = 'ready'`,
        [actor.workspaceId, collectionId, lines.map((line) => line.externalId), lines.map((line) => line.sha256)],
      )
      return new Map(rows.map((row) => [row.external_id, row.entry_count]))
    },

    async saveImported(call, work, model, documents, progress) {
      const { workspaceId, userId } = call.actor
      const { collectionId } = work.document
      const staleObjectKeys: string[] = []
      const wanted = await whileWanted(call, work, async (tx) => {
        await tx.query(
          `UPDATE documents SET status = 'embedding', pages_done = $3, ${comesForward('chunks_done', '$4::int')},
             chunks_total = greatest(chunks_total, $4)
           WHERE workspace_id = $1 AND id = $2`,
          [workspaceId, work.document.id, progress.pagesDone, progress.chunksDone],
        )
        if (documents.length === 0) return
        const externalIds = documents.map((document) => document.externalId)
        const old = await tx.query<{ object_key: string | null }>(
          `SELECT object_key FROM documents WHERE workspace_id = $1 AND collection_id = $2 AND external_id = ANY($3::text[])
           FOR UPDATE`,
          [workspaceId, collectionId, externalIds],
        )
        staleObjectKeys.push(...old.flatMap((row) => row.object_key ?? []))
        const saved = await tx.query<{ id: string; external_id: string; version: number; tags: string[] }>(
          `INSERT INTO documents AS d (workspace_id, collection_id, owner_id, import_id, external_id, name, media_type,
             size_bytes, sha256, status, version, pages_total, pages_done, chunks_total, chunks_done, entry_count, indexed_with)
           SELECT $1, $2, $3, $4, l.external_id, l.name, 'text/plain', l.size, l.sha256, 'ready', 1,
             l.pages, l.pages, l.entries, l.entries, l.entries, $11::jsonb
           FROM unnest($5::text[], $6::text[], $7::int[], $8::text[], $9::int[], $10::int[])
             AS l (external_id, name, size, sha256, pages, entries)
           ON CONFLICT (workspace_id, collection_id, external_id) WHERE external_id IS NOT NULL DO UPDATE SET
             import_id = excluded.import_id, name = excluded.name, media_type = excluded.media_type,
             size_bytes = excluded.size_bytes, sha256 = excluded.sha256, object_key = NULL, status = 'ready', error = NULL,
             notice = NULL, version = d.pending_version + 1, pending_version = d.pending_version + 1,
             pages_total = excluded.pages_total, pages_done = excluded.pages_done, chunks_total = excluded.chunks_total,
             chunks_done = excluded.chunks_done, entry_count = excluded.entry_count,
             indexed_with = excluded.indexed_with, updated_at = clock_timestamp()
           RETURNING id, external_id, version, tags`,
          [
            workspaceId,
            collectionId,
            userId,
            work.document.id,
            externalIds,
            documents.map((document) => document.name),
            documents.map((document) => document.sizeBytes),
            documents.map((document) => document.sha256),
            documents.map((document) => document.pages.length),
            documents.map((document) => document.entries.length),
            work.settings,
          ],
        )
        const ids = saved.map((row) => row.id)
        for (const table of ['knowledge_entries', 'document_pages']) {
          await tx.query(`DELETE FROM ${table} WHERE workspace_id = $1 AND document_id = ANY($2::uuid[])`, [
            workspaceId,
            ids,
          ])
        }
        const byExternalId = new Map(
          saved.map((row) => [row.external_id, { documentId: row.id, version: row.version, tags: row.tags }]),
        )
        await insertPages(
          tx,
          call,
          documents.flatMap(({ externalId, pages }) =>
            pages.map((page) => ({ ...page, ...byExternalId.get(externalId)! })),
          ),
        )
        await insertEntries(
          tx,
          call,
          model,
          collectionId,
          documents.flatMap(({ externalId, name, entries }) =>
            entries.map((entry) => ({ ...entry, ...byExternalId.get(externalId)!, title: name })),
          ),
        )
        await tx.query(
          `UPDATE documents d SET entry_length = s.length
           FROM (SELECT document_id, sum(length) AS length FROM knowledge_entries
                 WHERE workspace_id = $1 AND document_id = ANY($2::uuid[]) GROUP BY document_id) s
           WHERE d.workspace_id = $1 AND d.id = s.document_id`,
          [workspaceId, ids],
        )
      })
      return { wanted, staleObjectKeys: wanted ? staleObjectKeys : [] }
    },

    async page(call, documentId, number) {
      const [row] = await connection.tenant(call.actor).query<PageRow>(
        `SELECT d.name, d.media_type, p.text, p.label, p.origin,
           (SELECT max(number) FROM document_pages
            WHERE workspace_id = p.workspace_id AND document_id = p.document_id AND version = p.version) AS total
         FROM documents d JOIN document_pages p
           ON p.workspace_id = d.workspace_id AND p.document_id = d.id AND p.version = ${shownVersion('d')}
         WHERE d.workspace_id = $1 AND d.id = $2 AND d.status <> 'deleting' AND p.number = $3
           AND d.collection_id IN (${readableCollections('$1', '$4')})`,
        [call.actor.workspaceId, documentId, number, readerOf(call)],
      )
      return (
        row && {
          documentId,
          name: row.name,
          mediaType: row.media_type,
          page: number,
          pagesTotal: row.total,
          label: row.label,
          origin: row.origin,
          text: row.text,
        }
      )
    },

    pages: (call, documentId, asked) => listPages(connection.tenant(call.actor), call, documentId, asked),
    passages: (call, documentId, asked) => listPassages(connection.tenant(call.actor), call, documentId, asked),

    rename: (call, documentId, change) =>
      connection.tenant(call.actor).transaction((tx) => rename(tx, call, documentId, change)),

    search: (call, query) => search(connection, indexes, call, query),
    standings: (call, ...about) => standings(connection.tenant(call.actor), call, ...about),
    definingPassages: (call, ...about) => definingPassages(connection.tenant(call.actor), call, ...about),
    searchable: (call, ...about) => searchable(connection.tenant(call.actor), call, ...about),
  }
}

/** What is held of a document while something is written for it. */
interface Held {
  name: string
  tags: string[]
}

interface PageRow {
  name: string
  media_type: string
  text: string
  total: number
  label: string | null
  origin: PageOrigin
}

/** Guessed from how the document begins; null for what goes on, and for what is no language that is known. */
function languageOf(pages: readonly ExtractedPage[]): string | null {
  if (pages[0]?.number !== 1) return null
  const beginning = pages.map(({ text }) => text).join(' ')
  const { config } = searchText(beginning.slice(0, 4_000))
  return config === 'simple' ? null : config
}

type Located<Item> = Item & { documentId: string; version: number }

async function insertPages(tx: Sql, { actor }: Call, pages: Located<ExtractedPage>[]): Promise<void> {
  await tx.query(
    `INSERT INTO document_pages (workspace_id, document_id, version, number, text, label, origin, confidence, note)
     SELECT $1, * FROM unnest($2::uuid[], $3::int[], $4::int[], $5::text[], $6::text[], $7::text[], $8::real[], $9::text[])
     ON CONFLICT (workspace_id, document_id, version, number) DO NOTHING`,
    [
      actor.workspaceId,
      pages.map((page) => page.documentId),
      pages.map((page) => page.version),
      pages.map((page) => page.number),
      pages.map((page) => page.text),
      pages.map((page) => page.label ?? null),
      pages.map((page) => page.origin ?? 'text'),
      pages.map((page) => page.confidence ?? null),
      pages.map((page) => page.note ?? null),
    ],
  )
}

/** Gives how many were not there yet. */
async function insertEntries(
  tx: Sql,
  { actor }: Call,
  model: string,
  collectionId: string,
  entries: Located<NewEntry & { title: string; tags: readonly string[] }>[],
): Promise<number> {
  const { bytes, dimensions } = vectorArray(entries.map(({ embedding }) => embedding))
  const inserted = await tx.query(
    `INSERT INTO knowledge_entries (workspace_id, collection_id, embedding_model, document_id, version, ordinal, page,
       start_offset, end_offset, content, source, tags, embedding, content_hash, lexemes, frequencies, length)
     SELECT $1, $2, $3, n.document_id, n.version, n.ordinal, n.page, n.start_offset, n.end_offset, n.content,
       n.source::jsonb, string_to_array(n.tags, E'\n'), ${vectorAt('$4', '$5', 'n.at')}, decode(n.hash, 'hex'),
       l.lexemes, l.frequencies, l.length
     FROM unnest($6::uuid[], $7::int[], $8::int[], $9::int[], $10::int[], $11::int[], $12::text[], $13::text[], $14::text[],
         $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[]) WITH ORDINALITY
       AS n (document_id, version, ordinal, page, start_offset, end_offset, content, source, tags, hash, ${wordColumns}, at),
       ${countedWords('n')} l
     ON CONFLICT (workspace_id, document_id, version, ordinal) DO NOTHING RETURNING ordinal`,
    [
      actor.workspaceId,
      collectionId,
      model,
      bytes,
      dimensions,
      entries.map((entry) => entry.documentId),
      entries.map((entry) => entry.version),
      entries.map((entry) => entry.ordinal),
      entries.map((entry) => entry.page),
      entries.map((entry) => entry.start),
      entries.map((entry) => entry.end),
      entries.map((entry) => entry.content),
      entries.map((entry) => JSON.stringify(entry.heading ? { heading: entry.heading } : {})),
      entries.map((entry) => entry.tags.join('\n')),
      entries.map((entry) => entry.contentHash ?? null),
      ...wordsOf(entries),
    ],
  )
  return inserted.length
}
