import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { NitroError } from '@nitroagi/shared/errors'

/** Where a secret is stored. What was sealed for one place cannot be opened at another. */
export interface SecretPlace {
  /** Null for what is a person's and not a workspace's. */
  workspaceId: string | null
  table: string
  /** The row's key; of several columns, joined by the caller in a way that keeps two rows apart. */
  row: string
  column: string
}

export type Encryption = ReturnType<typeof createEncryption>

const version = 'v1'
const nonceBytes = 12
const tagBytes = 16
const keyBytes = 32

/**
 * For secrets that we have to show to others again, so that a hash would not do. `keys` as NITRO_SECRET_KEY gives them:
 * the first seals, all of them open. Sealed: `v1.<key id>.<nonce>.<ciphertext and tag>`.
 */
export function createEncryption(keys: readonly string[]) {
  const ring = new Map(keys.map(readSecretKey).map((key) => [secretKeyId(key), key]))
  const [first] = ring
  if (!first) throw new Error('There is no key to seal secrets with')
  const [currentKeyId, currentKey] = first

  return {
    currentKeyId,
    keyIds: [...ring.keys()],

    encrypt(plain: string, place: SecretPlace): string {
      // Random: with one key, 2^32 secrets can be sealed before two nonces are likely to meet.
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', currentKey, nonce, { authTagLength: tagBytes })
      cipher.setAAD(boundTo(place))
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return [version, currentKeyId, nonce.toString('base64url'), sealed.toString('base64url')].join('.')
    },

    /** Throws when it was sealed for another place, was changed, or its key is gone. */
    decrypt(sealed: string, place: SecretPlace): string {
      const [, keyId, nonce, body] = partsOf(sealed)
      const key = ring.get(keyId)
      if (!key) throw cannotOpen(`NITRO_SECRET_KEY has no key ${keyId}, which ${place.table}.${place.column} needs`)
      const bytes = Buffer.from(body, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), {
        authTagLength: tagBytes,
      })
      decipher.setAAD(boundTo(place))
      decipher.setAuthTag(bytes.subarray(-tagBytes))
      try {
        return decipher.update(bytes.subarray(0, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
      } catch (error) {
        throw cannotOpen(`A secret in ${place.table}.${place.column} was changed, or is of another place`, error)
      }
    },

    /** Whether a newer key would seal it now. */
    isOutdated: (sealed: string): boolean => sealedKeyId(sealed) !== currentKeyId,
  }
}

/** Which key sealed it, without opening it. */
export const sealedKeyId = (sealed: string): string => partsOf(sealed)[1]

/** 32 bytes, as 64 hexadecimal digits or in base64. Throws a sentence without the value. */
export function readSecretKey(text: string): Buffer {
  const key = /^[0-9a-f]{64}$/i.test(text)
    ? Buffer.from(text, 'hex')
    : /^[\w+/-]{43}=?$/.test(text)
      ? Buffer.from(text, 'base64')
      : undefined
  if (key?.length !== keyBytes) throw new Error('must be 32 random bytes, as 64 hexadecimal digits or in base64')
  return key
}

/** Says which key it is and nothing about it. */
export const secretKeyId = (key: Buffer): string => createHash('sha256').update(key).digest('hex').slice(0, 8)

// A list in JSON, because no separator is sure to be in none of its parts.
const boundTo = ({ workspaceId, table, row, column }: SecretPlace) =>
  Buffer.from(JSON.stringify([workspaceId, table, row, column]))

const shape = /^(v1)\.([0-9a-f]{8})\.([\w-]{16})\.([\w-]{22,})$/

function partsOf(sealed: string) {
  const found = shape.exec(sealed)
  if (!found) throw cannotOpen('A stored secret is not of the form v1.key.nonce.text')
  return found.slice(1) as [version: string, keyId: string, nonce: string, body: string]
}

const cannotOpen = (why: string, cause?: unknown) =>
  new NitroError('internal', 'A stored secret cannot be opened. The log of the backend says why.', {
    cause: new Error(why, { cause }),
  })
