import { NitroError } from '@nitroagi/shared/errors'
import { errors, jwtVerify, type JWTPayload } from 'jose'
import { z } from 'zod'
import type { WorkingMemory } from '../ports/working-memory/port.ts'
import { createReplayGuard } from './replay-guard.ts'
import type { WebKeys } from './web-keys.ts'

export interface RequestTarget {
  method: string
  /** The path as it was sent, nothing decoded. */
  path: string
}

const shared = {
  jti: z.string().min(1).max(100),
  /** SHA-256 of the body, base64url; with every method that changes something. */
  bh: z
    .string()
    .regex(/^[\w-]{43}$/)
    .optional(),
}

export const PersonClaims = z.object({ ...shared, sub: z.uuid(), wid: z.uuid(), sid: z.uuid() })
export type PersonClaims = z.infer<typeof PersonClaims>

export const ServiceClaims = z.object({
  ...shared,
  sub: z.string().min(1),
  /** The client's address as the web app saw it. */
  cip: z.string().min(1).max(100).optional(),
  /** What the client says it is. */
  cua: z.string().min(1).max(400).optional(),
})
export type ServiceClaims = z.infer<typeof ServiceClaims>

export interface WebTokens {
  /** The web app speaks for a person. */
  person(token: string, target: RequestTarget): Promise<PersonClaims>
  /** The web app speaks for itself. */
  service(token: string, target: RequestTarget): Promise<ServiceClaims>
}

const lifeSeconds = 60
const leewaySeconds = 5

/** One error for every reason: whoever forges tokens learns nothing from the answer. */
const refused = (cause?: unknown) => new NitroError('unauthenticated', 'This credential is not valid', { cause })

export interface WebTokensOptions {
  keys: WebKeys
  /** Shared by all replicas; without it, each process knows what itself has seen. */
  workingMemory?: Pick<WorkingMemory, 'count'> | undefined
}

export function createWebTokens({ keys, workingMemory }: WebTokensOptions): WebTokens {
  const isReplay = createReplayGuard({ seconds: lifeSeconds + 2 * leewaySeconds, workingMemory })

  async function verify<Claims extends z.infer<z.ZodObject<typeof shared>>>(
    token: string,
    {
      typ,
      audience,
      target,
      schema,
    }: { typ: string; audience: string; target: RequestTarget; schema: z.ZodType<Claims> },
  ): Promise<Claims> {
    const { payload } = await verified(token, typ, audience)
    const claims = schema.safeParse(payload)
    const fits =
      claims.success && payload['htm'] === target.method && payload['htu'] === target.path && isBrief(payload)
    if (!fits) throw refused()
    if (isUnsafe(target.method) && (claims.data.bh === undefined || (await isReplay(claims.data.jti)))) throw refused()
    return claims.data
  }

  async function verified(token: string, typ: string, audience: string) {
    try {
      return await jwtVerify(
        token,
        ({ kid }) => {
          const key = kid === undefined ? undefined : keys.get(kid)
          if (!key) throw refused()
          return key
        },
        {
          algorithms: ['EdDSA'],
          typ,
          audience,
          issuer: 'nitroagi-web',
          clockTolerance: leewaySeconds,
          requiredClaims: ['sub', 'jti', 'iat', 'nbf', 'exp', 'htm', 'htu'],
        },
      )
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof NitroError) throw refused(error)
      throw error
    }
  }

  return {
    person: (token, target) =>
      verify(token, { typ: 'nitro-int+jwt', audience: 'nitroagi-backend', target, schema: PersonClaims }),
    service: (token, target) =>
      verify(token, { typ: 'nitro-svc+jwt', audience: 'nitroagi-backend-service', target, schema: ServiceClaims }),
  }
}

function isBrief({ iat = 0, exp = 0, aud }: JWTPayload): boolean {
  const now = Date.now() / 1000
  return exp - iat <= lifeSeconds && iat <= now + leewaySeconds && typeof aud === 'string'
}

const isUnsafe = (method: string) => method !== 'GET' && method !== 'HEAD'
