import { expect, it } from 'vitest'
import { Credentials, Email, Password } from './identity.ts'

it('takes passwords of 12 to 256 characters, whatever is in them, and changes nothing of them', () => {
  for (const password of ['four words!?', ' '.repeat(12), 'пароль и 鍵 🔑 und mehr', 'x'.repeat(256)]) {
    expect(Password.parse(password)).toBe(password)
    expect(Credentials.parse({ email: 'ada@example.com', password }).password).toBe(password)
  }
  for (const password of ['eleven char', 'x'.repeat(257), '', null, 12, ['four words!?']]) {
    expect(Password.safeParse(password).success).toBe(false)
  }
})

it('knows an address however it is typed, and one at a time', () => {
  expect(Email.parse('  Ada@Example.COM ')).toBe('ada@example.com')
  for (const email of [
    '',
    'ada',
    'a@x.org,b@y.org',
    'a@x.org b@y.org',
    'a@x.org\r\nBcc: b@y.org',
    '"a b"@x.org',
    `${'a'.repeat(250)}@x.org`,
  ]) {
    expect(Email.safeParse(email).success, email).toBe(false)
  }
})
