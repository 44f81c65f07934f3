import type { Call } from '../../call.ts'
import type { Sql } from './connection.ts'
import { dropPending } from './document-versions.ts'
import { indexSettings, isNoImport, reindexable } from './index-settings.ts'

const working = `('received', 'extracting', 'embedding')`

/**
 * Gives the collection the settings back that most of its documents still have that are not made anew. Those of them whose
 * new version holds nothing but other passages are ready again at once; `check` throws when the model may not be used.
 * False when there is nothing to go back to.
 */
export async function goBack(
  tx: Sql,
  call: Call,
  id: string,
  check: (embeddingModel: string) => void,
): Promise<boolean> {
  const scope = [call.actor.workspaceId, id]
  // Documents before their collection, as whoever publishes one holds them.
  await tx.query(
    `SELECT id FROM documents WHERE workspace_id = $1 AND collection_id = $2 AND status IN ('failed', 'received', 'extracting', 'embedding')
     ORDER BY id FOR NO KEY UPDATE`,
    scope,
  )
  const [former] = await tx.query<{ settings: string | null; model: string }>(
    `SELECT settings::text, settings->>'model' AS model FROM (
       SELECT mode() WITHIN GROUP (ORDER BY d.indexed_with) AS settings
       FROM documents d JOIN collections c ON c.workspace_id = d.workspace_id AND c.id = d.collection_id
       WHERE d.workspace_id = $1 AND d.collection_id = $2 AND c.deleted_at IS NULL AND d.indexed_with <> ${indexSettings('c')}
         AND ${unfinished('d')} AND ${isNoImport('d')}) AS most`,
    scope,
  )
  if (!former?.settings) return false
  check(former.model)
  await tx.query(
    `UPDATE collections SET embedding_model = $3::jsonb->>'model', chunk_profile = $3::jsonb->'profile',
       version = version + 1, updated_at = now()
     WHERE workspace_id = $1 AND id = $2`,
    [...scope, former.settings],
  )
  await dropVersions(tx, call, id, former.settings)
  await giveUpOtherwiseMade(tx, call, id)
  return true
}

/** What is being made with other settings than the collection's is begun again by the next look at it. */
export async function giveUpOtherwiseMade(tx: Sql, { actor }: Call, id: string): Promise<void> {
  await tx.query(
    `UPDATE documents d SET pending_with = '{}' FROM collections c
     WHERE d.workspace_id = $1 AND d.collection_id = $2 AND c.workspace_id = $1 AND c.id = $2
       AND d.status IN ${working} AND d.pending_with <> ${indexSettings('c')}`,
    [actor.workspaceId, id],
  )
}

/** Search sees a version that was made with something else; or the next, of the same pages, has failed. */
const unfinished = (document: string) =>
  `(${reindexable(document)} OR ${document}.version > 0 AND ${document}.status = 'failed' AND ${isReindexed(document)})`

/** Whether every page of the pending version is there: then only their passages are being made. */
const isReindexed = (document: string) =>
  `${document}.extracted_version = ${document}.pending_version AND ${document}.pending_version > ${document}.version`

const sameRows = (table: string, columns: string) => {
  const rows = (version: string) =>
    `(SELECT ${columns} FROM ${table} t WHERE t.workspace_id = d.workspace_id AND t.document_id = d.id AND t.version = ${version})`
  const [shown, pending] = [rows('d.version'), rows('d.pending_version')]
  return `NOT EXISTS (${shown} EXCEPT ${pending}) AND NOT EXISTS (${pending} EXCEPT ${shown})`
}

/** A page that was put right meanwhile, or another file, is not lost: its version is made with the settings of before. */
async function dropVersions(tx: Sql, call: Call, id: string, settings: string): Promise<void> {
  const documents = await tx.query<{ id: string; version: number }>(
    `SELECT d.id, d.version FROM documents d
     WHERE d.workspace_id = $1 AND d.collection_id = $2 AND d.version > 0 AND d.indexed_with = $3::jsonb
       AND d.status IN ('failed', 'received', 'extracting', 'embedding') AND ${isReindexed('d')} AND ${isNoImport('d')}
       AND ${sameRows('document_pages', 't.number, t.text, t.label, t.origin, t.confidence, t.note')}
       AND ${sameRows('document_tables', 't.number, t.description')}`,
    [call.actor.workspaceId, id, settings],
  )
  for (const { id: documentId, version } of documents) await dropPending(tx, call, documentId, version)
  await tx.query(
    `UPDATE documents SET status = 'ready', pending_version = version, extracted_version = version, pending_with = indexed_with,
       attempts = 0, error = NULL, paused_at = NULL, chunks_total = entry_count, chunks_done = entry_count, rate = NULL,
       rate_at = NULL, updated_at = clock_timestamp()
     WHERE workspace_id = $1 AND id = ANY($2::uuid[])`,
    [call.actor.workspaceId, documents.map((document) => document.id)],
  )
}
