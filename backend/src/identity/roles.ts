import type { Role, Scope } from '@nitroagi/shared/identity'

/** What a role may do at most. A viewer reads and asks nothing of a model, because that costs money. */
const scopesOfRole: Record<Role, readonly Scope[]> = {
  owner: ['read', 'chat', 'knowledge', 'admin'],
  admin: ['read', 'chat', 'knowledge', 'admin'],
  editor: ['read', 'chat', 'knowledge'],
  member: ['read', 'chat', 'knowledge'],
  viewer: ['read'],
}

export const scopesOf = (role: Role): readonly Scope[] => scopesOfRole[role]

/** A key never does more than its owner may do now. */
export const narrowed = (scopes: readonly Scope[], role: Role): Scope[] =>
  scopes.filter((scope) => scopesOfRole[role].includes(scope))
