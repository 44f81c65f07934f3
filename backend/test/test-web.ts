import { createHash, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import { SignJWT, type JWTHeaderParameters } from 'jose'

/** Stands where the web app would: holds the private key and signs as `frontend/web-token.ts` does. */
export function createTestWeb() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const kid = createHash('sha256').update(spki).digest('hex').slice(0, 16)
  const sign = (
    claims: Record<string, unknown>,
    header: Partial<JWTHeaderParameters> = {},
    key: KeyObject = privateKey,
  ) => new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', typ: 'nitro-int+jwt', kid, ...header }).sign(key)

  return {
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    kid,
    sign,
    person: (who: Who, method: string, path: string, body?: unknown) => sign(personClaims(who, method, path, body)),
    service: (method: string, path: string, { clientAddress, body }: { clientAddress?: string; body?: unknown } = {}) =>
      sign(serviceClaims(method, path, clientAddress, body), { typ: 'nitro-svc+jwt' }),
  }
}

/** Without a session of theirs nobody lets them in. */
interface Who {
  userId: string
  workspaceId: string
  sessionId?: string
}

/** `body` as it is sent: bytes or text as they are, all else as JSON. */
export const personClaims = (who: Who, method: string, path: string, body?: unknown) => ({
  ...common(method, path, body),
  aud: 'nitroagi-backend',
  sub: who.userId,
  wid: who.workspaceId,
  sid: who.sessionId ?? randomUUID(),
})

export const serviceClaims = (method: string, path: string, cip?: string, body?: unknown) => ({
  ...common(method, path, body),
  aud: 'nitroagi-backend-service',
  sub: 'web',
  ...(cip === undefined ? {} : { cip }),
})

function common(method: string, path: string, body: unknown) {
  const now = Math.floor(Date.now() / 1000)
  const bound = method === 'GET' || method === 'HEAD' ? {} : { bh: hashOf(body) }
  return { iss: 'nitroagi-web', jti: randomUUID(), iat: now, nbf: now, exp: now + 60, htm: method, htu: path, ...bound }
}

function hashOf(body: unknown): string {
  const sent =
    body === undefined ? '' : typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  return createHash('sha256').update(sent).digest('base64url')
}
