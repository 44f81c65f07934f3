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
    person: (who: Who, method: string, path: string) => sign(personClaims(who, method, path)),
    service: (method: string, path: string, clientAddress?: string) =>
      sign(serviceClaims(method, path, clientAddress), { typ: 'nitro-svc+jwt' }),
  }
}

/** Without a session of theirs nobody lets them in. */
interface Who {
  userId: string
  workspaceId: string
  sessionId?: string
}

export const personClaims = (who: Who, method: string, path: string) => ({
  ...common(method, path),
  aud: 'nitroagi-backend',
  sub: who.userId,
  wid: who.workspaceId,
  sid: who.sessionId ?? randomUUID(),
})

export const serviceClaims = (method: string, path: string, cip?: string) => ({
  ...common(method, path),
  aud: 'nitroagi-backend-service',
  sub: 'web',
  ...(cip === undefined ? {} : { cip }),
})

function common(method: string, path: string) {
  const now = Math.floor(Date.now() / 1000)
  return { iss: 'nitroagi-web', jti: randomUUID(), iat: now, nbf: now, exp: now + 60, htm: method, htu: path }
}
