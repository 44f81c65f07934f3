import type { Installation } from '@nitroagi/shared/workspaces'

/** What holds for all workspaces. */
export interface InstallationRepository {
  registration(): Promise<Installation['registration']>
  setRegistration(registration: Installation['registration']): Promise<void>
  /** The oldest workspace, whose owners decide. Undefined while there is none. */
  caretaker(): Promise<string | undefined>
}
