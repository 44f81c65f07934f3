import type { Installation } from '@nitroagi/shared/workspaces'
import type { Scopes } from './connection.ts'
import type { InstallationRepository } from './installation-port.ts'
import { oldest } from './workspaces.ts'

export function createInstallationRepository({ system }: Scopes): InstallationRepository {
  return {
    async registration() {
      const [row] = await system.query<Installation>('SELECT registration FROM installation_settings')
      return row?.registration ?? 'invitation'
    },
    async setRegistration(registration) {
      await system.query(
        `INSERT INTO installation_settings (registration) VALUES ($1)
         ON CONFLICT (is_only) DO UPDATE SET registration = excluded.registration, updated_at = now()`,
        [registration],
      )
    },
    caretaker: () => oldest(system),
  }
}
