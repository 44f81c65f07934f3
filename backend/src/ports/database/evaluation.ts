import {
  EvaluatedSettings,
  type EvaluationReason,
  type EvaluationRun,
  type GoldenQuestion,
  type RetrievalFigures,
} from '@nitroagi/shared/evaluation'
import type { Call } from '../../call.ts'
import { isReadable, readerOf } from './collection-access.ts'
import type { Scopes } from './connection.ts'
import type { AskedQuestion, DueEvaluation, EvaluationRepository, StoredResult, WeakAnswer } from './evaluation-port.ts'
import { indexSettings, reindexable } from './index-settings.ts'

export function createEvaluationRepository({ tenant, system }: Scopes): EvaluationRepository {
  const params = (call: Call, collectionId: string) => [call.actor.workspaceId, readerOf(call), collectionId]

  return {
    async questions(call, collectionId) {
      const rows = await tenant(call.actor).query<Omit<GoldenQuestion, 'updatedAt'> & { updatedAt: Date }>(
        `SELECT q.id, q.question, q.document_id AS "documentId", coalesce(d.name, q.document_name) AS "documentName", q.page,
           q.quote, q.note, q.updated_at AS "updatedAt" ${questionsOfCollection} ORDER BY q.created_at, q.id`,
        params(call, collectionId),
      )
      return rows.map((row) => ({ ...row, updatedAt: new Date(row.updatedAt).toISOString() }))
    },

    asked: (call, collectionId) =>
      tenant(call.actor).query<AskedQuestion>(
        `SELECT q.id, q.question, q.document_id AS "documentId", q.page, q.quote,
           coalesce(d.version > 0 AND d.status <> 'deleting', false) AS "isReady"
         ${questionsOfCollection} ORDER BY q.created_at, q.id`,
        params(call, collectionId),
      ),

    async add(call, collectionId, questions) {
      const rows = await tenant(call.actor).query<{ id: string }>(
        `INSERT INTO golden_questions (workspace_id, collection_id, question, document_id, document_name, page, quote, note,
           created_by)
         SELECT DISTINCT ON (n.question) $1, $3, n.question, d.id, d.name, n.page, n.quote, coalesce(n.note, ''), $5
         FROM json_to_recordset($4::json) AS n(question text, "documentId" uuid, page int, quote text, note text)
         JOIN documents d ON d.workspace_id = $1 AND d.collection_id = $3 AND d.id = n."documentId" AND d.status <> 'deleting'
         JOIN collections c ON c.workspace_id = $1 AND c.id = $3 AND ${isReadable('c', '$2')}
         WHERE NOT EXISTS (SELECT 1 FROM golden_questions g
           WHERE g.workspace_id = $1 AND g.collection_id = $3 AND g.question = n.question)
         RETURNING id`,
        [...params(call, collectionId), JSON.stringify(questions), call.actor.userId],
      )
      return rows.map(({ id }) => id)
    },

    async change(call, collectionId, id, { question, documentId, page, quote, note }) {
      const rows = await tenant(call.actor).query(
        `UPDATE golden_questions q SET question = $5, document_id = d.id, document_name = d.name, page = $7, quote = $8,
           note = $9, updated_at = clock_timestamp()
         FROM documents d, collections c
         WHERE q.workspace_id = $1 AND q.collection_id = $3 AND q.id = $4 AND d.workspace_id = $1 AND d.collection_id = $3
           AND d.id = $6 AND d.status <> 'deleting' AND c.workspace_id = $1 AND c.id = $3 AND ${isReadable('c', '$2')}
         RETURNING q.id`,
        [...params(call, collectionId), id, question, documentId, page ?? null, quote || null, note ?? ''],
      )
      return rows.length > 0
    },

    async delete({ actor }, collectionId, id) {
      const rows = await tenant(actor).query(
        `DELETE FROM golden_questions WHERE workspace_id = $1 AND collection_id = $2 AND id = $3 RETURNING id`,
        [actor.workspaceId, collectionId, id],
      )
      return rows.length > 0
    },

    async count({ actor }, collectionId) {
      const [row] = await tenant(actor).query<{ count: number }>(
        `SELECT count(*)::int AS count FROM golden_questions WHERE workspace_id = $1 AND collection_id = $2`,
        [actor.workspaceId, collectionId],
      )
      return row?.count ?? 0
    },

    async documentsNamed(call, collectionId, names) {
      const rows = await tenant(call.actor).query<{ name: string; ids: string[] }>(
        `SELECT n.name, array_agg(DISTINCT d.id::text) AS ids FROM unnest($4::text[]) AS n(name)
         JOIN documents d ON d.workspace_id = $1 AND d.collection_id = $3 AND d.status <> 'deleting'
           AND n.name IN (d.name, d.external_id, d.id::text)
         JOIN collections c ON c.workspace_id = $1 AND c.id = $3 AND ${isReadable('c', '$2')}
         GROUP BY n.name`,
        [...params(call, collectionId), names],
      )
      return new Map(rows.map(({ name, ids }) => [name, ids.length === 1 ? ids[0] : undefined]))
    },

    begin: ({ actor }, collectionId, { reason, version }) =>
      tenant(actor).transaction(async (tx) => {
        const [begun] = await tx.query<RunRow>(
          `INSERT INTO evaluation_runs AS r (workspace_id, collection_id, reason, settings, collection_version)
           SELECT workspace_id, id, $3, ${currentSettings('c', '$4')}, version FROM collections c
           WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL
           ON CONFLICT (workspace_id, collection_id) WHERE status = 'running' DO NOTHING RETURNING ${runColumns}`,
          [actor.workspaceId, collectionId, reason, version],
        )
        if (begun) return runOf(begun)
        const [running] = await tx.query<RunRow>(
          `SELECT ${runColumns} FROM evaluation_runs r
           WHERE r.workspace_id = $1 AND r.collection_id = $2 ORDER BY r.status = 'running' DESC, r.started_at DESC LIMIT 1`,
          [actor.workspaceId, collectionId],
        )
        return runOf(running!)
      }),

    async finish({ actor }, id, { figures, results }) {
      await tenant(actor).query(
        `UPDATE evaluation_runs SET status = 'done', figures = $3::jsonb, results = $4::jsonb, finished_at = clock_timestamp()
         WHERE workspace_id = $1 AND id = $2 AND status = 'running'`,
        [actor.workspaceId, id, JSON.stringify(figures), JSON.stringify(results)],
      )
    },

    async fail({ actor }, id, error) {
      await tenant(actor).query(
        `UPDATE evaluation_runs SET status = 'failed', error = $3, finished_at = clock_timestamp()
         WHERE workspace_id = $1 AND id = $2 AND status = 'running'`,
        [actor.workspaceId, id, error],
      )
    },

    async runs({ actor }, collectionId, limit) {
      const rows = await tenant(actor).query<RunRow>(
        `SELECT ${runColumns} FROM evaluation_runs r WHERE r.workspace_id = $1 AND r.collection_id = $2
         ORDER BY r.started_at DESC, r.id LIMIT $3`,
        [actor.workspaceId, collectionId, limit],
      )
      return rows.map(runOf)
    },

    async done({ actor }, collectionId, limit) {
      const rows = await tenant(actor).query<RunRow & { results: StoredResult[] }>(
        `SELECT ${runColumns}, r.results FROM evaluation_runs r
         WHERE r.workspace_id = $1 AND r.collection_id = $2 AND r.status = 'done'
         ORDER BY r.started_at DESC, r.id LIMIT $3`,
        [actor.workspaceId, collectionId, limit],
      )
      return rows.map((row) => ({ run: runOf(row), results: row.results }))
    },

    async prune({ actor }, collectionId, kept) {
      await tenant(actor).query(
        `DELETE FROM evaluation_runs WHERE workspace_id = $1 AND collection_id = $2 AND status <> 'running' AND id NOT IN (
           SELECT id FROM evaluation_runs WHERE workspace_id = $1 AND collection_id = $2 ORDER BY started_at DESC LIMIT $3)`,
        [actor.workspaceId, collectionId, kept],
      )
    },

    due: (version) => system.query<DueEvaluation>(dueSql, [version]),

    async failAbandoned(olderThanMinutes) {
      await system.query(
        `UPDATE evaluation_runs SET status = 'failed', finished_at = clock_timestamp(),
           error = 'The backend was stopped before it was done. Run it again.'
         WHERE status = 'running' AND started_at < now() - make_interval(mins => $1)`,
        [olderThanMinutes],
      )
    },

    async weakAnswers({ actor }, { days, own, below, limit }) {
      const rows = await tenant(actor).query<Omit<WeakAnswer, 'askedAt'> & { askedAt: Date }>(weakSql, [
        actor.workspaceId,
        own ? actor.userId : null,
        days,
        below,
        limit,
      ])
      return rows.map((row) => ({ ...row, askedAt: new Date(row.askedAt).toISOString() }))
    },
  }
}

