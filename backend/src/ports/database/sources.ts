import {
  type Source,
  type SourceCounters,
  type SourceKind,
  type SourcePageState,
  SourceSettings,
} from '@nitroagi/shared/sources'
import type { Call } from '../../call.ts'
import { readableCollections, readerOf } from './collection-access.ts'
import type { Scopes } from './connection.ts'
import type { PageOutcome, QueuedPage, RoundProgress, SourcesRepository, StoredSource } from './sources-port.ts'

interface Row {
  workspace_id: string
  id: string
  collection_id: string
  owner_id: string
  kind: SourceKind
  url: string
  root: string | null
  etag: string | null
  last_modified: string | null
  name: string
  settings: unknown
  schedule_hours: number | null
  status: Source['status']
  paused: boolean
  error: { code: string; message: string } | null
  notice: string | null
  failures: number
  round: number
  last_fetched_at: Date | null
  next_fetch_at: Date | null
  created_at: Date
  document_count: number
  counters: SourceCounters
}

// What a round did is counted from its pages, so that no cut can make the figures wrong.
const columns = `s.*,
  (SELECT count(*)::int FROM documents d WHERE d.workspace_id = s.workspace_id AND d.source_id = s.id
    AND d.status <> 'deleting') AS document_count,
  (SELECT jsonb_build_object('found', count(*), 'done', count(*) FILTER (WHERE p.outcome <> 'queued'),
     'added', count(*) FILTER (WHERE p.outcome = 'added'), 'changed', count(*) FILTER (WHERE p.outcome = 'changed'),
     'unchanged', count(*) FILTER (WHERE p.outcome = 'unchanged'),
     'removed', count(*) FILTER (WHERE p.outcome = 'removed'),
     'skipped', count(*) FILTER (WHERE p.outcome = 'skipped'), 'failed', count(*) FILTER (WHERE p.outcome = 'failed'))
   FROM source_pages p WHERE p.workspace_id = s.workspace_id AND p.source_id = s.id AND p.round = s.round) AS counters`

interface PageRow {
  url: string
  depth: number
  etag: string | null
  last_modified: string | null
  text_hash: string | null
  document_id: string | null
  misses: number
}

const pageColumns = `p.url, p.depth, p.misses, d.id AS document_id,
  CASE WHEN d.id IS NOT NULL THEN p.etag END AS etag, CASE WHEN d.id IS NOT NULL THEN p.last_modified END AS last_modified,
  CASE WHEN d.id IS NOT NULL THEN p.text_hash END AS text_hash`
/** A document that failed, was deleted by hand or came from another source is no reason to leave the page alone. */
const pageTables = `source_pages p LEFT JOIN documents d ON d.workspace_id = p.workspace_id AND d.id = p.document_id
  AND d.source_id = p.source_id AND d.status NOT IN ('deleting', 'failed')`

