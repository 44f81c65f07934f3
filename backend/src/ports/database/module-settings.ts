import type { Scopes } from './connection.ts'
import type { ModuleSetting, ModuleSettingsRepository } from './module-settings-port.ts'

export function createModuleSettingsRepository({ tenant }: Scopes): ModuleSettingsRepository {
  return {
    async disabled(workspaceId) {
      const rows = await tenant({ workspaceId }).query<{ module: string }>(
        'SELECT module FROM module_settings WHERE workspace_id = $1 AND NOT is_enabled',
        [workspaceId],
      )
      return rows.map(({ module }) => module)
    },

    async list({ actor }) {
      const rows = await tenant(actor).query<Omit<ModuleSetting, 'changedAt'> & { changedAt: Date }>(
        `SELECT s.module, s.is_enabled AS "isEnabled", coalesce(u.name, u.email) AS "changedBy", s.updated_at AS "changedAt"
         FROM module_settings s LEFT JOIN users u ON u.id = s.updated_by
         WHERE s.workspace_id = $1 ORDER BY s.module`,
        [actor.workspaceId],
      )
      return rows.map((row) => ({ ...row, changedAt: new Date(row.changedAt).toISOString() }))
    },

    async put({ actor }, module, isEnabled) {
      await tenant(actor).query(
        `INSERT INTO module_settings (workspace_id, module, is_enabled, updated_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (workspace_id, module) DO UPDATE
         SET is_enabled = excluded.is_enabled, updated_by = excluded.updated_by, updated_at = now()
         WHERE module_settings.is_enabled <> excluded.is_enabled`,
        [actor.workspaceId, module, isEnabled, actor.userId],
      )
    },
  }
}