const questionsOfCollection = `FROM golden_questions q
  JOIN collections c ON c.workspace_id = $1 AND c.id = q.collection_id AND ${isReadable('c', '$2')}
  LEFT JOIN documents d ON d.workspace_id = $1 AND d.id = q.document_id AND d.status <> 'deleting'
  WHERE q.workspace_id = $1 AND q.collection_id = $3`

/** As the database holds them, so that two are the same exactly when nothing was changed. */
const currentSettings = (collection: string, version: string) =>
  `jsonb_build_object('embeddingModel', ${collection}.embedding_model, 'chunkProfile', ${collection}.chunk_profile,
    'version', ${version}::text)`

interface RunRow {
  id: string
  status: EvaluationRun['status']
  reason: EvaluationReason
  settings: unknown
  figures: RetrievalFigures | null
  error: string | null
  started_at: Date
  finished_at: Date | null
}

const runColumns = 'r.id, r.status, r.reason, r.settings, r.figures, r.error, r.started_at, r.finished_at'

const runOf = ({ started_at: startedAt, finished_at: finishedAt, settings, ...row }: RunRow): EvaluationRun => ({
  id: row.id,
  status: row.status,
  reason: row.reason,
  settings: EvaluatedSettings.parse(settings),
  figures: row.figures,
  error: row.error,
  startedAt: new Date(startedAt).toISOString(),
  finishedAt: finishedAt && new Date(finishedAt).toISOString(),
})

