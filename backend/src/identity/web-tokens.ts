import { NitroError } from '@nitroagi/shared/errors'
import { errors, jwtVerify, type JWTPayload } from 'jose'
import { z } from 'zod'
import type { WebKeys } from './web-keys.ts'

export interface RequestTarget {
  method: string
  /** The path as it was sent, nothing decoded. */
  path: string
}

export const PersonClaims = z.object({
  sub: z.uuid(),
  wid: z.uuid(),
  sid: z.uuid(),
  jti: z.string().min(1).max(100),
})
export type PersonClaims = z.infer<typeof PersonClaims>

export const ServiceClaims = z.object({
  sub: z.string().min(1),
  jti: z.string().min(1).max(100),
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

export function createWebTokens(keys: WebKeys): WebTokens {
  const isReplay = createReplayGuard()

  async function verify<Claims extends { jti: string }>(
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
    if (!fits || (isUnsafe(target.method) && isReplay(claims.data.jti))) throw refused()
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

/** Tokens die within a minute, so two generations of a minute and a bit hold every one that could come again. */
function createReplayGuard() {
  const seconds = lifeSeconds + 2 * leewaySeconds
  let recent = new Set<string>()
  let older = new Set<string>()
  let turned = Date.now()
  return (id: string): boolean => {
    if (Date.now() - turned > seconds * 1000) {
      older = Date.now() - turned > 2 * seconds * 1000 ? new Set() : recent
      recent = new Set()
      turned = Date.now()
    }
    if (recent.has(id) || older.has(id)) return true
    recent.add(id)
    return false
  }
}