export function createSourcesRepository(connection: Scopes): SourcesRepository {
  async function find(call: Call, id: string): Promise<StoredSource | undefined> {
    const [row] = await connection.tenant(call.actor).query<Row>(
      `SELECT ${columns} FROM sources s WHERE s.workspace_id = $1 AND s.id = $2
         AND s.collection_id IN (${readableCollections('$1', '$3')})`,
      [call.actor.workspaceId, id, readerOf(call)],
    )
    return row && storedOf(row)
  }

  return {
    find,

    async list(call, collectionId) {
      const rows = await connection.tenant(call.actor).query<Row>(
        `SELECT ${columns} FROM sources s WHERE s.workspace_id = $1 AND s.collection_id = $2
           AND s.collection_id IN (${readableCollections('$1', '$3')}) ORDER BY s.created_at DESC, s.id`,
        [call.actor.workspaceId, collectionId, readerOf(call)],
      )
      return rows.map(storedOf)
    },

    async create(call, collectionId, { kind, url, settings, scheduleHours }) {
      const { workspaceId, userId } = call.actor
      const [row] = await connection.tenant(call.actor).query<{ id: string }>(
        `INSERT INTO sources (workspace_id, collection_id, owner_id, kind, url, name, settings, schedule_hours)
         VALUES ($1, $2, $3, $4, $5, $5, $6::jsonb, $7)
         ON CONFLICT (workspace_id, collection_id, kind, url) DO NOTHING RETURNING id`,
        [workspaceId, collectionId, userId, kind, url, JSON.stringify(settings), scheduleHours],
      )
      return row && find(call, row.id)
    },

    async change(call, id, { scheduleHours, paused, settings }) {
      await connection.tenant(call.actor).query(
        `UPDATE sources SET settings = coalesce($3::jsonb, settings),
           schedule_hours = CASE WHEN $4 THEN $5::int ELSE schedule_hours END,
           next_fetch_at = CASE WHEN NOT $4 THEN next_fetch_at WHEN $5::int IS NULL THEN NULL
             ELSE coalesce(last_fetched_at, now()) + make_interval(hours => $5::int) END,
           paused = coalesce($6::boolean, paused),
           failures = CASE WHEN $6::boolean IS FALSE THEN 0 ELSE failures END,
           status = CASE WHEN $6::boolean IS FALSE AND status = 'failed' THEN 'waiting' ELSE status END
         WHERE workspace_id = $1 AND id = $2`,
        [
          call.actor.workspaceId,
          id,
          settings === undefined ? null : JSON.stringify(settings),
          scheduleHours !== undefined,
          scheduleHours ?? null,
          paused ?? null,
        ],
      )
      return find(call, id)
    },

    remove: ({ actor }, id) =>
      connection.tenant(actor).transaction(async (tx) => {
        await tx.query(`DELETE FROM sources WHERE workspace_id = $1 AND id = $2`, [actor.workspaceId, id])
        await tx.query(`UPDATE documents SET source_id = NULL WHERE workspace_id = $1 AND source_id = $2`, [
          actor.workspaceId,
          id,
        ])
      }),

    async documentIds({ actor }, id) {
      const rows = await connection
        .tenant(actor)
        .query<{ id: string }>(
          `SELECT id FROM documents WHERE workspace_id = $1 AND source_id = $2 AND status <> 'deleting'`,
          [actor.workspaceId, id],
        )
      return rows.map((row) => row.id)
    },

    async pages(call, id, { limit, cursor }) {
      const after = Number.isSafeInteger(Number(cursor)) ? Number(cursor) : 0
      const rows = await connection.tenant(call.actor).query<{
        url: string
        outcome: PageOutcome | 'queued'
        reason: string | null
        document_id: string | null
        fetched_at: Date | null
        ordinal: string | number
      }>(
        `SELECT p.url, p.outcome, p.reason, p.fetched_at, p.ordinal, d.id AS document_id
         FROM sources s JOIN source_pages p ON p.workspace_id = s.workspace_id AND p.source_id = s.id
         LEFT JOIN documents d ON d.workspace_id = p.workspace_id AND d.id = p.document_id AND d.status <> 'deleting'
         WHERE s.workspace_id = $1 AND s.id = $2 AND p.ordinal > $3
           AND s.collection_id IN (${readableCollections('$1', '$5')}) ORDER BY p.ordinal LIMIT $4`,
        [call.actor.workspaceId, id, after, limit + 1, readerOf(call)],
      )
      const items = rows.slice(0, limit)
      return {
        items: items.map((row) => ({
          url: row.url,
          state: states[row.outcome],
          reason: row.reason,
          documentId: row.document_id,
          fetchedAt: row.fetched_at && new Date(row.fetched_at).toISOString(),
        })),
        nextCursor: rows.length > limit ? String(items.at(-1)!.ordinal) : null,
      }
    },

    async wake({ actor }, id) {
      await connection
        .tenant(actor)
        .query(`UPDATE sources SET status = 'waiting' WHERE workspace_id = $1 AND id = $2 AND status <> 'fetching'`, [
          actor.workspaceId,
          id,
        ])
    },

    async due() {
      await connection.system.query(
        `UPDATE sources SET status = 'waiting'
         WHERE status IN ('ready', 'failed') AND NOT paused AND next_fetch_at <= now()`,
      )
      const rows = await connection.system.query<Pick<Row, 'workspace_id' | 'id' | 'owner_id'>>(
        `SELECT workspace_id, id, owner_id FROM sources WHERE status IN ('waiting', 'fetching') AND NOT paused
         ORDER BY next_fetch_at NULLS FIRST LIMIT 1000`,
      )
      return rows.map((row) => ({ workspaceId: row.workspace_id, id: row.id, ownerId: row.owner_id }))
    },

    async begin(call, id) {
      const [row] = await connection.tenant(call.actor).query<{ is_new: boolean; round_started_at: Date }>(
        `UPDATE sources s SET status = 'fetching', round_open = true, round = CASE WHEN s.round_open THEN s.round ELSE s.round + 1 END,
           round_started_at = CASE WHEN s.round_open THEN s.round_started_at ELSE clock_timestamp() END
         FROM (SELECT id, round_open FROM sources WHERE workspace_id = $1 AND id = $2 FOR UPDATE) before
         WHERE s.workspace_id = $1 AND s.id = before.id AND s.status IN ('waiting', 'fetching') AND NOT s.paused
         RETURNING NOT before.round_open AS is_new, s.round_started_at`,
        [call.actor.workspaceId, id],
      )
      const source = row && (await find(call, id))
      return source && { source, isNewRound: row.is_new, roundStartedAt: new Date(row.round_started_at) }
    },

    async progress({ actor }, { id, round }) {
      const [row] = await connection.tenant(actor).query<RoundProgress>(
        `SELECT count(*) FILTER (WHERE p.outcome IN ('added', 'changed', 'unchanged'))::int AS documents,
           count(*) FILTER (WHERE p.outcome = 'failed')::int AS failed,
           count(*) FILTER (WHERE p.outcome <> 'queued')::int AS settled
         FROM sources s LEFT JOIN source_pages p
           ON p.workspace_id = s.workspace_id AND p.source_id = s.id AND p.round = s.round
         WHERE s.workspace_id = $1 AND s.id = $2 AND s.round = $3 AND s.round_open AND NOT s.paused GROUP BY s.id`,
        [actor.workspaceId, id, round],
      )
      return row
    },

    async describe({ actor }, { id }, { root, name, etag, lastModified }) {
      await connection.tenant(actor).query(
        `UPDATE sources SET root = coalesce($3, root), name = coalesce($4, name),
           etag = CASE WHEN $5 THEN $6 ELSE etag END, last_modified = CASE WHEN $7 THEN $8 ELSE last_modified END
         WHERE workspace_id = $1 AND id = $2`,
        [
          actor.workspaceId,
          id,
          root ?? null,
          name ?? null,
          etag !== undefined,
          etag ?? null,
          lastModified !== undefined,
          lastModified ?? null,
        ],
      )
    },

    async queue({ actor }, { id, round }, pages, pagesAtMost) {
      await connection.tenant(actor).query(
        `INSERT INTO source_pages AS p (workspace_id, source_id, url, depth, round)
         SELECT $1, $2, n.url, n.depth, $3 FROM unnest($4::text[], $5::int[]) WITH ORDINALITY AS n (url, depth, at)
         WHERE EXISTS (SELECT 1 FROM sources WHERE workspace_id = $1 AND id = $2)
         ORDER BY n.at
         LIMIT greatest(0, $6 - (SELECT count(*) FROM source_pages WHERE workspace_id = $1 AND source_id = $2 AND round = $3))
         ON CONFLICT (workspace_id, source_id, url) DO UPDATE SET round = excluded.round, depth = excluded.depth,
           outcome = 'queued', reason = NULL WHERE p.round < excluded.round`,
        [actor.workspaceId, id, round, pages.map(({ url }) => url), pages.map(({ depth }) => depth), pagesAtMost],
      )
    },

    async queueKnown({ actor }, { id, round }) {
      await connection.tenant(actor).query(
        `UPDATE source_pages SET round = $3, outcome = 'queued', reason = NULL
         WHERE workspace_id = $1 AND source_id = $2 AND round < $3 AND outcome <> 'removed'`,
        [actor.workspaceId, id, round],
      )
    },

    async next({ actor }, { id, round }) {
      const [row] = await connection.tenant(actor).query<PageRow>(
        `SELECT ${pageColumns} FROM ${pageTables}
         WHERE p.workspace_id = $1 AND p.source_id = $2 AND p.round = $3 AND p.outcome = 'queued'
         ORDER BY p.depth, p.ordinal LIMIT 1`,
        [actor.workspaceId, id, round],
      )
      return row && pageOf(row)
    },

    async known({ actor }, { id, round }, url) {
      const [row] = await connection.tenant(actor).query<PageRow & { is_settled: boolean }>(
        `SELECT ${pageColumns}, p.round = $4 AND p.outcome <> 'queued' AS is_settled FROM ${pageTables}
         WHERE p.workspace_id = $1 AND p.source_id = $2 AND p.url = $3`,
        [actor.workspaceId, id, url, round],
      )
      return row && { ...pageOf(row), isSettled: row.is_settled }
    },

    async settle({ actor }, { id, round }, page) {
      const rows = await connection.tenant(actor).query(
        `INSERT INTO source_pages AS p (workspace_id, source_id, url, depth, round, outcome, reason, etag, last_modified,
           text_hash, document_id, misses, fetched_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::uuid, coalesce($12::int, 0), clock_timestamp()
         WHERE EXISTS (SELECT 1 FROM sources WHERE workspace_id = $1 AND id = $2)
         ON CONFLICT (workspace_id, source_id, url) DO UPDATE SET round = excluded.round, outcome = excluded.outcome,
           reason = excluded.reason, fetched_at = excluded.fetched_at,
           etag = CASE WHEN $13 THEN excluded.etag ELSE p.etag END,
           last_modified = CASE WHEN $14 THEN excluded.last_modified ELSE p.last_modified END,
           text_hash = CASE WHEN $15 THEN excluded.text_hash ELSE p.text_hash END,
           document_id = CASE WHEN $16 THEN excluded.document_id ELSE p.document_id END,
           misses = coalesce($12::int, p.misses)
         RETURNING 1`,
        [
          actor.workspaceId,
          id,
          page.url,
          page.depth ?? 0,
          round,
          page.outcome,
          page.reason ?? null,
          page.etag ?? null,
          page.lastModified ?? null,
          page.textHash ?? null,
          page.documentId ?? null,
          page.misses ?? null,
          page.etag !== undefined,
          page.lastModified !== undefined,
          page.textHash !== undefined,
          page.documentId !== undefined,
        ],
      )
      return rows.length > 0
    },

    async finish({ actor }, { id, round }, { error, notice, failures, paused, nextFetchAt }) {
      await connection.tenant(actor).query(
        `UPDATE sources SET round_open = false, status = CASE WHEN $4::jsonb IS NULL THEN 'ready' ELSE 'failed' END,
           error = $4::jsonb, notice = $5, failures = $6, paused = paused OR $7, next_fetch_at = $8::timestamptz,
           last_fetched_at = clock_timestamp()
         WHERE workspace_id = $1 AND id = $2 AND round = $3`,
        [
          actor.workspaceId,
          id,
          round,
          error && JSON.stringify(error),
          notice,
          failures,
          paused,
          nextFetchAt?.toISOString() ?? null,
        ],
      )
    },
  }
}

