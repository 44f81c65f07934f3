import { createPublicKey } from 'node:crypto'
import { z } from 'zod'

const text = z.string().optional()

/** Everything the web app reads from its environment. Read at run time, so that a build needs none of it. */
export const Environment = z.object({
  BACKEND_URL: z.url().default('http://127.0.0.1:8000'),
  NEXT_PUBLIC_API_URL: z.url().optional(),
  NEXTAUTH_SECRET: text,
  NEXTAUTH_URL: z.url().optional(),
  NITRO_WEB_PRIVATE_KEY: text,
})

export class ConfigError extends Error {}

export const isDevelopment = process.env.NODE_ENV === 'development'

/** Throws `ConfigError` with the name of what is wrong, never its value. */
export function readConfig(env: Record<string, string | undefined>) {
  const parsed = Environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim())))
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`)
    throw new ConfigError(['These settings cannot be used:', ...names].join('\n'))
  }
  const set = parsed.data
  return {
    backendUrl: set.BACKEND_URL.replace(/\/+$/, ''),
    /** Where a browser may reach the backend itself, for uploads and sockets. */
    browserBackendOrigin: new URL(set.NEXT_PUBLIC_API_URL ?? set.BACKEND_URL).origin,
    siteUrl: set.NEXTAUTH_URL,
    get sessionSecret(): string {
      return secret('NEXTAUTH_SECRET', set.NEXTAUTH_SECRET)
    },
    get webPrivateKey(): string {
      return privateKeyPem(set.NITRO_WEB_PRIVATE_KEY)
    },
  }
}

export type Config = ReturnType<typeof readConfig>

let config: Config | undefined

/** The configuration of this process, parsed when it is first asked for. */
export const getConfig = (): Config => (config ??= readConfig(process.env))

function secret(name: string, value: string | undefined): string {
  if (!value) throw new ConfigError(`${name} is not set`)
  if (value.length < 32) throw new ConfigError(`${name} is too short: use at least 32 characters`)
  if (/^(your|example|change|secret)/i.test(value)) throw new ConfigError(`${name} still holds an example value`)
  return value
}

/** Accepts PEM as it is, with its line ends written as \n, or wrapped in base64: all three survive some hoster. */
function privateKeyPem(value: string | undefined): string {
  if (!value) throw new ConfigError('NITRO_WEB_PRIVATE_KEY is not set')
  const plain = value.includes('-----BEGIN') ? value : Buffer.from(value, 'base64').toString('utf8')
  const pem = plain.replaceAll('\\n', '\n').trim()
  try {
    if (createPublicKey(pem).asymmetricKeyType !== 'ed25519') throw new Error('wrong type')
  } catch {
    throw new ConfigError('NITRO_WEB_PRIVATE_KEY is not an Ed25519 private key in PKCS8 PEM')
  }
  return pem
}
