import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createEncryption, sealedKeyId } from './encryption.ts'

const place = { workspaceId: 'w1', table: 'second_factors', row: 'u1', column: 'secret' }
const newKey = () => randomBytes(32).toString('base64url')

/** What the log is told, which the answer is not. */
function reason(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return ((error as Error).cause as Error).message
  }
  throw new Error('It was opened')
}

it('gives back what was sealed, and never seals the same to the same', () => {
  const { encrypt, decrypt, currentKeyId } = createEncryption([newKey()])
  for (const plain of ['JBSWY3DPEHPK3PXP', '', 'ключ 鍵 🔑', 'x'.repeat(10_000)]) {
    const sealed = encrypt(plain, place)
    expect(sealed).toMatch(new RegExp(`^v1\\.${currentKeyId}\\.[\\w-]{16}\\.[\\w-]{22,}$`))
    expect(decrypt(sealed, place)).toBe(plain)
    expect(encrypt(plain, place)).not.toBe(sealed)
  }
})

it('opens a secret nowhere but at its place, however the names are cut', () => {
  const { encrypt, decrypt } = createEncryption([newKey()])
  const sealed = encrypt('canary', place)
  const elsewhere = [
    { ...place, workspaceId: 'w2' },
    { ...place, workspaceId: null },
    { ...place, table: 'other' },
    { ...place, row: 'u2' },
    { ...place, column: 'other' },
    { ...place, workspaceId: 'w1","second_factors', table: 'u1' },
    { workspaceId: 'w', table: '1second_factors', row: 'u1', column: 'secret' },
  ]
  for (const other of elsewhere) expect(reason(() => decrypt(sealed, other))).toContain('another place')
})

it('refuses what was changed or cut, and says nothing of its content', () => {
  const { encrypt, decrypt } = createEncryption([newKey()])
  const sealed = encrypt('canary-secret', place)
  const [version, keyId, nonce, body = ''] = sealed.split('.')
  const flipped = Buffer.from(body, 'base64url')
  flipped[0]! ^= 1
  const changed = [
    [version, keyId, nonce, flipped.toString('base64url')].join('.'),
    [version, keyId, 'A'.repeat(16), body].join('.'),
    [version, keyId, nonce, body.slice(0, -4)].join('.'),
  ]
  for (const wrong of changed) expect(reason(() => decrypt(wrong, place))).toContain('is of another place')
  const strange = [
    ['v2', keyId, nonce, body].join('.'),
    [version, keyId, nonce].join('.'),
    [version, keyId, nonce, 'AAAA'].join('.'),
    ` ${sealed}`,
    'canary-secret',
    '',
  ]
  for (const wrong of strange) expect(reason(() => decrypt(wrong, place))).toContain('is not of the form')
  for (const wrong of strange) expect(() => sealedKeyId(wrong)).toThrow('A stored secret cannot be opened')
  for (const wrong of [...changed, ...strange]) {
    expect(() => decrypt(wrong, place)).toThrow('A stored secret cannot be opened')
    expect(reason(() => decrypt(wrong, place))).not.toContain('canary')
  }
})

it('seals with the first key, opens with all of them, and names the one that is missing', () => {
  const [old, fresh] = [newKey(), newKey()]
  const before = createEncryption([old])
  const sealed = before.encrypt('secret', place)
  const between = createEncryption([fresh, old])
  expect(between.keyIds).toEqual([createEncryption([fresh]).currentKeyId, before.currentKeyId])
  expect(between.decrypt(sealed, place)).toBe('secret')
  expect(between.isOutdated(sealed)).toBe(true)
  const resealed = between.encrypt('secret', place)
  expect(between.isOutdated(resealed)).toBe(false)
  const after = createEncryption([fresh])
  expect(after.decrypt(resealed, place)).toBe('secret')
  expect(reason(() => after.decrypt(sealed, place))).toContain(`NITRO_SECRET_KEY has no key ${sealedKeyId(sealed)}`)
})

it('takes a key in hexadecimal and in base64 for the same key, and nothing that is no key', () => {
  const key = randomBytes(32)
  const forms = [
    key.toString('hex'),
    key.toString('hex').toUpperCase(),
    key.toString('base64'),
    key.toString('base64url'),
  ]
  expect(new Set(forms.map((form) => createEncryption([form]).currentKeyId)).size).toBe(1)
  const lengths = ['', 'a'.repeat(63), randomBytes(31).toString('base64'), randomBytes(33).toString('hex')]
  const surrounded = forms.flatMap((form) => [`,${form}`, `${form},`, `${form}${form}`])
  for (const wrong of [...lengths, ...surrounded]) {
    expect(() => createEncryption([wrong]), wrong).toThrow('must be 32 random bytes')
  }
  expect(() => createEncryption([])).toThrow('no key')
})
