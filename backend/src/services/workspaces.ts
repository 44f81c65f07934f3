import { NitroError } from '@nitroagi/shared/errors'
import type { ChangeWorkspace, DeleteWorkspace, NameWorkspace, Workspace } from '@nitroagi/shared/workspaces'
import type { Actor, Call } from '../call.ts'
import { isAdmin } from '../identity/roles.ts'
import type { InstallationRepository } from '../ports/database/installation-port.ts'
import type { WorkspacesRepository } from '../ports/database/workspaces-port.ts'
import type { Audit } from './audit.ts'
import type { WorkspaceRemoval } from './workspace-removal.ts'

export type Workspaces = ReturnType<typeof createWorkspaces>

/** Of one owner. Each may cost money. */
const ownedAtMost = 20

interface Needs {
  workspaces: WorkspacesRepository
  installation: Pick<InstallationRepository, 'registration'>
  removal: Pick<WorkspaceRemoval, 'begin'>
  audit: Pick<Audit, 'together' | 'record'>
  /** Hears in which workspace everybody's rights, or its name, have changed. */
  onChange: (workspaceId: string) => void
}

/** Workspaces as wholes: those of a person, new ones, their names and their end. */
export function createWorkspaces({ workspaces, installation, removal, audit, onChange }: Needs) {
  const list = async ({ actor }: Call): Promise<Workspace[]> => {
    const found = await workspaces.list(requirePerson(actor).userId)
    return found.map((workspace) => ({ ...workspace, isCurrent: workspace.id === actor.workspaceId }))
  }

  return {
    list,

    async create(call: Call, { name }: NameWorkspace): Promise<Workspace> {
      // Caps are a workspace's: whoever could make one at will would spend as much as they like.
      const mayMake =
        (await list(call)).some(({ role }) => role === 'owner') || (await installation.registration()) === 'open'
      if (!mayMake) {
        throw new NitroError('registration_closed', 'New workspaces are made by those who own one. Ask an owner.')
      }
      return audit.together(async () => {
        const created = await workspaces.create(call.actor.userId, name, ownedAtMost)
        if (!created) {
          throw new NitroError('conflict', `You own ${ownedAtMost} workspaces already. Delete one first.`)
        }
        await audit.record(call, { action: 'workspace.create', targetId: created.id, workspaceId: created.id })
        return { ...created, isCurrent: false }
      })
    },

    async rename(call: Call, { name }: NameWorkspace): Promise<Workspace> {
      const { workspaceId } = call.actor
      if (!isAdmin(call.actor.role)) throw new NitroError('forbidden', 'Owners and admins name the workspace')
      await audit.together(async () => {
        await workspaces.rename(workspaceId, name)
        await audit.record(call, { action: 'workspace.rename', targetId: workspaceId })
      })
      onChange(workspaceId)
      const renamed = (await workspaces.list(call.actor.userId)).find(({ id }) => id === workspaceId)
      if (!renamed) throw new NitroError('not_found', 'This workspace is gone')
      return { ...renamed, isCurrent: true }
    },

    async change(call: Call, { name, requiresSecondFactor }: ChangeWorkspace): Promise<Workspace> {
      if (name === undefined && requiresSecondFactor === undefined) {
        throw new NitroError('invalid_input', 'Say what to change: name or requiresSecondFactor')
      }
      if (requiresSecondFactor !== undefined) await this.requireSecondFactor(call, requiresSecondFactor)
      if (name !== undefined) return this.rename(call, { name })
      const changed = (await list(call)).find(({ isCurrent }) => isCurrent)
      if (!changed) throw new NitroError('not_found', 'This workspace is gone')
      return changed
    },

    /** From everybody in it, at once. Whoever asks for it has one. */
    async requireSecondFactor(call: Call, isOn: boolean): Promise<void> {
      const { userId, workspaceId, role } = requirePerson(call.actor)
      if (!isAdmin(role)) throw new NitroError('forbidden', 'Owners and admins ask for a second factor')
      await audit.together(async () => {
        if (!(await workspaces.requireSecondFactor(workspaceId, userId, isOn))) {
          throw new NitroError('conflict', 'Set up a second factor for yourself first, then ask everybody for one.')
        }
        await audit.record(call, { action: 'workspace.second-factor', targetId: workspaceId, facts: { isOn } })
      })
      onChange(workspaceId)
    },

    /** For everybody at once; what it held is cleared away in the background. */
    async delete(call: Call, { name }: DeleteWorkspace): Promise<void> {
      const { userId, workspaceId } = requirePerson(call.actor)
      const current = (await workspaces.list(userId)).find(({ id }) => id === workspaceId)
      if (current?.name !== name) {
        throw new NitroError('invalid_input', 'name: This is not the name of the workspace. Type it as it is.')
      }
      switch (await workspaces.hide(call)) {
        case 'not-owner':
          throw new NitroError('forbidden', 'A workspace is deleted by an owner')
        case 'first':
          throw new NitroError(
            'conflict',
            'The first workspace looks after the installation and stays. To remove everything, delete your account.',
          )
        case 'hidden':
          onChange(workspaceId)
          await removal.begin(workspaceId)
      }
    },
  }
}

/** A key speaks for one workspace, and one that leaked must neither make nor end any. */
function requirePerson(actor: Actor): Actor {
  if (actor.via === 'session' || actor.via === 'operator') return actor
  throw new NitroError('forbidden', 'Workspaces are managed by whoever is signed in to the web app')
}
