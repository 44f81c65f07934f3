import { NitroError } from '@nitroagi/shared/errors'
import type { RunOptions } from '@nitroagi/shared/conversations'
import type { RunStatus, Usage } from '@nitroagi/shared/runs'
import type { Call } from '../../call.ts'
import { isReadable } from './collection-access.ts'
import type { Scopes } from './connection.ts'
import { isDeadlock, isForeignKeyViolation, isUniqueViolation } from './failures.ts'
import type { ClaimedRun, LoggedRow, RunRow, RunsRepository, StartedRun, StartRun } from './runs-port.ts'

export function createRunsRepository({ tenant, system }: Scopes): RunsRepository {
  return {
    async start(call, input) {
      try {
        const { attachmentIds = [] } = input
        const params = startParams(call, input)
        const [row] = await unlessDeadlocked(() =>
          attachmentIds.length === 0
            ? tenant(call.actor).prepared<StartRow>('run-start', plainStart, params)
            : tenant(call.actor).prepared<StartRow>('run-start-attached', attachedStart, [
                ...params,
                JSON.stringify(attachmentIds),
                attachmentIds.length,
              ]),
        )
        if (!row) return await explainRefusal(call, input)
        const { history, has_knowledge: hasKnowledge, has_tables: hasTables } = row
        return { run: toRun(row), created: true, history: history ?? [], hasKnowledge, hasTables }
      } catch (error) {
        return explainConflict(call, input, error)
      }
    },

    async find(call, runId) {
      const [row] = await tenant(call.actor).query<RunColumns>(`SELECT ${columns} FROM runs r WHERE ${mine}`, [
        ...owner(call),
        runId,
      ])
      return row && toRun(row)
    },

    async requestStop(call, runId) {
      const [row] = await tenant(call.actor).query<RunColumns>(
        `UPDATE runs r SET stop_requested_at = coalesce(stop_requested_at, now()) WHERE ${mine} RETURNING ${columns}`,
        [...owner(call), runId],
      )
      return row && toRun(row)
    },

    async append(events) {
      const wanted = new Set(events.map((event) => event.runId))
      try {
        return await insertEvents(events, wanted)
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
      }
      // Somebody else wrote a seq of one of these runs, so that one's lease is lost; find out which, run by run.
      const lost = new Set<string>()
      for (const runId of wanted) {
        const own = events.filter((event) => event.runId === runId)
        try {
          for (const id of await insertEvents(own, new Set([runId]))) lost.add(id)
        } catch (error) {
          if (!isUniqueViolation(error)) throw error
          lost.add(runId)
        }
      }
      return lost
    },

    async finish(end) {
      const rows = await tenant(end).prepared('run-finish', finishSql, [
        end.runId,
        end.fence,
        end.status,
        JSON.stringify(end.parts),
        JSON.stringify(end.events.map(({ seq, json }) => ({ seq, chunk: json }))),
        end.usage && JSON.stringify(end.usage),
        end.error && JSON.stringify(end.error),
        JSON.stringify(end.steps),
        end.strategy,
        end.answer ? JSON.stringify(end.answer) : null,
        end.confidence ? JSON.stringify(end.confidence) : null,
      ])
      return rows.length > 0
    },

    async renew(leases, leaseSeconds) {
      const rows = await system.query<{ id: string }>(
        `UPDATE runs r SET lease_expires_at = now() + make_interval(secs => $2)
         FROM json_to_recordset($1::json) AS l("runId" uuid, fence int)
         WHERE r.id = l."runId" AND r.lease_fence = l.fence AND r.status IN ('pending', 'running') RETURNING r.id`,
        [JSON.stringify(leases), leaseSeconds],
      )
      return new Set(rows.map((row) => row.id))
    },

    async stopRequested(runIds) {
      const rows = await system.query<{ id: string }>(
        `SELECT id FROM runs WHERE stop_requested_at IS NOT NULL AND status IN ('pending', 'running')
         AND id IN (SELECT value::uuid FROM json_array_elements_text($1::json))`,
        [JSON.stringify(runIds)],
      )
      return rows.map((row) => row.id)
    },

    claimExpired: ({ leaseSeconds, all = false, limit }) =>
      system.query<ClaimedRun>(
        `UPDATE runs r SET lease_fence = lease_fence + 1, lease_expires_at = now() + make_interval(secs => $1)
         WHERE r.id IN (
           SELECT id FROM runs WHERE status IN ('pending', 'running') AND ($2 OR lease_expires_at < now())
           ORDER BY lease_expires_at LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING r.id AS "runId", r.lease_fence AS fence, r.workspace_id AS "workspaceId",
           r.conversation_id AS "conversationId", r.message_id AS "messageId"`,
        [leaseSeconds, all, limit],
      ),

    events: (runId, after, limit) =>
      system.query<LoggedRow>(
        `SELECT seq, chunk AS json FROM run_events WHERE run_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
        [runId, after, limit],
      ),

    eventsOfMany: (cursors, limit) =>
      system.query<LoggedRow & { runId: string }>(
        `SELECT e.run_id AS "runId", e.seq, e.chunk AS json
         FROM json_to_recordset($1::json) AS c("runId" uuid, after int)
         JOIN run_events e ON e.run_id = c."runId" AND e.seq > c.after
         ORDER BY e.run_id, e.seq LIMIT $2`,
        [JSON.stringify(cursors), limit],
      ),

    async prune(olderThanSeconds) {
      const rows = await system.query(
        `DELETE FROM run_events WHERE created_at < now() - make_interval(secs => $1) RETURNING 1`,
        [olderThanSeconds],
      )
      return rows.length
    },
  }

  /** All rows of the runs whose fence still holds; returns the runs among `wanted` of which nothing was written. */
  async function insertEvents(
    events: readonly { runId: string; fence: number; seq: number; json: string }[],
    wanted: ReadonlySet<string>,
  ) {
    const rows = await system.prepared<{ run_id: string }>('run-append', appendSql, [JSON.stringify(events)])
    const written = new Set(rows.map((row) => row.run_id))
    return new Set([...wanted].filter((runId) => !written.has(runId)))
  }

  /** Nothing was stored: the conversation is not there, or an attachment is not free, as it is when a send is repeated. */
  async function explainRefusal(call: Call, input: StartRun): Promise<StartedRun> {
    const earlier = await sameAsBefore(call, input)
    if (earlier) return earlier
    const [conversation] = await tenant(call.actor).query(
      `SELECT 1 FROM conversations WHERE workspace_id = $1 AND owner_id = $2 AND id = $3`,
      [...owner(call), input.conversationId],
    )
    throw new NitroError(
      'not_found',
      conversation
        ? 'There is no such attachment, or it was sent already. Attach it again.'
        : 'This conversation does not exist',
    )
  }

  async function explainConflict(call: Call, input: StartRun, error: unknown): Promise<StartedRun> {
    if (isForeignKeyViolation(error)) {
      throw new NitroError('not_found', 'The message that this one answers does not exist in this conversation')
    }
    if (!isUniqueViolation(error)) throw error
    const earlier = await sameAsBefore(call, input)
    if (earlier) return earlier
    throw new NitroError(
      'conversation_busy',
      'An answer is still being written in this conversation. Wait for it, or stop it first.',
      {
        retryAfterSeconds: 2,
      },
    )
  }

  /** The run that the same idempotency key has made. */
  async function sameAsBefore(call: Call, input: StartRun): Promise<StartedRun | undefined> {
    if (!input.idempotencyKey) return undefined
    const [earlier] = await tenant(call.actor).query<RunColumns & { request_hash: string }>(
      `SELECT ${columns}, r.request_hash FROM runs r WHERE r.workspace_id = $1 AND r.owner_id = $2 AND r.idempotency_key = $3`,
      [...owner(call), input.idempotencyKey],
    )
    if (!earlier) return undefined
    if (earlier.request_hash !== input.requestHash) {
      throw new NitroError(
        'idempotency_mismatch',
        'This Idempotency-Key was used for another message. Use a new key for a new message.',
      )
    }
    return { run: toRun(earlier), created: false, history: [], hasKnowledge: false, hasTables: false }
  }
}

/** A send that is repeated while its run ends meets that end the other way round: it holds what the end wants next. */
async function unlessDeadlocked<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!isDeadlock(error) || attempt === 5) throw error
    }
  }
}

const columns = `r.id, r.workspace_id, r.owner_id, r.conversation_id, r.user_message_id, r.message_id, r.status, r.last_seq,
  r.created_at, r.finished_at, r.usage, r.error, r.lease_fence, r.options, r.stop_requested_at,
  r.continues_run_id`
const mine = 'r.workspace_id = $1 AND r.owner_id = $2 AND r.id = $3'
const owner = ({ actor }: Call) => [actor.workspaceId, actor.userId]

interface RunColumns {
  id: string
  workspace_id: string
  owner_id: string
  conversation_id: string
  user_message_id: string
  message_id: string
  status: string
  last_seq: number
  created_at: Date
  finished_at: Date | null
  usage: Usage | null
  error: { code: string; message: string } | null
  lease_fence: number
  options: RunOptions
  stop_requested_at: Date | null
  continues_run_id: string | null
}

type StartRow = RunColumns & { history: StartedRun['history'] | null; has_knowledge: boolean; has_tables: boolean }

const toRun = (row: RunColumns): RunRow => ({
  id: row.id,
  workspaceId: row.workspace_id,
  ownerId: row.owner_id,
  conversationId: row.conversation_id,
  userMessageId: row.user_message_id,
  messageId: row.message_id,
  status: row.status as RunStatus,
  lastSeq: row.last_seq,
  createdAt: row.created_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
  usage: row.usage,
  error: row.error,
  fence: row.lease_fence,
  options: row.options,
  stopRequested: row.stop_requested_at !== null,
  continuesRunId: row.continues_run_id,
})

/**
 * One statement, so one round trip before the model is asked. Its reads see the conversation as it was before its own
 * inserts. `previous` is the message that is answered or, without one given, the newest; `path` walks up from there.
 */
const startSql = ({ free, enough, bound }: Record<'free' | 'enough' | 'bound', string>) => `
WITH RECURSIVE ${free}conversation AS (
  UPDATE conversations SET updated_at = now(), title = CASE WHEN title = '' THEN $12 ELSE title END
  WHERE workspace_id = $1 AND owner_id = $2 AND id = $3${enough} RETURNING workspace_id, id
), continued AS (
  SELECT r.user_message_id, r.message_id FROM runs r
  WHERE r.workspace_id = $1 AND r.owner_id = $2 AND r.id = $11 AND r.conversation_id = $3
), previous AS (
  SELECT coalesce($6::uuid, (SELECT message_id FROM continued), (
    SELECT m.id FROM messages m WHERE m.workspace_id = $1 AND m.conversation_id = $3
    ORDER BY m.created_at DESC, m.id DESC LIMIT 1)) AS id
), path AS (
  SELECT m.id, m.parent_id, m.role, m.parts, 1 AS depth FROM messages m, previous
  WHERE m.workspace_id = $1 AND m.conversation_id = $3 AND m.id = previous.id
  UNION ALL
  SELECT m.id, m.parent_id, m.role, m.parts, path.depth + 1 FROM path
  JOIN messages m ON m.workspace_id = $1 AND m.conversation_id = $3 AND m.id = path.parent_id
  WHERE path.depth < 40
), question AS (
  INSERT INTO messages (workspace_id, id, conversation_id, parent_id, role, parts, created_at)
  SELECT $1, $4::uuid, $3, previous.id, 'user', $5::jsonb, now() FROM conversation, previous WHERE $4::uuid IS NOT NULL
  RETURNING id
), answer AS (
  INSERT INTO messages (workspace_id, id, conversation_id, parent_id, role, run_id, created_at)
  SELECT $1, $7, $3, coalesce($4::uuid, previous.id), 'assistant', $8, now() + interval '1 millisecond'
  FROM conversation, previous
  RETURNING id
), r AS (
  INSERT INTO runs (workspace_id, id, conversation_id, owner_id, user_message_id, message_id, status, idempotency_key,
    request_hash, options, continues_run_id, lease_fence, lease_expires_at)
  SELECT $1, $8, $3, $2, coalesce($4::uuid, (SELECT user_message_id FROM continued)), $7, 'running', $9, $10, $13::jsonb,
    $11, 1, now() + make_interval(secs => $14)
  FROM conversation
  RETURNING *
)${bound}
SELECT ${columns},
  (SELECT json_agg(json_build_object('role', path.role, 'parts', path.parts) ORDER BY path.depth DESC) FROM path) AS history,
  EXISTS (SELECT FROM collections c JOIN documents d ON d.workspace_id = c.workspace_id AND d.collection_id = c.id
    WHERE c.workspace_id = $1 AND ${isReadable('c', '$2')} AND d.entry_count > 0) AS has_knowledge,
  EXISTS (SELECT FROM document_tables t JOIN documents d ON d.workspace_id = t.workspace_id AND d.id = t.document_id
    AND d.version = t.version JOIN collections c ON c.workspace_id = d.workspace_id AND c.id = d.collection_id
    WHERE t.workspace_id = $1 AND ${isReadable('c', '$2')}) AS has_tables
FROM r`

const plainStart = startSql({ free: '', enough: '', bound: '' })

/** All attachments or nothing; whoever sends the same ones at the same moment waits here, and then finds them taken. */
const attachedStart = startSql({
  free: `free AS (
  SELECT a.id FROM attachments a WHERE a.workspace_id = $1 AND a.owner_id = $2 AND a.message_id IS NULL
    AND a.state = 'ready' AND a.id IN (SELECT value::uuid FROM json_array_elements_text($15::json)) FOR UPDATE
), `,
  enough: ' AND (SELECT count(*) FROM free) = $16::int',
  bound: `, bound AS (
  UPDATE attachments a SET conversation_id = $3, message_id = question.id FROM free, question
  WHERE a.workspace_id = $1 AND a.id = free.id
)`,
})

const startParams = (call: Call, input: StartRun) => [
  ...owner(call),
  input.conversationId,
  input.userMessage?.id ?? null,
  input.userMessage ? JSON.stringify(input.userMessage.parts) : null,
  input.userMessage?.parentId ?? null,
  input.messageId,
  input.runId,
  input.idempotencyKey ?? null,
  input.requestHash,
  input.continuesRunId ?? null,
  input.title,
  JSON.stringify(input.options),
  input.leaseSeconds,
]

/** What of these runs is still ours to write, and nothing of the others. */
const appendSql = `WITH inserted AS (
INSERT INTO run_events (workspace_id, run_id, seq, chunk)
SELECT r.workspace_id, e."runId", e.seq, e.json
FROM json_to_recordset($1::json) AS e("runId" uuid, fence int, seq int, json text)
JOIN runs r ON r.id = e."runId" AND r.lease_fence = e.fence AND r.status = 'running'
RETURNING run_id)
SELECT DISTINCT run_id FROM inserted`

/** The last events, the message and the status become visible together, or (lease lost) not at all. */
const finishSql = `
WITH run AS (
  UPDATE runs SET status = $3, usage = $6::jsonb, error = $7::jsonb, finished_at = now(), lease_expires_at = NULL,
    confidence = ($11::json->>'raw')::real, confidence_parts = $11::jsonb,
    last_seq = coalesce((SELECT max(seq) FROM json_to_recordset($5::json) AS e(seq int)), last_seq)
  WHERE id = $1 AND lease_fence = $2 AND status IN ('pending', 'running')
  RETURNING workspace_id, id, conversation_id, message_id
), logged AS (
  INSERT INTO run_events (workspace_id, run_id, seq, chunk)
  SELECT run.workspace_id, run.id, e.seq, e.chunk FROM run, json_to_recordset($5::json) AS e(seq int, chunk text)
), message AS (
  UPDATE messages m SET parts = $4::jsonb, module_responses = $8::jsonb FROM run
  WHERE m.workspace_id = run.workspace_id AND m.id = run.message_id
), touched AS (
  UPDATE conversations c SET updated_at = now() FROM run
  WHERE c.workspace_id = run.workspace_id AND c.id = run.conversation_id
), measured AS (
  INSERT INTO module_metrics (workspace_id, run_id, module, model, strategy, status, duration_ms, input_tokens,
    output_tokens, tokens_estimated, cost_usd, error_code)
  SELECT run.workspace_id, run.id, s.module, s.model, $9, s.status, s."durationMs", (s.usage->>'inputTokens')::int,
    (s.usage->>'outputTokens')::int, coalesce((s.usage->>'estimated')::boolean, false), (s.usage->>'costUsd')::float8,
    s.error->>'code'
  FROM run, json_to_recordset($8::json)
    AS s(module text, model text, status text, "durationMs" real, usage json, error json)
  WHERE s."durationMs" IS NOT NULL
), chosen AS (
  INSERT INTO answer_choices (workspace_id, run_id, message_id, kind, module, model, strategy, selection, choice)
  SELECT run.workspace_id, run.id, run.message_id, a.kind, a.module, a.model, a.strategy, a.selection, a.choice
  FROM run, json_to_record($10::json)
    AS a(kind text, module text, model text, strategy text, selection jsonb, choice jsonb)
  WHERE a.kind IS NOT NULL
)
SELECT id FROM run`
