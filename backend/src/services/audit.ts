import { createHash } from 'node:crypto'
import type { AuditEntry, AuditExportLine, AuditQuery, AuditVerification } from '@nitroagi/shared/audit'
import { createAuditVerifier } from '@nitroagi/shared/audit-chain'
import { NitroError } from '@nitroagi/shared/errors'
import type { Page } from '@nitroagi/shared/paging'
import type { Actor, Call } from '../call.ts'
import type { Log } from '../log.ts'
import type { AuditRepository } from '../ports/database/audit-port.ts'
import { AuditTarget, checkFacts, type AuditFacts } from './audit-facts.ts'

export type Audit = ReturnType<typeof createAudit>

export interface AuditEvent {
  /** noun.verb, as `api-key.create`. */
  action: `${Lowercase<string>}.${Lowercase<string>}`
  /** What it was done to: its id, or our own name for it. */
  targetId?: string | undefined
  facts?: AuditFacts | undefined
  /** Where it was done, when that is not the actor's own workspace. */
  workspaceId?: string | undefined
}

/** What is known of a call in which nobody is signed in yet. */
export interface Arrival {
  via: Actor['via']
  requestId?: string | undefined
}

const batch = 1_000
/** The operator of the machine while there is no account to act as. */
const isNobody = (userId: string) => /^[0-]+$/.test(userId)
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** Who changed what, and who came in. See docs/guides/audit.md for what is recorded. */
export function createAudit({ repository, log }: { repository: AuditRepository; log: Log }) {
  const entryOf = ({ action, targetId, facts = {} }: AuditEvent, actor: { id: string | null } & Arrival) => {
    const checked = checkFacts(facts)
    const target = targetId === undefined ? undefined : AuditTarget.safeParse(targetId)
    const refused = [...checked.refused, ...(target && !target.success ? ['targetId'] : [])]
    // The deed is recorded all the same; what is not on the list is a mistake of ours.
    if (refused.length > 0) log.warn('audit-facts-refused', { action, refused: refused.join(' ') })
    return {
      action,
      targetId: target?.data ?? null,
      facts: checked.facts,
      actorId: actor.id,
      via: actor.via,
      requestId: actor.requestId ?? null,
    }
  }

  async function recordFor(
    who: { userId: string } | { email: string },
    arrival: Arrival,
    event: AuditEvent,
    by: 'them' | 'nobody',
  ): Promise<void> {
    const person = await repository.person(who)
    if (!person) return
    const actor = { ...arrival, id: by === 'them' ? person.userId : null }
    const entry = entryOf({ targetId: person.userId, ...event }, actor)
    for (const workspaceId of person.workspaceIds) await repository.append(workspaceId, entry)
  }

  return {
    /**
     * A change and its entry, which is recorded last: both or neither, whatever happens between them. Only the database
     * is asked inside; what else follows from the change comes after it.
     */
    together: repository.together,

    /** Throws when it cannot be recorded, and then nothing else of `together` was done either. */
    async record(
      { actor, requestId }: Pick<Call, 'actor'> & { requestId?: string | undefined },
      event: AuditEvent,
    ): Promise<void> {
      const { userId, via, keyId } = actor
      const facts = { ...event.facts, ...(keyId === undefined ? {} : { keyId }) }
      await repository.append(
        event.workspaceId ?? actor.workspaceId,
        entryOf({ ...event, facts }, { id: isNobody(userId) ? null : userId, via, requestId }),
      )
    },

    /** What somebody did to their own account, in every workspace that they are in. */
    recordPerson: (userId: string, arrival: Arrival, event: AuditEvent): Promise<void> =>
      recordFor({ userId }, arrival, event, 'them'),

    /** What was done to somebody's account by who is in none of their workspaces: the operator. */
    recordOperator: (userId: string, arrival: Arrival, event: AuditEvent): Promise<void> =>
      recordFor({ userId }, arrival, event, 'nobody'),

    /**
     * What somebody unknown tried with the account of this address; nothing when there is none. Nobody waits for it:
     * the time that an answer takes must not say whether there is such an account.
     */
    noteAttempt(email: string, arrival: Arrival, event: AuditEvent): void {
      recordFor({ email }, arrival, event, 'nobody').catch((error: unknown) =>
        log.warn('audit-attempt-not-noted', { action: event.action, error }),
      )
    },

    async list(call: Call, query: AuditQuery): Promise<Page<AuditEntry>> {
      return repository.list(requireAdmin(call), query)
    },

    /** All entries, oldest first, a batch at a time. Refuses before the first one is asked for. */
    export(call: Call): AsyncIterable<AuditExportLine[]> {
      return chain(requireAdmin(call), call.signal)
    },

    async verify(call: Call, { noted }: { noted?: string | undefined } = {}): Promise<AuditVerification> {
      const workspaceId = requireAdmin(call)
      // Before the entries: those that are added meanwhile come on top.
      const newest = await repository.head(workspaceId)
      const verifier = createAuditVerifier(hashOf, { noted, ...(newest && { newest }) })
      for await (const entries of chain(workspaceId, call.signal)) entries.forEach(verifier.add)
      return verifier.result()
    },
  }

  async function* chain(workspaceId: string, signal: AbortSignal): AsyncIterable<AuditExportLine[]> {
    let after = 0
    for (;;) {
      signal.throwIfAborted()
      const entries = await repository.chain(workspaceId, after, batch)
      if (entries.length > 0) yield entries
      if (entries.length < batch) return
      after = entries.at(-1)!.sequence
    }
  }
}

/** The route asks for the scope; this holds for whoever calls the service next. Gives the workspace. */
function requireAdmin({ actor }: Call): string {
  const isAdmin = actor.role === 'owner' || actor.role === 'admin'
  if (!isAdmin || !actor.scopes.includes('admin')) {
    throw new NitroError('forbidden', 'The audit log is for the owner and the admins of the workspace')
  }
  return actor.workspaceId
}
