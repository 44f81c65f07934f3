import { NitroError } from '@nitroagi/shared/errors'
import type {
  AcceptedInvitation,
  CreatedInvitation,
  CreateInvitation,
  Invitation,
  OpenInvitation,
} from '@nitroagi/shared/workspaces'
import type { Call } from '../call.ts'
import { mayGive } from '../identity/roles.ts'
import { hashSecret, newSecret } from '../identity/secrets.ts'
import type { InvitationsRepository } from '../ports/database/invitations-port.ts'
import type { WorkspacesRepository } from '../ports/database/workspaces-port.ts'
import type { Mail } from '../ports/mail/port.ts'
import type { Audit } from './audit.ts'
import { invitationLetter } from './invitation-letter.ts'

export type Invitations = ReturnType<typeof createInvitations>

/** Of one workspace. Each may be a letter to somebody who has not asked for it. */
const openAtMost = 100

interface Needs {
  invitations: InvitationsRepository
  workspaces: Pick<WorkspacesRepository, 'list'>
  mail: Mail
  audit: Pick<Audit, 'together' | 'record'>
  /** Where people reach the web app. */
  webUrl: string
  /** Hears who is in one more workspace. */
  onChange: (userId: string) => void
}

/** Links that let others into a workspace. */
export function createInvitations({ invitations, workspaces, mail, audit, webUrl, onChange }: Needs) {
  const linkOf = (secret: string) => `${webUrl}/invitation#${secret}`

  async function post(call: Call, invitation: Invitation, secret: string): Promise<boolean> {
    if (invitation.email === null) return false
    const mine = await workspaces.list(call.actor.userId)
    const workspaceName = mine.find(({ id }) => id === call.actor.workspaceId)?.name ?? 'a workspace'
    try {
      const { email: to, invitedBy, expiresAt } = invitation
      await mail.send(invitationLetter({ to, invitedBy, workspaceName, expiresAt, link: linkOf(secret) }))
      return true
    } catch (error) {
      call.log.warn('invitation-not-mailed', { error })
      return false
    }
  }

  return {
    list: (call: Call): Promise<Invitation[]> => invitations.list(call),

    /** The inviter always gets a link to hand on. The letter has another, so that only its reader proves the address. */
    async create(call: Call, { email, role, days }: CreateInvitation): Promise<CreatedInvitation> {
      if (!mayGive(call.actor.role, role)) throw new NitroError('forbidden', 'You cannot give a role above your own')
      const [shown, mailed] = [newSecret('ni_'), newSecret('ni_')]
      const isMailed = email !== undefined && mail.isConfigured
      const made = await audit.together(async () => {
        const created = await invitations.create(call, {
          email,
          role,
          days,
          secretHash: hashSecret(shown),
          mailedHash: isMailed ? hashSecret(mailed) : undefined,
          openAtMost,
        })
        if (created === 'member') throw new NitroError('conflict', `${email} is in this workspace already`)
        if (created === 'full') {
          throw new NitroError('conflict', `There are ${openAtMost} open invitations already. Call some back first.`)
        }
        const facts = { role, isForEmail: email !== undefined, expiresAt: created.expiresAt }
        await audit.record(call, { action: 'invitation.create', targetId: created.id, facts })
        return created
      })
      return { ...made, link: linkOf(shown), wasMailed: isMailed && (await post(call, made, mailed)) }
    },

    async revoke(call: Call, id: string): Promise<void> {
      await audit.together(async () => {
        if (!(await invitations.revoke(call, id))) {
          throw new NitroError('not_found', 'There is no such open invitation')
        }
        await audit.record(call, { action: 'invitation.revoke', targetId: id })
      })
    },

    /** What it opens, for whoever has the link. */
    async find(token: string): Promise<OpenInvitation> {
      const found = await invitations.find(hashSecret(token))
      if (!found) throw spent()
      return found
    },

    async accept(call: Call, token: string): Promise<AcceptedInvitation> {
      const { userId, via } = call.actor
      if (via !== 'session') {
        throw new NitroError('forbidden', 'An invitation is taken by whoever is signed in to the web app')
      }
      const accepted = await audit.together(async () => {
        const joined = await invitations.accept(hashSecret(token), userId)
        if (joined === 'closed') throw spent()
        if (joined === 'other-address') throw otherAddress()
        if (joined === 'member') throw new NitroError('conflict', 'You are in this workspace already')
        const { workspaceId, workspaceName, role, invitationId } = joined
        const facts = { role, invitationId }
        await audit.record(call, { action: 'member.join', targetId: userId, facts, workspaceId })
        return { workspaceId, workspaceName, role }
      })
      onChange(userId)
      return accepted
    },
  }
}

export const spent = () =>
  new NitroError('link_expired', 'This invitation was used or called back, or is too old. Ask for a new one.')

export const otherAddress = () =>
  new NitroError('forbidden', 'This invitation is for another e-mail address than the one of this account')
