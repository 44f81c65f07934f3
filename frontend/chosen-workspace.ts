import { NitroError } from '@nitroagi/shared/errors'
import { Account } from '@nitroagi/shared/identity'
import { z } from 'zod'
import { readForPerson } from './backend-client/service.ts'
import { logError } from './log.ts'
import type { SessionIdentity } from './web-token.ts'

const Wanted = z.object({ workspaceId: z.uuid() })

/**
 * The session in another workspace, when the backend says that this person is in it and may be; otherwise as it was.
 * Never throws: next-auth would take that for a broken session and sign them out.
 */
export async function inChosenWorkspace(identity: SessionIdentity, given: unknown): Promise<SessionIdentity> {
  const wanted = Wanted.safeParse(given)
  if (!wanted.success) return identity
  const chosen = { ...identity, workspaceId: wanted.data.workspaceId.toLowerCase() }
  try {
    const { userId, workspaceId } = await readForPerson(chosen, '/api/v1/me', Account)
    return userId === identity.userId && workspaceId === chosen.workspaceId ? chosen : identity
  } catch (error) {
    if (!(error instanceof NitroError) || error.status >= 500) logError('workspace-not-switched', error)
    return identity
  }
}
