import type { Call } from '../call.ts'
import { createFreshCache } from '../identity/fresh-cache.ts'
import type { ModuleSetting, ModuleSettingsRepository } from '../ports/database/module-settings-port.ts'
import type { Audit } from './audit.ts'

/** Every answer asks for them, so they are remembered for this long; another backend's change is seen within it. */
const freshSeconds = 4

export type ModuleSettings = ReturnType<typeof createModuleSettings>

interface Needs {
  repository: ModuleSettingsRepository
  audit: Pick<Audit, 'together' | 'record'>
}

/** Which modules a workspace wants. */
export function createModuleSettings({ repository, audit }: Needs) {
  const known = createFreshCache(
    async (workspaceId) => ({ workspaceId, disabled: new Set(await repository.disabled(workspaceId)) }),
    { seconds: freshSeconds, capacity: 2_000 },
  )

  return {
    async disabled({ actor }: Call): Promise<ReadonlySet<string>> {
      const found = await known.get(actor.workspaceId)
      return found?.disabled ?? new Set()
    },

    /** With who changed them; past what is remembered. */
    list: (call: Call): Promise<ModuleSetting[]> => repository.list(call),

    /** The next answer here sees it at once. */
    async put(call: Call, module: string, isEnabled: boolean): Promise<void> {
      try {
        await audit.together(async () => {
          await repository.put(call, module, isEnabled)
          await audit.record(call, { action: 'module.switch', targetId: module, facts: { isOn: isEnabled } })
        })
      } finally {
        known.forget(({ workspaceId }) => workspaceId === call.actor.workspaceId)
      }
    },
  }
}
