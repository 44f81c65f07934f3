import type { Role } from '@nitroagi/shared/identity'
import { expect, it } from 'vitest'
import { isAdmin, mayChange, mayGive, narrowed, scopesOf } from './roles.ts'

const roles: Role[] = ['owner', 'admin', 'editor', 'member', 'viewer']

it('lets owners give any role, admins all but the owner’s, and nobody else any', () => {
  const given = Object.fromEntries(roles.map((own) => [own, roles.filter((role) => mayGive(own, role))]))
  expect(given).toEqual({
    owner: roles,
    admin: ['admin', 'editor', 'member', 'viewer'],
    editor: [],
    member: [],
    viewer: [],
  })
})

it('lets owners change anybody, admins those below them, and nobody else anybody', () => {
  const changed = Object.fromEntries(roles.map((own) => [own, roles.filter((role) => mayChange(own, role))]))
  expect(changed).toEqual({
    owner: roles,
    admin: ['editor', 'member', 'viewer'],
    editor: [],
    member: [],
    viewer: [],
  })
})

it('gives each role what it may do, and a key of theirs no more than that', () => {
  const all = ['read', 'chat', 'knowledge', 'admin'] as const
  const rights = Object.fromEntries(roles.map((role) => [role, narrowed(all, role)]))
  expect(rights).toEqual({
    owner: all,
    admin: all,
    editor: ['read', 'chat', 'knowledge'],
    member: ['read', 'chat', 'knowledge'],
    viewer: ['read'],
  })
  expect(Object.fromEntries(roles.map((role) => [role, scopesOf(role)]))).toEqual(rights)
  expect(narrowed(['chat', 'admin'], 'member')).toEqual(['chat'])
  expect(roles.filter(isAdmin)).toEqual(['owner', 'admin'])
})
