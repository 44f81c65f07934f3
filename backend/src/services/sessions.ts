import { NitroError } from '@nitroagi/shared/errors'
import type { Session } from '@nitroagi/shared/identity'
import type { Call } from '../call.ts'
import type { SessionsRepository } from '../ports/database/sessions-port.ts'
import type { Audit } from './audit.ts'

export type Sessions = ReturnType<typeof createSessions>

/** Where somebody is signed in, for themselves. `onEnd` hears whose rights have changed, so that they are looked up anew. */
export function createSessions({
  repository,
  audit,
  onEnd,
}: {
  repository: SessionsRepository
  audit: Pick<Audit, 'together' | 'recordPerson'>
  onEnd: (userId: string) => void
}) {
  return {
    async list({ actor }: Call): Promise<Session[]> {
      const { sessionId } = requireSession(actor)
      const sessions = await repository.list(actor.userId)
      return sessions.map((session) => ({ ...session, isCurrent: session.id === sessionId }))
    },

    async revoke({ actor, requestId }: Call, id: string | 'current'): Promise<void> {
      const { sessionId } = requireSession(actor)
      const targetId = id === 'current' ? sessionId : id
      const reason = targetId === sessionId ? 'sign-out' : 'revoked'
      const arrival = { via: actor.via, requestId }
      await audit.together(async () => {
        const isRevoked = await repository.revoke(actor.userId, targetId)
        if (!isRevoked) throw new NitroError('not_found', 'There is no such session, or it has ended')
        await audit.recordPerson(actor.userId, arrival, { action: 'session.end', targetId, facts: { reason } })
      })
      onEnd(actor.userId)
    },

    async revokeOthers({ actor, requestId }: Call): Promise<{ ended: number }> {
      const { sessionId } = requireSession(actor)
      const arrival = { via: actor.via, requestId }
      const ended = await audit.together(async () => {
        const count = await repository.revokeAll(actor.userId, sessionId)
        await audit.recordPerson(actor.userId, arrival, { action: 'session.end-others', facts: { count } })
        return count
      })
      onEnd(actor.userId)
      return { ended }
    },
  }
}

/** A key that leaked must not be able to throw its owner out. */
function requireSession({ via, sessionId }: Call['actor']): { sessionId: string } {
  if (via !== 'session' || sessionId === undefined) {
    throw new NitroError('forbidden', 'Sessions are managed by whoever is signed in to the web app')
  }
  return { sessionId }
}
