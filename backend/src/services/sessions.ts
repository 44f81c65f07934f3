import { NitroError } from '@nitroagi/shared/errors'
import type { Session } from '@nitroagi/shared/identity'
import type { Call } from '../call.ts'
import type { SessionsRepository } from '../ports/database/sessions-port.ts'

export type Sessions = ReturnType<typeof createSessions>

/** Where somebody is signed in, for themselves. `onEnd` hears whose rights have changed, so that they are looked up anew. */
export function createSessions({
  repository,
  onEnd,
}: {
  repository: SessionsRepository
  onEnd: (userId: string) => void
}) {
  return {
    async list({ actor }: Call): Promise<Session[]> {
      const { sessionId } = requireSession(actor)
      const sessions = await repository.list(actor.userId)
      return sessions.map((session) => ({ ...session, isCurrent: session.id === sessionId }))
    },

    async revoke({ actor }: Call, id: string | 'current'): Promise<void> {
      const { sessionId } = requireSession(actor)
      const isRevoked = await repository.revoke(actor.userId, id === 'current' ? sessionId : id)
      if (!isRevoked) throw new NitroError('not_found', 'There is no such session, or it has ended')
      onEnd(actor.userId)
    },

    async revokeOthers({ actor }: Call): Promise<{ ended: number }> {
      const { sessionId } = requireSession(actor)
      const ended = await repository.revokeAll(actor.userId, sessionId)
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
