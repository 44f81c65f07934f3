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

const ranks: Record<Role, number> = { owner: 4, admin: 3, editor: 2, member: 1, viewer: 0 }

/** Who cares for a workspace: its members, invitations, caps and log. */
export const isAdmin = (role: Role): boolean => ranks[role] >= ranks.admin

/** Owners and admins give roles, and nobody one above their own. */
export const mayGive = (own: Role, given: Role): boolean => isAdmin(own) && ranks[given] <= ranks[own]

/** Whether somebody may change what another is: owners anybody, admins those below them. */
export const mayChange = (own: Role, theirs: Role): boolean =>
  own === 'owner' || (isAdmin(own) && ranks[theirs] < ranks[own])
