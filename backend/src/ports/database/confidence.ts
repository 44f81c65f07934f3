import type { ConfidenceRepository, RatedAnswer } from './confidence-port.ts'
import type { Scopes } from './connection.ts'

export const createConfidenceRepository = ({ tenant }: Scopes): ConfidenceRepository => ({
  rated: (workspaceId, limit) =>
    tenant({ workspaceId }).query<RatedAnswer>(
      `SELECT r.confidence::float8 AS raw, coalesce((r.confidence_parts->>'stated')::float8, r.confidence::float8) AS stated,
         avg(CASE f.rating WHEN 'up' THEN 1 ELSE 0 END)::float8 AS good
       FROM message_feedback f
       JOIN messages m ON m.workspace_id = f.workspace_id AND m.id = f.message_id
       JOIN runs r ON r.workspace_id = m.workspace_id AND r.id = m.run_id
       WHERE f.workspace_id = $1 AND r.confidence IS NOT NULL
       GROUP BY r.workspace_id, r.id
       ORDER BY r.created_at DESC, r.id LIMIT $2`,
      [workspaceId, limit],
    ),
})
