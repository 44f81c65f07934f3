import type { LearnedVersion, LearningReport, ScoreWeights } from '@nitroagi/shared/learning'
import type { Scopes } from './connection.ts'
import type {
  EndedStep,
  LearnedPolicy,
  LearningRepository,
  LoggedChoice,
  RatedAnswer,
  StoredArm,
} from './learning-port.ts'

export function createLearningRepository({ tenant, system }: Scopes): LearningRepository {
  return {
    async current(workspaceId) {
      const [row] = await tenant({ workspaceId }).query<{
        isOn: boolean
        version: number | null
        weights: ScoreWeights | null
        arms: unknown
      }>(
        `SELECT ${isOn} AS "isOn", p.version, p.weights, p.arms FROM (SELECT $1::uuid AS id) w LEFT JOIN LATERAL (
           SELECT version, weights, arms FROM selection_policies
           WHERE workspace_id = w.id ORDER BY version DESC LIMIT 1) p ON true`,
        [workspaceId],
      )
      return {
        isOn: row?.isOn ?? true,
        version: row?.version ?? null,
        weights: row?.weights ?? null,
        arms: (row?.arms ?? []) as StoredArm[],
      }
    },

    async history({ actor }) {
      const [setting] = await tenant(actor).query<{ isOn: boolean }>(`SELECT ${isOn} AS "isOn"`, [actor.workspaceId])
      const rows = await tenant(actor).query<
        Omit<LearnedVersion, 'createdAt'> & { createdAt: Date; report: LearningReport | null }
      >(
        `SELECT version, created_at AS "createdAt", made_by AS "madeBy", weights,
           (report->>'ratedAnswers')::int AS "ratedAnswers",
           CASE WHEN row_number() OVER (ORDER BY version DESC) = 1 THEN report END AS report
         FROM selection_policies WHERE workspace_id = $1 ORDER BY version DESC`,
        [actor.workspaceId],
      )
      return {
        isOn: setting?.isOn ?? true,
        report: rows[0]?.report ?? null,
        versions: rows.map(({ report: _, createdAt, ...version }) => ({
          ...version,
          createdAt: new Date(createdAt).toISOString(),
        })),
      }
    },

    async setOn({ actor }, on) {
      await tenant(actor).query(
        `INSERT INTO selection_settings (workspace_id, is_on, updated_by) VALUES ($1, $2, $3)
         ON CONFLICT (workspace_id) DO UPDATE
         SET is_on = excluded.is_on, updated_by = excluded.updated_by, updated_at = now()`,
        [actor.workspaceId, on, actor.userId],
      )
    },

    store: ({ actor }, learned, kept) =>
      tenant(actor).transaction(async (tx) => {
        // One number after the other, whoever learns at the same time.
        await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('selection_policies:' || $1, 0))`, [
          actor.workspaceId,
        ])
        await tx.query(storeSql, storeParams(actor.workspaceId, learned))
        await tx.query(
          `DELETE FROM selection_policies WHERE workspace_id = $1 AND version <=
             (SELECT max(version) - $2 FROM selection_policies WHERE workspace_id = $1)`,
          [actor.workspaceId, kept],
        )
      }),

    ratedAnswers: ({ actor }, since, limit) =>
      tenant(actor).query<RatedAnswer>(
        `SELECT a.kind, a.module, a.model, a.strategy, a.selection->'parts' AS parts, a.choice,
           f.rating = 'up' AS "isUp", f.reason IS NOT NULL OR f.correction IS NOT NULL AS "isExplained"
         FROM message_feedback f
         JOIN answer_choices a ON a.workspace_id = f.workspace_id AND a.message_id = f.message_id
         WHERE f.workspace_id = $1 AND f.updated_at >= $2 ORDER BY f.updated_at DESC, a.run_id LIMIT $3`,
        [actor.workspaceId, since.toISOString(), limit],
      ),

    choices: ({ actor }, since, limit) =>
      tenant(actor).query<LoggedChoice>(
        `SELECT kind, module, model, strategy, choice FROM answer_choices
         WHERE workspace_id = $1 AND created_at >= $2 AND choice IS NOT NULL ORDER BY created_at DESC LIMIT $3`,
        [actor.workspaceId, since.toISOString(), limit],
      ),

    async endedSteps({ actor }, since, limit) {
      const rows = await tenant(actor).query<EndedStep>(
        `SELECT module, status, error_code AS "errorCode", created_at AS at FROM module_metrics
         WHERE workspace_id = $1 AND created_at >= $2 AND status IN ('completed', 'failed')
         ORDER BY created_at DESC LIMIT $3`,
        [actor.workspaceId, since.toISOString(), limit],
      )
      return rows.map((row) => ({ ...row, at: new Date(row.at) }))
    },

    async workspaces(since) {
      const rows = await system.query<{ id: string }>(
        `SELECT w.id FROM workspaces w
         WHERE NOT EXISTS (SELECT FROM selection_settings s WHERE s.workspace_id = w.id AND NOT s.is_on)
           AND (EXISTS (SELECT FROM message_feedback f WHERE f.workspace_id = w.id AND f.updated_at >= $1)
             OR (SELECT (p.report->>'ratedAnswers')::int FROM selection_policies p WHERE p.workspace_id = w.id
                 ORDER BY p.version DESC LIMIT 1) > 0)
         ORDER BY w.id`,
        [since.toISOString()],
      )
      return rows.map(({ id }) => id)
    },
  }
}

const isOn = 'coalesce((SELECT s.is_on FROM selection_settings s WHERE s.workspace_id = $1), true)'

const storeSql = `
INSERT INTO selection_policies (workspace_id, version, made_by, weights, arms, report)
SELECT $1, coalesce((SELECT max(version) FROM selection_policies WHERE workspace_id = $1), 0) + 1, $2, $3::jsonb,
  $4::jsonb, $5::jsonb`

const storeParams = (workspaceId: string, { madeBy, weights, arms, report }: LearnedPolicy) => [
  workspaceId,
  madeBy,
  JSON.stringify(weights),
  JSON.stringify(arms),
  JSON.stringify(report),
]
