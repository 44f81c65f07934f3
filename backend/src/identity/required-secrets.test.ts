import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { requireSecrets } from './required-secrets.ts'
import { readWebKeys } from './web-keys.ts'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string
const kid = createHash('sha256')
  .update(publicKey.export({ type: 'spki', format: 'der' }))
  .digest('hex')
  .slice(0, 16)
const key = randomBytes(32)
const good = {
  production: true,
  webPublicKeys: [pem],
  operatorKey: 'no_0123456789abcdefghijklmnopqrstuvwxyz',
  secretKeys: [key.toString('hex'), randomBytes(32).toString('base64')],
}

it('takes a public key in every form that a hoster leaves it in, and several', () => {
  const forms = [pem, pem.replaceAll('\n', '\\n'), Buffer.from(pem).toString('base64'), `${pem}\n\n`]
  for (const form of forms) expect([...readWebKeys([form]).keys()]).toEqual([kid])
  const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string
  expect(readWebKeys([pem, other]).size).toBe(2)
})

it('starts with good secrets, and without any on a laptop', () => {
  requireSecrets(good)
  requireSecrets({ production: false })
})

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
  type: 'spki',
  format: 'pem',
}) as string
const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string

it.each([
  ['a missing public key', { webPublicKeys: undefined }, 'NITRO_WEB_PUBLIC_KEY'],
  ['an empty list of public keys', { webPublicKeys: [] }, 'NITRO_WEB_PUBLIC_KEY'],
  ['an example instead of a key', { webPublicKeys: ['your_public_key'] }, 'NITRO_WEB_PUBLIC_KEY'],
  ['a key of another kind', { webPublicKeys: [rsa] }, 'NITRO_WEB_PUBLIC_KEY'],
  ['a private key', { webPublicKeys: [secret] }, 'NITRO_WEB_PUBLIC_KEY'],
  ['a short operator key', { operatorKey: 'no_short-canary' }, 'NITRO_OPERATOR_KEY'],
  ['an example of an operator key', { operatorKey: 'your_operator_key_goes_in_here_canary' }, 'NITRO_OPERATOR_KEY'],
  [
    'an example further on in an operator key',
    { operatorKey: 'no_my-example-operator-key-canary-01' },
    'NITRO_OPERATOR_KEY',
  ],
  [
    'an operator key that waits to be changed',
    { operatorKey: 'please-change-me-canary-0123456789abc' },
    'NITRO_OPERATOR_KEY',
  ],
  ['an operator key that repeats itself', { operatorKey: '01234567890123456789012345678901' }, 'NITRO_OPERATOR_KEY'],
  ['the alphabet', { operatorKey: 'abcdefghijklmnopqrstuvwxyzabcdefghijkl' }, 'NITRO_OPERATOR_KEY'],
  [
    'a key for stored secrets in a row',
    { secretKeys: [Buffer.from([...Array(32).keys()]).toString('hex')] },
    'NITRO_SECRET_KEY',
  ],
  ['one within the other', { operatorKey: `no_${key.toString('hex')}` }, 'NITRO_SECRET_KEY'],
  ['an operator key of one letter', { operatorKey: 'a'.repeat(40) }, 'NITRO_OPERATOR_KEY'],
  ['a missing key for stored secrets', { secretKeys: undefined }, 'NITRO_SECRET_KEY'],
  ['no key for stored secrets', { secretKeys: [] }, 'NITRO_SECRET_KEY'],
  ['a key for stored secrets that is empty', { secretKeys: [key.toString('hex'), ''] }, 'NITRO_SECRET_KEY'],
  ['a short key for stored secrets', { secretKeys: [`${'c0ffee'.repeat(10)}canary`] }, 'NITRO_SECRET_KEY'],
  [
    'an example of a key for stored secrets',
    { secretKeys: ['your_secret_canary_'.padEnd(43, 'x')] },
    'NITRO_SECRET_KEY',
  ],
  ['a key for stored secrets of one letter', { secretKeys: ['a'.repeat(64)] }, 'NITRO_SECRET_KEY'],
  ['a key for stored secrets that counts', { secretKeys: ['0123456789abcdef'.repeat(4)] }, 'NITRO_SECRET_KEY'],
  ['the same key twice', { secretKeys: [key.toString('hex'), key.toString('base64')] }, 'NITRO_SECRET_KEY'],
  ['one key for both', { operatorKey: key.toString('hex'), secretKeys: [key.toString('base64')] }, 'NITRO_SECRET_KEY'],
  ['an operator key that no header carries', { operatorKey: `${'ab'.repeat(20)}\n canary` }, 'NITRO_OPERATOR_KEY'],
])('does not start in production with %s, and names the variable but not its value', (_, changes, name) => {
  expect(() => requireSecrets({ ...good, ...changes })).toThrow(name)
  expect(() => requireSecrets({ ...good, ...changes })).not.toThrow('canary')
})
