import type { Actor } from '../src/call.ts'
import type { AuditEvent } from '../src/services/audit.ts'

/** An audit log that says what it was told, in order; what is done together is simply done. */
export function createRecordedAudit() {
  const recorded: (AuditEvent & { of?: string })[] = []
  const callers: object[] = []
  const note = (caller: object, event: AuditEvent & { of?: string }) => {
    // The real one could not be written without.
    if (Object.keys(caller).length === 0) throw new Error(`Nobody did ${event.action}`)
    callers.push(caller)
    recorded.push(event)
  }
  return {
    recorded,
    /** Who did what was recorded, as it was said: the actor of a call, or how a person arrived. */
    callers,
    actions: () => recorded.map(({ action }) => action),
    audit: {
      together: <Result>(work: () => Promise<Result>): Promise<Result> => work(),
      record: async ({ actor }: { actor: Actor }, event: AuditEvent) => note(actor, event),
      recordPerson: async (of: string, arrival: object, event: AuditEvent) => note(arrival, { ...event, of }),
      recordOperator: async (of: string, arrival: object, event: AuditEvent) => note(arrival, { ...event, of }),
      noteAttempt: (of: string, arrival: object, event: AuditEvent) => note(arrival, { ...event, of }),
    },
  }
}
