import { createHash, createPublicKey, type KeyObject, type webcrypto } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { ConfigError } from '../config.ts'
import type { Log } from '../log.ts'

/** The web app's public keys by name. Several, so that a key can be replaced without a gap. */
export interface WebKeys {
  get(kid: string): webcrypto.CryptoKey | undefined
}

export interface WebKeysOptions {
  /** Each is an SPKI PEM as it is, with its line ends written as \n, or wrapped in base64: all three survive some hoster. */
  values?: readonly string[] | undefined
  /** PEMs one after the other. What is written into it counts within seconds, without a restart. */
  file?: string | undefined
}

/** How old what is known of the file may be. */
const freshMs = 5_000

/** Throws ConfigError when one of them is no key; a file that cannot be read later on leaves the keys that were good. */
export function createWebKeys({ values, file }: WebKeysOptions, log?: Log, now: () => number = Date.now): WebKeys {
  const fixed = readWebKeys(values)
  if (file === undefined) return fixed
  let { written, keys: ofFile } = readFirst(file)
  let looked = now()

  function look(): void {
    looked = now()
    try {
      // Before it is read: what is written meanwhile is found at the next look.
      const stamp = stampOf(file!)
      if (stamp === written) return
      ofFile = readWebKeys(pemsOf(file!))
      written = stamp
      log?.info('web-keys-read', { kids: [...ofFile.keys()] })
    } catch (error) {
      log?.warn('web-keys-not-read', { error })
    }
  }

  return {
    get(kid) {
      if (now() - looked >= freshMs) look()
      return fixed.get(kid) ?? ofFile.get(kid)
    },
  }
}

export function readWebKeys(values: readonly string[] = []): Map<string, webcrypto.CryptoKey> {
  return new Map(
    values.map((value) => {
      const key = publicKey(value)
      return [keyId(key), key.toCryptoKey('Ed25519', true, ['verify'])]
    }),
  )
}

function readFirst(file: string) {
  try {
    return { written: stampOf(file), keys: readWebKeys(pemsOf(file)) }
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause
    throw new ConfigError('NITRO_WEB_PUBLIC_KEY_FILE names a file that cannot be read', { cause })
  }
}

/** Not the time alone: the clock of a file system may stand still for some milliseconds. */
function stampOf(file: string): string {
  const { ino, size, mtimeMs } = statSync(file)
  return `${ino} ${size} ${mtimeMs}`
}

function pemsOf(file: string): string[] {
  const pems = readFileSync(file, 'utf8').match(/-----BEGIN [\s\S]+?-----END [A-Z ]+-----/g)
  if (!pems) throw new ConfigError('NITRO_WEB_PUBLIC_KEY_FILE names a file without a public key in SPKI PEM')
  return pems
}

/** The first 16 hexadecimal characters of the SHA-256 of the key's SPKI; the web app says it as `kid`. */
export const keyId = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16)

function publicKey(value: string): KeyObject {
  const plain = value.includes('-----BEGIN') ? value : Buffer.from(value, 'base64').toString('utf8')
  try {
    // A private key would be taken too, and has no business here.
    if (plain.includes('PRIVATE')) throw new Error('private key')
    const key = createPublicKey(plain.replaceAll('\\n', '\n').trim())
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('wrong type')
    return key
  } catch {
    throw new ConfigError('NITRO_WEB_PUBLIC_KEY is not an Ed25519 public key in SPKI PEM')
  }
}
