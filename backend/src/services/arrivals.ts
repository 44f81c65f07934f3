import { NitroError } from '@nitroagi/shared/errors'
import { hashSecret } from '../identity/secrets.ts'
import type { AccountsRepository, Membership, NewAccount } from '../ports/database/accounts-port.ts'
import type { InstallationRepository } from '../ports/database/installation-port.ts'
import type { InvitationsRepository, Joined } from '../ports/database/invitations-port.ts'
import type { Audit } from './audit.ts'
import { otherAddress, spent } from './invitations.ts'

interface Needs {
  accounts: Pick<AccountsRepository, 'membership' | 'create' | 'createWorkspaceFor'>
  invitations: Pick<InvitationsRepository, 'find' | 'accept' | 'acceptNamed' | 'signUp'>
  installation: Pick<InstallationRepository, 'registration'>
  audit: Pick<Audit, 'together' | 'record'>
  /** Hears who is in one more workspace. */
  onChange: (userId: string) => void
}

export type Arrivals = ReturnType<typeof createArrivals>

/** How people come to be in a workspace: by an invitation or, where registration is open, with one of their own. */
export function createArrivals({ accounts, invitations, installation, audit, onChange }: Needs) {
  const isOpen = async () => (await installation.registration()) === 'open'
  const note = ({ userId, workspaceId, role }: Membership, event: Parameters<Audit['record']>[1]) =>
    audit.record({ actor: { userId, workspaceId, role, via: 'service', scopes: [] } }, event)

  /** In the transaction in which they came. */
  async function arrived(userId: string, { workspaceId, invitationId }: Joined): Promise<Membership> {
    const membership = await accounts.membership(userId, workspaceId)
    if (!membership) throw spent()
    await note(membership, { action: 'member.join', targetId: userId, facts: { role: membership.role, invitationId } })
    return membership
  }

  const accept = (token: string, userId: string) =>
    audit.together(async () => {
      const outcome = await invitations.accept(hashSecret(token), userId)
      return typeof outcome === 'object' ? arrived(userId, outcome) : outcome
    })

  const withOwnWorkspace = (create: () => Promise<Membership>): Promise<Membership> =>
    audit.together(async () => {
      const membership = await create()
      await note(membership, { action: 'workspace.create', targetId: membership.workspaceId })
      return membership
    })

  return {
    isOpen,

    /** Before a password is hashed for it, which is costly: throws unless it would be taken. */
    async check(token: string, email: string): Promise<void> {
      const found = await invitations.find(hashSecret(token))
      if (!found) throw spent()
      if (found.email !== null && found.email !== email) throw otherAddress()
    },

    async signUpInvited(token: string, account: NewAccount): Promise<Membership> {
      const membership = await audit.together(async () => {
        const joined = await invitations.signUp(hashSecret(token), account)
        if (joined === 'closed') throw spent()
        if (joined === 'other-address') throw otherAddress()
        return arrived(joined.userId, joined)
      })
      onChange(membership.userId)
      return membership
    },

    /** With a workspace of their own. */
    signUpOpen: (account: NewAccount): Promise<Membership> => withOwnWorkspace(() => accounts.create(account, {})),

    /**
     * Where somebody who has proved who they are goes on: into the workspace of the invitation that they hold, else where
     * they are already. Who is in none any more gets into one that has invited their address, or a new one where anybody
     * could make one.
     */
    async home(person: { userId: string }, known: Membership | undefined, token?: string): Promise<Membership> {
      const { userId } = person
      const joined = token === undefined ? undefined : await accept(token, userId)
      if (typeof joined === 'object') {
        onChange(userId)
        return joined
      }
      // A link that is of no use keeps nobody out who has somewhere to go; its page says what is wrong with it.
      if (known && !known.suspended) return known
      if (known) throw new NitroError('forbidden', 'This account may not sign in. Ask the owner of your workspace.')
      if (joined === 'closed') throw spent()
      if (joined === 'other-address') throw otherAddress()
      const named = await audit.together(async () => {
        const found = await invitations.acceptNamed(userId)
        return found && arrived(userId, found)
      })
      if (named) {
        onChange(userId)
        return named
      }
      if (await isOpen()) return withOwnWorkspace(() => accounts.createWorkspaceFor(userId))
      throw new NitroError(
        'forbidden',
        'You are in no workspace any more. Ask for an invitation, and open its link to sign in with this account.',
      )
    },
  }
}
