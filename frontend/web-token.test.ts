import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { keyId, signForPerson, signForService } from './web-token.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

it('signs for one person, one method and one path, for a minute', async () => {
  process.env['NITRO_WEB_PRIVATE_KEY'] = pem
  const identity = { userId: randomUUID(), workspaceId: randomUUID(), sessionId: randomUUID() }
  const token = await signForPerson(identity, { method: 'GET', path: '/api/v1/me' })
  const { payload } = await jwtVerify(token, createPublicKey(privateKey), {
    algorithms: ['EdDSA'],
    typ: 'nitro-int+jwt',
    issuer: 'nitroagi-web',
    audience: 'nitroagi-backend',
  })
  expect(payload).toMatchObject({
    sub: identity.userId,
    wid: identity.workspaceId,
    sid: identity.sessionId,
    htm: 'GET',
    htu: '/api/v1/me',
  })
  expect(payload.exp! - payload.iat!).toBe(60)
  expect(Object.keys(payload)).not.toContain('role')
  expect(decodeProtectedHeader(token).kid).toBe(keyId(privateKey))
})

// The backend names it the same way: backend/src/identity/web-keys.ts.
it('names the key by the beginning of its fingerprint, as the backend does', () => {
  const der = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  expect(keyId(privateKey)).toBe(createHash('sha256').update(der).digest('hex').slice(0, 16))
})

it('never makes the same token twice, and the service’s own token is another kind', async () => {
  const target = { method: 'POST', path: '/api/v1/auth/sign-in' }
  const [one, other] = [
    await signForService(target, { address: '192.0.2.7', agent: 'A browser' }),
    await signForService(target),
  ]
  expect(decodeJwt(one).jti).not.toBe(decodeJwt(other).jti)
  expect(decodeProtectedHeader(one)).toMatchObject({ typ: 'nitro-svc+jwt', alg: 'EdDSA' })
  expect(decodeJwt(one)).toMatchObject({ aud: 'nitroagi-backend-service', sub: 'web', cip: '192.0.2.7' })
  expect(decodeJwt(other)).not.toHaveProperty('cip')
})

it('binds what changes something to the one body that is sent', async () => {
  const identity = { userId: randomUUID(), workspaceId: randomUUID(), sessionId: randomUUID() }
  const claimsOf = async (method: string, body?: Uint8Array | string) =>
    decodeJwt(await signForPerson(identity, { method, path: '/api/v1/me', body }))
  const hash = (text: string) => createHash('sha256').update(text).digest('base64url')
  expect((await claimsOf('PATCH', '{"name":"Ada"}'))['bh']).toBe(hash('{"name":"Ada"}'))
  expect((await claimsOf('PATCH', new TextEncoder().encode('{"name":"Ada"}')))['bh']).toBe(hash('{"name":"Ada"}'))
  expect((await claimsOf('DELETE'))['bh']).toBe(hash(''))
  expect(await claimsOf('GET')).not.toHaveProperty('bh')
})

it('reads the key of a file as it is now', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nitro-web-token-'))
  try {
    const file = join(folder, 'key.pem')
    const other = generateKeyPairSync('ed25519').privateKey
    writeFileSync(file, other.export({ type: 'pkcs8', format: 'pem' }))
    const config = readConfig({ NITRO_WEB_PRIVATE_KEY_FILE: file })
    expect(keyId(createPrivateKey(config.webPrivateKey))).toBe(keyId(other))
    writeFileSync(file, pem)
    expect(keyId(createPrivateKey(config.webPrivateKey))).toBe(keyId(privateKey))
    expect(() => readConfig({ NITRO_WEB_PRIVATE_KEY_FILE: join(folder, 'none') }).webPrivateKey).toThrow('_FILE')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('takes the key as PEM, with written line ends, and in base64', () => {
  for (const value of [pem, pem.replaceAll('\n', '\\n'), Buffer.from(pem).toString('base64')]) {
    expect(readConfig({ NITRO_WEB_PRIVATE_KEY: value }).webPrivateKey).toBe(pem.trim())
  }
})

it('names the setting that is missing, short or an example, and never its value', () => {
  expect(() => readConfig({}).sessionSecret).toThrow('NEXTAUTH_SECRET is not set')
  expect(() => readConfig({ NEXTAUTH_SECRET: 'tooshort' }).sessionSecret).toThrow(/^(?!.*tooshort).*NEXTAUTH_SECRET/)
  expect(() => readConfig({ NEXTAUTH_SECRET: `your_secret_${'x'.repeat(40)}` }).sessionSecret).toThrow('example')
  expect(() => readConfig({ BACKEND_URL: 'nonsense' })).toThrow('BACKEND_URL')
  const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const wrong = rsa.export({ type: 'pkcs8', format: 'pem' }).toString()
  expect(() => readConfig({ NITRO_WEB_PRIVATE_KEY: wrong }).webPrivateKey).toThrow('not an Ed25519 private key')
})

it('needs no setting at all until one is used', () => {
  expect(readConfig({ BACKEND_URL: '' }).backendUrl).toBe('http://127.0.0.1:8000')
})
