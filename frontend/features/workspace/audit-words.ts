import type { AuditEntry } from '@nitroagi/shared/audit'

const vias: Readonly<Record<string, string>> = {
  session: 'in the web app',
  'api-key': 'with an API key',
  operator: 'as the operator',
  system: 'by itself',
}

export const viaWords = (via: string): string => vias[via] ?? via

/** What the entries are about, for choosing among them. */
export const auditAreas = (entries: readonly AuditEntry[]): string[] =>
  [...new Set(entries.map(({ action }) => action.split('.')[0] ?? action))].sort()

export const factWords = (facts: AuditEntry['facts']): string =>
  Object.entries(facts)
    .map(([name, value]) => `${name}: ${value === null ? 'none' : String(value)}`)
    .join(', ')