const states: Record<PageOutcome | 'queued', SourcePageState> = {
  queued: 'queued',
  added: 'done',
  changed: 'done',
  unchanged: 'done',
  skipped: 'skipped',
  failed: 'failed',
  removed: 'gone',
}

const pageOf = (row: PageRow): QueuedPage => ({
  url: row.url,
  depth: row.depth,
  etag: row.etag,
  lastModified: row.last_modified,
  textHash: row.text_hash,
  documentId: row.document_id,
  misses: row.misses,
})

const iso = (at: Date | null) => at && new Date(at).toISOString()

const storedOf = (row: Row): StoredSource => ({
  workspaceId: row.workspace_id,
  ownerId: row.owner_id,
  root: row.root,
  etag: row.etag,
  lastModified: row.last_modified,
  failures: row.failures,
  round: row.round,
  id: row.id,
  collectionId: row.collection_id,
  kind: row.kind,
  url: row.url,
  name: row.name,
  settings: SourceSettings.parse(row.settings),
  scheduleHours: row.schedule_hours,
  status: row.paused ? 'paused' : row.status,
  error: row.error,
  notice: row.notice,
  documentCount: row.document_count,
  counters: row.counters,
  lastFetchedAt: iso(row.last_fetched_at),
  nextFetchAt: row.paused ? null : iso(row.next_fetch_at),
  createdAt: new Date(row.created_at).toISOString(),
})
