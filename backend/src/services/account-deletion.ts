import type { DeleteAccount } from '@nitroagi/shared/account-care'
import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import type { AccountCareRepository } from '../ports/database/account-care-port.ts'
import type { CollectionsRepository } from '../ports/database/collections-port.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'
import { requireSession, type AccountCare } from './account-care.ts'
import type { Attachments } from './attachments.ts'
import type { Audit } from './audit.ts'
import { removeCollectionKind, type CollectionPayload } from './collections.ts'
import type { WorkspaceRemoval } from './workspace-removal.ts'

export type AccountDeletion = ReturnType<typeof createAccountDeletion>

/** An account with everything that is its own. What somebody added to a workspace of others belongs to that workspace. */
export function createAccountDeletion({
  repository,
  onChange,
  care,
  removal,
  collections,
  attachments,
  jobs,
  audit,
}: {
  repository: Pick<AccountCareRepository, 'privateCollections' | 'delete'>
  /** Hears whose rights have ended. */
  onChange: (userId: string) => void
  care: Pick<AccountCare, 'proven'>
  removal: Pick<WorkspaceRemoval, 'leaveAll'>
  collections: Pick<CollectionsRepository, 'hide'>
  attachments: Pick<Attachments, 'clear'>
  jobs: Pick<JobQueue, 'send'>
  audit: Pick<Audit, 'together' | 'record'>
}) {
  const within = (call: Call, workspaceId: string): Call => ({ ...call, actor: { ...call.actor, workspaceId } })

  async function remove(call: Call, workspaceId: string, collectionId: string): Promise<void> {
    if (!(await collections.hide(within(call, workspaceId), collectionId))) return
    const payload: CollectionPayload = { workspaceId, collectionId, ownerId: call.actor.userId }
    await jobs.send(removeCollectionKind, payload, { key: collectionId })
  }

  return {
    /** Throws `conflict` with what to do first when a workspace of others would be left without an owner. */
    async delete(call: Call, { email, password }: DeleteAccount): Promise<void> {
      requireSession(call)
      const account = await care.proven(call, password)
      if (email !== account.email) {
        throw new NitroError('invalid_input', 'email: Type the address of this account, to be sure that you mean it')
      }
      const { userId } = account
      const unshared = await repository.privateCollections(userId)
      const stayed = await removal.leaveAll(userId, (leave) =>
        audit.together(async () => {
          const leaving = await leave()
          for (const { workspaceId } of leaving.left) {
            await audit.record(call, { action: 'account.delete', targetId: userId, workspaceId })
          }
          return leaving
        }),
      )
      for (const { workspaceId, id } of unshared) await remove(call, workspaceId, id)
      await repository.delete(userId)
      onChange(userId)
      for (const workspaceId of stayed) await attachments.clear(within(call, workspaceId))
    },
  }
}
