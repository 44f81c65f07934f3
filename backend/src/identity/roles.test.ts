import type { Role } from '@nitroagi/shared/identity'
import { expect, it } from 'vitest'
import { mayChange, mayGive } from './roles.ts'

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
