import type { MountedRoutes } from './app.ts'
import type { Config } from './config.ts'
import { accountDeletionRoutes } from './http/account-deletion.ts'
import { installationRoutes } from './http/installation.ts'
import { workspaceRoutes } from './http/workspaces.ts'
import type { Identity } from './identity/identity.ts'
import { registerWorkspaceRemoval } from './jobs/remove-workspaces.ts'
import type { Log } from './log.ts'
import type { Ports } from './open-ports.ts'
import { createAccountCareRepository } from './ports/database/account-care.ts'
import type { AccountsRepository } from './ports/database/accounts-port.ts'
import type { CollectionsRepository } from './ports/database/collections-port.ts'
import type { DocumentsRepository } from './ports/database/documents-port.ts'
import type { InstallationRepository } from './ports/database/installation-port.ts'
import type { InvitationsRepository } from './ports/database/invitations-port.ts'
import { createMembersRepository } from './ports/database/members.ts'
import type { WorkspacesRepository } from './ports/database/workspaces-port.ts'
import { createAccountDeletion } from './services/account-deletion.ts'
import type { Attachments } from './services/attachments.ts'
import type { Audit } from './services/audit.ts'
import { createInstallation } from './services/installation.ts'
import { createInvitations } from './services/invitations.ts'
import { createMembers } from './services/members.ts'
import { createSuspension } from './services/suspension.ts'
import type { WorkspaceRemoval } from './services/workspace-removal.ts'
import { createWorkspaces } from './services/workspaces.ts'

interface Needs {
  ports: Ports
  log: Log
  webUrl: Config['webUrl']
  identity: Identity
  audit: Audit
  accounts: AccountsRepository
  workspaces: WorkspacesRepository
  invitations: InvitationsRepository
  installation: InstallationRepository
  collections: CollectionsRepository
  documents: DocumentsRepository
  attachments: Attachments
  removal: WorkspaceRemoval
}

/** Who is in which workspace, and how they get there. */
export function composePeople(needs: Needs): MountedRoutes[] {
  const { ports, identity, audit, accounts, installation } = needs
  const { forget, forgetWorkspace } = identity.accounts
  const { jobs, objectStore, mail, connection } = ports
  registerWorkspaceRemoval({ ...needs, jobs, objectStore })
  const workspaces = createWorkspaces({ ...needs, onChange: forgetWorkspace })
  const members = createMembers({ ...needs, members: createMembersRepository(connection), onChange: forget })
  const invitations = createInvitations({ ...needs, mail, onChange: forget })
  const suspension = createSuspension({ accounts, audit, onChange: forget })
  const repository = createAccountCareRepository(connection)
  const deletion = createAccountDeletion({ ...needs, repository, care: identity.accountCare, jobs, onChange: forget })
  return [
    { path: '/api/v1/me', app: accountDeletionRoutes(deletion) },
    { path: '/api/v1', app: workspaceRoutes({ workspaces, members, invitations }) },
    {
      path: '/api/v1',
      app: installationRoutes({
        installation: createInstallation({ repository: installation, audit }),
        invitations,
        suspension,
      }),
    },
  ]
}
