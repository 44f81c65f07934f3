import { ConfigError } from '../config.ts'
import { readSecretKey } from './encryption.ts'
import { createWebKeys } from './web-keys.ts'

export interface Secrets {
  production: boolean
  webPublicKeys?: readonly string[] | undefined
  webPublicKeyFile?: string | undefined
  operatorKey?: string | undefined
  secretKeys?: readonly string[] | undefined
}

const shortest = 32
/** Of 32 random bytes fewer than this are different once in 10^15 keys. */
const fewestBytes = 16

/** Stops the start, with the name of what is wrong and never its value. A secret that is set must be a real one anywhere. */
export function requireSecrets(secrets: Secrets): void {
  const { production, webPublicKeys, webPublicKeyFile, operatorKey, secretKeys } = secrets
  const problems: string[] = []
  if (production && !webPublicKeys?.length && webPublicKeyFile === undefined) {
    problems.push('NITRO_WEB_PUBLIC_KEY is not set: without it the web app cannot sign anybody in')
  }
  if (production && !secretKeys?.length) {
    problems.push(
      'NITRO_SECRET_KEY is not set: stored secrets are sealed with it. `npm run -s nitro -- keys web` makes one',
    )
  }
  problems.push(...problemsOf(secretKeys ?? [], operatorKey))
  if (operatorKey !== undefined) {
    if (operatorKey.length < shortest)
      problems.push(`NITRO_OPERATOR_KEY is too short: use at least ${shortest} characters`)
    else if (isExample(operatorKey)) problems.push('NITRO_OPERATOR_KEY still holds an example value')
    else if (!/^[\w.~+/=-]+$/.test(operatorKey))
      problems.push('NITRO_OPERATOR_KEY holds characters that no header carries')
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'))
  // Throws by itself when one of them is no key.
  createWebKeys({ values: webPublicKeys, file: webPublicKeyFile })
}

function problemsOf(secretKeys: readonly string[], operatorKey: string | undefined): string[] {
  const problems: string[] = []
  const known = new Set<string>()
  for (const text of secretKeys) {
    try {
      const key = readSecretKey(text)
      if (isExample(text) || new Set(key).size < fewestBytes || isCount(key))
        problems.push('NITRO_SECRET_KEY still holds an example value')
      if (known.has(key.toString('hex'))) problems.push('NITRO_SECRET_KEY holds the same key twice')
      known.add(key.toString('hex'))
      if (operatorKey !== undefined && isSameKey(key, text, operatorKey)) {
        problems.push('NITRO_SECRET_KEY and NITRO_OPERATOR_KEY are the same: give each a value of its own')
      }
    } catch (error) {
      problems.push(`NITRO_SECRET_KEY ${(error as Error).message}`)
    }
  }
  return problems
}

/** In whatever form each of them is written. */
const isSameKey = (key: Buffer, text: string, other: string) =>
  other.includes(text) || [Buffer.from(other, 'hex'), Buffer.from(other, 'base64')].some((bytes) => bytes.equals(key))

const isExample = (secret: string) =>
  /^(your|example|change|placeholder|secret)/i.test(secret) ||
  /example|change[-_]?me|your[-_]|password|placeholder|replace[-_]?me|secret[-_]?key|dummy/i.test(secret) ||
  isRepeated(secret)

/** The same over and over, such as 0123456789 or one letter. By chance, eight characters do not come again in a row. */
const isRepeated = (secret: string) =>
  Array.from({ length: secret.length - 8 }, (_, at) => at + 1).some((at) => secret.startsWith(secret.slice(at)))

/** 0, 1, 2, 3 …, or in other steps. */
const isCount = (key: Buffer) =>
  key.every((byte, at) => at === 0 || ((byte - key[at - 1]!) & 255) === ((key[1]! - key[0]!) & 255))
