import type { Call } from '../../call.ts'

export interface ModuleSetting {
  module: string
  isEnabled: boolean
  /** The name or the address of who changed it last; null when they are gone. */
  changedBy: string | null
  changedAt: string
}

export interface ModuleSettingsRepository {
  /** Names of the modules that are turned off in this workspace. */
  disabled(workspaceId: string): Promise<string[]>
  /** What was ever changed in the caller's workspace; empty when nothing was. */
  list(call: Call): Promise<ModuleSetting[]>
  put(call: Call, module: string, isEnabled: boolean): Promise<void>
}
