import { expect, it } from 'vitest'
import { hashSecret, isSameHash, newLinkToken, newSecret } from './secrets.ts'

it('makes secrets that say what they are, each of 256 random bits', () => {
  for (const prefix of ['nk_live_', 'nt_', 'no_', 'ni_'] as const) {
    const made = Array.from({ length: 100 }, () => newSecret(prefix))
    for (const secret of made) {
      expect(secret.startsWith(prefix)).toBe(true)
      expect(Buffer.from(secret.slice(prefix.length), 'base64url')).toHaveLength(32)
    }
    expect(new Set(made).size).toBe(100)
  }
  expect(Buffer.from(newLinkToken(), 'base64url')).toHaveLength(32)
  expect(newLinkToken()).not.toBe(newLinkToken())
})

it('keeps the SHA-256 of a secret, and compares it', () => {
  // FIPS 180-2, B.1.
  expect(hashSecret('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(isSameHash(hashSecret('abc'), hashSecret('abc'))).toBe(true)
  expect(isSameHash(hashSecret('abc'), hashSecret('abd'))).toBe(false)
})
