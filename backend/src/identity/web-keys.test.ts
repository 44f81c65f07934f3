import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { rotateWebKeys } from '../../cli/rotate-web-keys.ts'
import { ConfigError } from '../config.ts'
import { silentLog } from '../log.ts'
import { createWebKeys, keyId, readWebKeys } from './web-keys.ts'

let folder: string
let privateFile: string
let publicFile: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nitro-web-keys-'))
  mkdirSync(join(folder, 'keys'))
  privateFile = join(folder, 'keys', 'web-private-key.pem')
  publicFile = join(folder, 'keys', 'web-public-keys.pem')
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  writeFileSync(privateFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(publicFile, publicKey.export({ type: 'spki', format: 'pem' }))
})

afterEach(() => rmSync(folder, { recursive: true }))

const signingKid = () => keyId(createPublicKey(readFileSync(privateFile, 'utf8')))

function keysWithClock() {
  let time = 1_000_000
  const told: unknown[] = []
  const log = {
    ...silentLog,
    info: (event: string, fields: unknown) => void told.push([event, fields]),
    warn: (event: string, { error }: { error?: unknown } = {}) => void told.push([event, error instanceof ConfigError]),
  }
  const keys = createWebKeys({ file: publicFile }, log, () => time)
  return { keys, told, pass: (seconds: number) => (time += seconds * 1000) }
}

const pemOf = (type: 'ed25519' | 'x25519' | 'ed448') => {
  const { publicKey } = generateKeyPairSync(type as 'ed25519')
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}
const kidOf = (pem: string) => keyId(createPublicKey(pem))

const silent = { json: true, result: () => {}, piece: () => {}, remark: () => {} }

it('knows the key that signs at every moment of a rotation, and at its end no other', async () => {
  const { keys, pass } = keysWithClock()
  const old = signingKid()
  let step = 0
  await rotateWebKeys(silent, {
    dataDir: folder,
    async pause(seconds) {
      pass(seconds)
      step++
      expect(keys.get(old)).toBeDefined()
      expect(keys.get(signingKid())).toBeDefined()
      expect(signingKid() === old).toBe(step === 1)
    },
  })
  pass(5)
  expect(step).toBe(2)
  expect(keys.get(signingKid())).toBeDefined()
  expect(keys.get(old)).toBeUndefined()
})

it('refuses a key that was taken within five seconds, when it is replaced at once', async () => {
  const { keys, pass } = keysWithClock()
  const old = signingKid()
  await rotateWebKeys(silent, { dataDir: folder, atOnce: true })
  pass(5)
  expect([keys.get(old), keys.get(signingKid()) !== undefined]).toEqual([undefined, true])
})

it('looks at the file every five seconds, and reads it when it is another', () => {
  const { keys, told, pass } = keysWithClock()
  const [old, pem] = [signingKid(), pemOf('ed25519')]
  pass(5)
  expect(keys.get(old)).toBeDefined()
  expect(told).toEqual([])
  writeFileSync(publicFile, `${pem}\n${pemOf('ed25519')}`)
  pass(4.999)
  expect(keys.get(kidOf(pem))).toBeUndefined()
  pass(0.001)
  expect([keys.get(kidOf(pem)) !== undefined, keys.get(old)]).toEqual([true, undefined])
  expect(told).toEqual([['web-keys-read', { kids: [kidOf(pem), expect.any(String)] }]])
})

it('stays with the keys that were good while the file is none, and says so at each look', () => {
  const { keys, told, pass } = keysWithClock()
  const kid = signingKid()
  writeFileSync(publicFile, 'half of a')
  utimesSync(publicFile, new Date(), new Date(Date.now() + 5_000))
  for (const _ of [1, 2]) {
    pass(5)
    expect(keys.get(kid)).toBeDefined()
    expect(keys.get(kid)).toBeDefined()
  }
  expect(told).toEqual([
    ['web-keys-not-read', true],
    ['web-keys-not-read', true],
  ])
})

it('takes keys however a hoster has kept them, for verifying alone, under the name that the web app says', () => {
  const pems = [pemOf('ed25519'), pemOf('ed25519'), pemOf('ed25519'), pemOf('ed25519')]
  const [plain = '', escaped = '', wrapped = '', padded = ''] = pems
  const keys = readWebKeys([
    plain,
    escaped.replaceAll('\n', '\\n'),
    Buffer.from(wrapped).toString('base64'),
    `  ${padded.replaceAll('\n', '\\n')}  `,
  ])
  const names = pems.map((pem) => {
    const der = Buffer.from(pem.replace(/-----.*?-----|\n/g, ''), 'base64')
    return createHash('sha256').update(der).digest('hex').slice(0, 16)
  })
  expect([...keys.keys()]).toEqual(names)
  for (const { usages, algorithm } of keys.values()) {
    expect([usages, algorithm.name]).toEqual([['verify'], 'Ed25519'])
  }
  expect(createWebKeys({ values: [plain], file: publicFile }).get(names[0]!)).toBeDefined()
  expect(readWebKeys()).toEqual(new Map())
})

it('takes no key of another kind', () => {
  for (const value of [pemOf('x25519'), pemOf('ed448'), 'no key', ''])
    expect(() => readWebKeys([value])).toThrow('NITRO_WEB_PUBLIC_KEY is not an Ed25519 public key in SPKI PEM')
})

it('says which setting names no key at the start', () => {
  const start = (file: string) => () => createWebKeys({ file })
  expect(start(join(folder, 'missing.pem'))).toThrow(ConfigError)
  expect(start(join(folder, 'missing.pem'))).toThrow('NITRO_WEB_PUBLIC_KEY_FILE names a file that cannot be read')
  writeFileSync(publicFile, 'your_public_key')
  expect(start(publicFile)).toThrow('NITRO_WEB_PUBLIC_KEY_FILE names a file without a public key')
  // A private key would be taken too, and has no business here.
  expect(() => createWebKeys({ file: privateFile })).toThrow('NITRO_WEB_PUBLIC_KEY')
})

it('says where keys that are not in the data folder are replaced', async () => {
  await expect(rotateWebKeys(silent, { dataDir: join(folder, 'none') })).rejects.toThrow('npm start')
})
