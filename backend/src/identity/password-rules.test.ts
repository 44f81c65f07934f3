import { NitroError } from '@nitroagi/shared/errors'
import { describe, expect, it } from 'vitest'
import { checkPassword } from './password-rules.ts'

const email = 'ada.lovelace@example.com'
const codeFor = (password: string) =>
  checkPassword(password, email).then(
    () => 'fine',
    (error: unknown) => (error instanceof NitroError ? error.code : error),
  )

describe('a password that anybody would try', () => {
  it.each([
    'sonyericsson',
    '1qaz2wsx3edc',
    'Password1234',
    '!!Sunshine2024!',
    'passwordpassword',
    'LetMeIn12345',
    'aaaaaaaaaaaa',
    'abcabcabcabc',
    '000000000000',
    '123456789012',
    '987654321098',
    '890123456789',
    'nitronitronitro',
    '1234dragon5678',
    'abcdabcdabcd',
    'xyxyxyxyxyxyxy',
    'abcdefghijklm',
    'ada.lovelace',
    'ada.lovelace1815',
    'ada.lovelace@example.com',
    'NitroAGI2026!',
    'nitroagi-nitroagi-'.slice(0, 17).replace('-', ''),
  ])('is refused: %s', async (password) => expect(await codeFor(password)).toBe('password_common'))
})

it.each([
  'correct horse battery staple',
  'a long enough password',
  'five boxing wizards',
  'ada.lovelace wrote notes',
  '7391-8264-dragon-4827-1193',
  'кот пьёт молоко утром',
  'something of my own nitro',
  'nitrogen is rather cold',
  '12345dragon56789',
  '135791357924',
  'Tr0ub4dour-and-3-friends',
])('another one is taken: %s', async (password) => expect(await codeFor(password)).toBe('fine'))

it('says what to choose instead', async () => {
  await expect(checkPassword('passwordpassword', email)).rejects.toThrow('three or four words')
})