/** A question that was just written is mostly followed by another one. */
const dueSql = `SELECT c.workspace_id AS "workspaceId", c.id AS "collectionId", c.owner_id AS "ownerId",
    CASE WHEN r.id IS NULL THEN 'first' WHEN r.settings <> ${currentSettings('c', '$1')} THEN 'settings' ELSE 'documents' END AS reason
  FROM collections c
  LEFT JOIN LATERAL (
    SELECT id, status, settings, collection_version, started_at FROM evaluation_runs
    WHERE workspace_id = c.workspace_id AND collection_id = c.id ORDER BY started_at DESC LIMIT 1) r ON true
  WHERE c.deleted_at IS NULL
    AND (SELECT max(q.updated_at) FROM golden_questions q
      WHERE q.workspace_id = c.workspace_id AND q.collection_id = c.id) < now() - interval '10 minutes'
    AND (r.id IS NULL OR r.status <> 'running' AND (r.settings <> ${currentSettings('c', '$1')}
      OR r.collection_version <> c.version AND r.started_at < now() - interval '20 hours'))
    AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.workspace_id = c.workspace_id AND d.collection_id = c.id
      AND (d.status IN ('received', 'extracting', 'embedding') AND d.paused_at IS NULL
        OR ${reindexable('d')} AND d.indexed_with <> ${indexSettings('c')}))`

/**
 * Answers for which documents were searched, in the words of their questions. Without a measured confidence such an
 * answer stated nothing, or nothing that stands in a document.
 */
const weakSql = `SELECT left(q.text, 500) AS question, r.created_at AS "askedAt", r.owner_id AS "askedBy", r.stated AS confidence, f.reason AS feedback,
    CASE WHEN f.rating = 'down' THEN 'thumbs_down' WHEN r.stated IS NULL THEN 'unanswered' ELSE 'weak' END AS reason
  FROM (SELECT *, coalesce((confidence_parts->>'stated')::float8, confidence::float8) AS stated FROM runs
    WHERE workspace_id = $1 AND status = 'completed' AND created_at > now() - make_interval(days => $3)
      AND ($2::uuid IS NULL OR owner_id = $2)) r
  JOIN messages asked ON asked.workspace_id = $1 AND asked.id = r.user_message_id
  JOIN messages answer ON answer.workspace_id = $1 AND answer.id = r.message_id
  CROSS JOIN LATERAL (SELECT string_agg(part->>'text', ' ') AS text
    FROM jsonb_array_elements(asked.parts) part WHERE part->>'type' = 'text') q
  LEFT JOIN LATERAL (SELECT rating, reason FROM message_feedback
    WHERE workspace_id = $1 AND message_id = r.message_id ORDER BY rating, updated_at DESC LIMIT 1) f ON true
  WHERE q.text IS NOT NULL AND (f.rating = 'down' OR f.rating IS NULL
    AND answer.module_responses @> '[{"module": "knowledge", "status": "completed"}]'
    AND NOT asked.parts @> '[{"type": "file"}]'
    AND (r.stated IS NULL OR r.stated < $4))
  ORDER BY r.created_at DESC LIMIT $5`
