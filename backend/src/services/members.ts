import { NitroError } from '@nitroagi/shared/errors'
import type { Role } from '@nitroagi/shared/identity'
import type { ChangeMember, WorkspaceMember } from '@nitroagi/shared/workspaces'
import type { Actor, Call } from '../call.ts'
import { isAdmin, mayChange, mayGive } from '../identity/roles.ts'
import type { MembersRepository, Standing, Standings } from '../ports/database/members-port.ts'
import type { Attachments } from './attachments.ts'
import type { Audit } from './audit.ts'
import type { WorkspaceRemoval } from './workspace-removal.ts'

export type Members = ReturnType<typeof createMembers>

interface Needs {
  members: MembersRepository
  removal: Pick<WorkspaceRemoval, 'forget'>
  attachments: Pick<Attachments, 'clear'>
  audit: Pick<Audit, 'together' | 'record'>
  /** Hears whose rights have changed, so that they are looked up anew. */
  onChange: (userId: string) => void
}

/** Who is in a workspace, and as what. Rights are decided by the rows as they are, never by what the caller was before. */
export function createMembers({ members, removal, attachments, audit, onChange }: Needs) {
  async function remove(call: Call, userId: string): Promise<void> {
    const isLeaving = userId === call.actor.userId
    checkScope(call.actor, isLeaving)
    const action = isLeaving ? 'member.leave' : 'member.remove'
    let role: Role | undefined
    const left = await audit.together(async () => {
      const behind = await members.remove(call, userId, (now) => {
        if (!isLeaving) checkMayChange(now)
        role = present(now.target).role
        if (!isLeaving) checkRank(now)
        checkOwnerLeft(now)
      })
      await audit.record(call, { action, targetId: userId, facts: { role } })
      return behind
    })
    onChange(userId)
    await removal.forget(left)
    await attachments.clear(call)
  }

  /** A role and a suspension are told apart, and only what is not as it was already. */
  async function recordChange(call: Call, userId: string, before: Standing, { role, suspended }: ChangeMember) {
    if (role !== undefined && role !== before.role) {
      await audit.record(call, { action: 'member.change', targetId: userId, facts: { role, roleBefore: before.role } })
    }
    if (suspended !== undefined && suspended !== before.isSuspended) {
      await audit.record(call, { action: suspended ? 'member.suspend' : 'member.restore', targetId: userId })
    }
  }

  return {
    /** Everybody sees names and roles, because they share with each other; addresses are for who cares for the workspace. */
    async list(call: Call): Promise<WorkspaceMember[]> {
      const { userId, scopes } = call.actor
      return (await members.list(call)).map((member) => {
        const isYou = member.userId === userId
        return { ...member, isYou, email: isYou || scopes.includes('admin') ? member.email : null }
      })
    },

    async change(call: Call, userId: string, { role, suspended }: ChangeMember): Promise<WorkspaceMember> {
      if (role === undefined && suspended === undefined) {
        throw new NitroError('invalid_input', 'Say what to change: role or suspended')
      }
      await audit.together(async () => {
        let before: Standing
        await members.change(call, userId, (now) => {
          checkMayChange(now)
          before = present(now.target)
          checkRank(now)
          if (role !== undefined && !mayGive(now.actor!.role, role)) {
            throw new NitroError('forbidden', 'You cannot give a role above your own')
          }
          if (suspended === true && userId === call.actor.userId) {
            throw new NitroError('conflict', 'You cannot suspend yourself. Leave the workspace, or ask another owner.')
          }
          // Who suspends an owner is another one.
          if (role !== undefined && role !== 'owner') checkOwnerLeft(now)
          return { role, suspended }
        })
        await recordChange(call, userId, before!, { role, suspended })
      })
      onChange(userId)
      const changed = (await this.list(call)).find((member) => member.userId === userId)
      return present(changed)
    },

    /** Takes somebody out; with one's own id, leaves. */
    remove,
  }
}

/** Leaving deletes conversations: a key that leaked must not be able to. */
function checkScope({ via, scopes }: Actor, isLeaving: boolean): void {
  if (isLeaving ? via === 'session' || via === 'operator' : scopes.includes('admin')) return
  throw new NitroError(
    'forbidden',
    isLeaving ? 'Whoever is signed in to the web app leaves a workspace' : 'This needs the "admin" right',
  )
}

/** Also to who was an admin a moment ago. */
function checkMayChange({ actor }: Standings): void {
  if (!actor || actor.isSuspended || !isAdmin(actor.role)) {
    throw new NitroError('forbidden', 'Members are changed by the owners and admins of the workspace')
  }
}

function checkRank({ actor, target }: Standings): void {
  if (!mayChange(actor!.role, target!.role)) {
    throw new NitroError('forbidden', 'You cannot change somebody of a role as high as yours. Ask an owner.')
  }
}

function checkOwnerLeft({ target, otherOwners }: Standings): void {
  if (target!.role !== 'owner' || otherOwners > 0) return
  throw new NitroError('conflict', 'A workspace needs an owner. Make somebody else an owner first, then try again.')
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new NitroError('not_found', 'Nobody in this workspace has this id')
  return value
}
