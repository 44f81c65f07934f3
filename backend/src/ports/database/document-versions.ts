import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../../call.ts'
import type { Sql } from './connection.ts'

interface Held {
  status: string
  version: number
  pending_version: number
  extracted_version: number
  object_key: string | null
}

const working = ['received', 'extracting', 'embedding']

/** What is to be read from its bytes once more, from the first page on. */
export async function beginReading(tx: Sql, call: Call, id: string): Promise<void> {
  const held = await hold(tx, call, id)
  checkIdle(held)
  if (held.object_key === null) {
    throw new NitroError('conflict', 'The bytes of this document are not kept, so it cannot be read again')
  }
  await dropPending(tx, call, id, held.version)
  await tx.query(
    `UPDATE documents SET status = 'received', pages_total = NULL, pages_done = 0, notice = NULL, ${fresh}
     WHERE workspace_id = $1 AND id = $2`,
    [call.actor.workspaceId, id],
  )
}

/** A version of the same pages, to be cut up and embedded anew. False when there are no pages to make it of. */
export async function beginIndexing(tx: Sql, call: Call, id: string): Promise<boolean> {
  const held = await hold(tx, call, id)
  if (working.includes(held.status)) return false
  // The pages of a newer version that failed after all of them had been read are the ones that are wanted.
  const from = held.extracted_version === held.pending_version ? held.pending_version : held.version
  if (from === 0 || (held.status === 'failed' && from !== held.pending_version)) return false
  // An import has none: its documents are made anew one by one.
  if ((await copyPages(tx, call, id, from, held.pending_version + 1)) === 0) return false
  await dropPending(tx, call, id, held.version, held.pending_version + 1)
  await tx.query(
    `UPDATE documents SET status = 'embedding', extracted_version = pending_version + 1, ${fresh}
     WHERE workspace_id = $1 AND id = $2`,
    [call.actor.workspaceId, id],
  )
  return true
}

/** A version in which one page has another text. */
export async function beginEdit(tx: Sql, call: Call, id: string, page: { number: number; text: string }) {
  const held = await hold(tx, call, id)
  checkIdle(held)
  if (held.status === 'failed') {
    throw new NitroError(
      'conflict',
      'The newest version of this document failed. Try it again before you change a page.',
    )
  }
  const pending = held.pending_version + 1
  await copyPages(tx, call, id, held.version, pending)
  const [edited] = await tx.query(
    `UPDATE document_pages SET text = $5, origin = 'edited', confidence = NULL, note = NULL
     WHERE workspace_id = $1 AND document_id = $2 AND version = $3 AND number = $4 RETURNING number`,
    [call.actor.workspaceId, id, pending, page.number, page.text],
  )
  if (!edited) throw new NitroError('not_found', 'There is no such page')
  await tx.query(
    `UPDATE documents SET status = 'embedding', extracted_version = pending_version + 1, ${fresh}
     WHERE workspace_id = $1 AND id = $2`,
    [call.actor.workspaceId, id],
  )
}

/** What a version begins with. */
const fresh = `pending_version = pending_version + 1, pending_with = NULL, attempts = 0, error = NULL, paused_at = NULL,
  chunks_total = NULL, chunks_done = 0, rate = NULL, rate_at = NULL, updated_at = clock_timestamp()`

async function hold(tx: Sql, { actor }: Call, id: string): Promise<Held> {
  const [held] = await tx.query<Held>(
    `SELECT status, version, pending_version, extracted_version, object_key FROM documents
     WHERE workspace_id = $1 AND id = $2 AND status <> 'deleting' FOR NO KEY UPDATE`,
    [actor.workspaceId, id],
  )
  if (!held) throw new NitroError('not_found', 'There is no such document')
  return held
}

function checkIdle({ status }: Held): void {
  if (!working.includes(status)) return
  throw new NitroError(
    'conflict',
    'This document is being read right now. Wait until it is ready, or pause or delete it.',
  )
}

/** Gives how many there are. */
async function copyPages(tx: Sql, { actor }: Call, id: string, from: number, to: number): Promise<number> {
  const scope = [actor.workspaceId, id, from, to]
  const pages = await tx.query(
    `INSERT INTO document_pages (workspace_id, document_id, version, number, text, label, origin, confidence, note)
     SELECT workspace_id, document_id, $4, number, text, label, origin, confidence, note FROM document_pages
     WHERE workspace_id = $1 AND document_id = $2 AND version = $3 RETURNING number`,
    scope,
  )
  await tx.query(
    `INSERT INTO document_tables (workspace_id, document_id, version, number, description)
     SELECT workspace_id, document_id, $4, number, description FROM document_tables
     WHERE workspace_id = $1 AND document_id = $2 AND version = $3`,
    scope,
  )
  return pages.length
}

/** What versions above the one that search sees have left, but for one that is just being made. */
export async function dropPending(tx: Sql, { actor }: Call, id: string, visible: number, except = 0): Promise<void> {
  for (const table of ['knowledge_entries', 'document_pages', 'document_tables']) {
    await tx.query(
      `DELETE FROM ${table} WHERE workspace_id = $1 AND document_id = $2 AND version > $3 AND version <> $4`,
      [actor.workspaceId, id, visible, except],
    )
  }
}
