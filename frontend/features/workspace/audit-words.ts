import type { AuditEntry } from '@nitroagi/shared/audit'

const vias: Readonly<Record<string, string>> = {
  session: 'in the web app',
  ticket: 'in the web app',
  service: 'at the door of the web app',
  'api-key': 'with an API key',
  operator: 'as the operator',
  job: 'by itself',
}

export const viaWords = (via: string): string => vias[via] ?? via

/** What entries are about: the noun before the dot, for choosing among them. */
export const auditAreas: readonly { noun: string; label: string }[] = [
  { noun: 'session', label: 'Signing in' },
  { noun: 'member', label: 'Members' },
  { noun: 'invitation', label: 'Invitations' },
  { noun: 'api-key', label: 'API keys' },
  { noun: 'spending-cap', label: 'Caps on spending' },
  { noun: 'workspace', label: 'The workspace' },
  { noun: 'registration', label: 'Registration' },
  { noun: 'account', label: 'Accounts' },
  { noun: 'user', label: 'Accounts by the operator' },
  { noun: 'password', label: 'Passwords' },
  { noun: 'email', label: 'E-mail addresses' },
  { noun: 'second-factor', label: 'Second factors' },
  { noun: 'identity', label: 'Connected services' },
  { noun: 'collection', label: 'Collections' },
  { noun: 'collection-member', label: 'Members of collections' },
  { noun: 'document', label: 'Documents' },
  { noun: 'module', label: 'Modules' },
  { noun: 'learning', label: 'Learning' },
]

export const factWords = (facts: AuditEntry['facts']): string =>
  Object.entries(facts)
    .map(([name, value]) => `${name}: ${value === null ? 'none' : String(value)}`)
    .join(', ')
