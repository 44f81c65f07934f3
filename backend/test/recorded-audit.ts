import type { AuditEvent } from '../src/services/audit.ts'

/** An audit log that says what it was told, in order; what is done together is simply done. */
export function createRecordedAudit() {
  const recorded: (AuditEvent & { of?: string })[] = []
  return {
    recorded,
    actions: () => recorded.map(({ action }) => action),
    audit: {
      together: <Result>(work: () => Promise<Result>): Promise<Result> => work(),
      record: async (_call: unknown, event: AuditEvent) => void recorded.push(event),
      recordPerson: async (of: string, _arrival: unknown, event: AuditEvent) => void recorded.push({ ...event, of }),
      recordOperator: async (of: string, _arrival: unknown, event: AuditEvent) => void recorded.push({ ...event, of }),
      noteAttempt: (of: string, _arrival: unknown, event: AuditEvent) => void recorded.push({ ...event, of }),
    },
  }
}
