import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { rotateWebKeys } from '../../cli/rotate-web-keys.ts'
import { ConfigError } from '../config.ts'
import { createWebKeys, keyId } from './web-keys.ts'

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
  let time = 0
  const keys = createWebKeys({ file: publicFile }, undefined, () => time)
  return { keys, pass: (seconds: number) => (time += seconds * 1000) }
}

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

it('stays with the keys that were good while the file is none', () => {
  const { keys, pass } = keysWithClock()
  const kid = signingKid()
  writeFileSync(publicFile, 'half of a')
  utimesSync(publicFile, new Date(), new Date(Date.now() + 5_000))
  pass(5)
  expect(keys.get(kid)).toBeDefined()
})

it('says which setting names no key at the start', () => {
  expect(() => createWebKeys({ file: join(folder, 'missing.pem') })).toThrow(ConfigError)
  writeFileSync(publicFile, 'your_public_key')
  expect(() => createWebKeys({ file: publicFile })).toThrow('NITRO_WEB_PUBLIC_KEY_FILE')
  // A private key would be taken too, and has no business here.
  expect(() => createWebKeys({ file: privateFile })).toThrow('NITRO_WEB_PUBLIC_KEY')
})

it('says where keys that are not in the data folder are replaced', async () => {
  await expect(rotateWebKeys(silent, { dataDir: join(folder, 'none') })).rejects.toThrow('npm start')
})
