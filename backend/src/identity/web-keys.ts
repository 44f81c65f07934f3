import { createHash, createPublicKey, type KeyObject, type webcrypto } from 'node:crypto'
import { ConfigError } from '../config.ts'

/** The web app's public keys by name. Several, so that a key can be replaced without a gap. */
export type WebKeys = ReadonlyMap<string, webcrypto.CryptoKey>

/** Each is an SPKI PEM as it is, with its line ends written as \n, or wrapped in base64: all three survive some hoster. */
export function readWebKeys(values: readonly string[] = []): WebKeys {
  return new Map(
    values.map((value) => {
      const key = publicKey(value)
      return [keyId(key), key.toCryptoKey('Ed25519', true, ['verify'])]
    }),
  )
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
