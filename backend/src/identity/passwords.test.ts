import { expect, it } from 'vitest'
import { createPasswords } from './passwords.ts'

it('keeps a password as argon2id, differently each time, and knows it again', async () => {
  const passwords = createPasswords()
  const [one, other] = await Promise.all([
    passwords.hash('correct horse battery'),
    passwords.hash('correct horse battery'),
  ])
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(one).not.toBe(other)
  expect(await passwords.matches(one, 'correct horse battery')).toBe(true)
  expect(await passwords.matches(one, 'correct horse battery ')).toBe(false)
  expect(await passwords.matches(one, '')).toBe(false)
})

it('takes a letter however a keyboard composes it', async () => {
  const passwords = createPasswords()
  expect(await passwords.matches(await passwords.hash('Zürich ist schön'), 'Zu\u0308rich ist scho\u0308n')).toBe(true)
})

it('matches nobody where there is no hash', async () => {
  expect(await createPasswords().matches(undefined, 'anything')).toBe(false)
})

it('turns a crowd away instead of piling it up, and serves who waits', async () => {
  const passwords = createPasswords({ atOnce: 1, waiting: 2 })
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => passwords.hash('a long enough password')))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'])
  expect(await passwords.hash('a long enough password')).toMatch(/^\$argon2id/)
})
