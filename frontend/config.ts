import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { sessionLimits } from '@nitroagi/shared/limits'
import type { ProviderName } from '@nitroagi/shared/second-factor'
import { z } from 'zod'

const text = z.string().optional()

/** Everything the web app reads from its environment. Read at run time, so that a build needs none of it. */
export const Environment = z.object({
  BACKEND_URL: z.url().default('http://127.0.0.1:8000'),
  NEXT_PUBLIC_API_URL: z.url().optional(),
  NEXTAUTH_SECRET: text,
  NEXTAUTH_URL: z.url().optional(),
  NITRO_WEB_PRIVATE_KEY: text,
  GITHUB_ID: text,
  GITHUB_SECRET: text,
  GOOGLE_CLIENT_ID: text,
  GOOGLE_CLIENT_SECRET: text,
  OIDC_ISSUER: z.url().optional(),
  OIDC_CLIENT_ID: text,
  OIDC_CLIENT_SECRET: text,
  OIDC_NAME: z.string().max(40).optional(),
  NITRO_WEB_PRIVATE_KEY_FILE: text,
  NITRO_WEB_TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  NITRO_PLAIN_HTTP_HOSTS: text,
  NITRO_SESSION_DAYS: z.coerce.number().min(0.05).max(365).default(sessionLimits.days),
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
  const backend = new URL(set.BACKEND_URL)
  if (env['NODE_ENV'] === 'production') checkIsPrivate(backend, set.NITRO_PLAIN_HTTP_HOSTS)
  return {
    backendUrl: set.BACKEND_URL.replace(/\/+$/, ''),
    /** Where a browser may reach the backend itself, for uploads and sockets. */
    browserBackendOrigin: new URL(set.NEXT_PUBLIC_API_URL ?? set.BACKEND_URL).origin,
    siteUrl: set.NEXTAUTH_URL,
    /** Whom to believe about where a browser is. Vercel says by itself that it is Vercel. */
    visitors: { trustedProxies: set.NITRO_WEB_TRUSTED_PROXIES, isVercel: Boolean(env['VERCEL']) },
    /** How long the cookie is kept; whether the session in it is good is the backend's to say. */
    sessionDays: set.NITRO_SESSION_DAYS,
    /** Whom people may sign in with besides a password. */
    otherServices: otherServices(set),
    get sessionSecret(): string {
      return secret('NEXTAUTH_SECRET', set.NEXTAUTH_SECRET)
    },
    get webPrivateKey(): string {
      return privateKeyPem(set.NITRO_WEB_PRIVATE_KEY ?? readPrivateKey(set.NITRO_WEB_PRIVATE_KEY_FILE))
    },
  }
}

/** What somebody is told, and the tokens that speak for them, pass there: in the clear on this machine and inside alone. */
function checkIsPrivate({ protocol, hostname }: URL, allowed: string | undefined): void {
  if (protocol === 'https:') return
  const host = hostname.replace(/^\[|\]$/g, '')
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const isHere =
    host === 'localhost' ||
    host === '::1' ||
    /^127\.\d+\.\d+\.\d+$/.test(host) ||
    own.some(({ address }) => address === host)
  const isAllowed = allowed?.split(',').some((name) => name.trim().toLowerCase() === host)
  if (protocol === 'http:' && (isHere || host.endsWith('.internal') || isAllowed)) return
  throw new ConfigError(
    `BACKEND_URL must begin with https://, because what people write and read passes there. Where the way to ${host} is private, say so: NITRO_PLAIN_HTTP_HOSTS=${host}`,
  )
}

/** An application that another service knows this web app by. */
export interface OtherService {
  id: ProviderName
  /** As people know it. */
  name: string
  clientId: string
  clientSecret: string
  /** Of a service that speaks OpenID Connect: what it calls itself, to the letter, and where it says all else. */
  issuer?: string
}

/** Each needs all of its settings; one alone is a mistake that would only be seen by who tries to sign in. */
function otherServices(set: z.infer<typeof Environment>): OtherService[] {
  const complete = <Name extends keyof typeof set>(...names: Name[]): Record<Name, string> | undefined => {
    const missing = names.filter((name) => set[name] === undefined)
    if (missing.length === names.length) return undefined
    if (missing.length === 0) return set as Record<Name, string>
    const given = names.find((name) => set[name] !== undefined)
    throw new ConfigError(`${missing.join(' and ')} must be set too, because ${given} is`)
  }
  const github = complete('GITHUB_ID', 'GITHUB_SECRET')
  const google = complete('GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET')
  const oidc = complete('OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET')
  return [
    ...(google
      ? [
          {
            id: 'google',
            name: 'Google',
            clientId: google.GOOGLE_CLIENT_ID,
            clientSecret: google.GOOGLE_CLIENT_SECRET,
          } as const,
        ]
      : []),
    ...(github
      ? [{ id: 'github', name: 'GitHub', clientId: github.GITHUB_ID, clientSecret: github.GITHUB_SECRET } as const]
      : []),
    ...(oidc
      ? [
          {
            id: 'oidc',
            name: set.OIDC_NAME ?? 'your organisation',
            clientId: oidc.OIDC_CLIENT_ID,
            clientSecret: oidc.OIDC_CLIENT_SECRET,
            issuer: oidc.OIDC_ISSUER,
          } as const,
        ]
      : []),
  ]
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

function readPrivateKey(file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new ConfigError('NITRO_WEB_PRIVATE_KEY_FILE names a file that cannot be read')
  }
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
