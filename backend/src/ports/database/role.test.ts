import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { PrismaClient } from './generated/client.ts'
import { takeRole, withPrisma } from './role.ts'

const id = randomUUID()

describe('a transaction', () => {
  it('sees one workspace, named before anything is asked', () => {
    expect(takeRole({ role: 'nitro_app', workspaceId: id })).toBe(
      `SET LOCAL ROLE nitro_app; SET LOCAL app.workspace = '${id}'`,
    )
    expect(takeRole({ role: 'nitro_app', workspaceId: id.toUpperCase() })).toContain(id.toUpperCase())
    expect(takeRole({ role: 'nitro_system' })).toBe('SET LOCAL ROLE nitro_system')
  })

  it.each([
    '',
    'w',
    `${id}'; SET LOCAL ROLE nitro_system; --`,
    `' OR ${id}`,
    `x${id}`,
    `${id}x`,
    `${id}\n`,
    `\n${id}`,
    `${id},${id}`,
    `{${id}}`,
    id.replaceAll('-', ''),
    id.replace('-', '_'),
    id.slice(1),
    `g${id.slice(1)}`,
  ])('is never that of a workspace named %j', (workspaceId) => {
    expect(() => takeRole({ role: 'nitro_app', workspaceId })).toThrow('A workspace is named by a UUID')
  })
})

it('gives Prisma its role in the transaction of what it is asked, and no workspace where there is none', async () => {
  const told: unknown[] = []
  const prisma = {
    $queryRaw: (text: TemplateStringsArray, ...values: unknown[]) => ({ text: text.join('?'), values }),
    $transaction: async (steps: unknown[]) => (told.push(steps[0]), ['set', steps[1]]),
  } as unknown as PrismaClient
  const asked = 'what it found' as never
  expect(await withPrisma(prisma, { role: 'nitro_app', workspaceId: id }, () => asked)).toBe(asked)
  expect(await withPrisma(prisma, { role: 'nitro_system' }, () => asked)).toBe(asked)
  const text = `SELECT set_config('role', ?, true), set_config('app.workspace', ?, true)`
  expect(told).toEqual([
    { text, values: ['nitro_app', id] },
    { text, values: ['nitro_system', ''] },
  ])
})
