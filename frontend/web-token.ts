import { createHash, createPrivateKey, createPublicKey, randomUUID, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { getConfig } from './config.ts'

const seconds = 60

/** Who a request through the proxy is for; what the session cookie holds. Rights are the backend's to look up. */
export type SessionIdentity = { userId: string; workspaceId: string; sessionId: string }

type Target = {
  method: string
  path: string
  /** What is sent along; the token is good for this body alone. */
  body?: Uint8Array | string | undefined
}

/** Says to the backend: this web app asks, for this person, exactly this. */
export function signForPerson(identity: SessionIdentity, target: Target): Promise<string> {
  return sign('nitro-int+jwt', 'nitroagi-backend', target, identity.userId, {
    wid: identity.workspaceId,
    sid: identity.sessionId,
  })
}

/** Where a request comes from: the address for counting attempts, both for the list of somebody's sessions. */
export interface Visitor {
  address?: string
  agent?: string
}

/** Says to the backend: the web app itself asks, before anyone has signed in. */
export function signForService(target: Target, { address, agent }: Visitor = {}): Promise<string> {
  return sign('nitro-svc+jwt', 'nitroagi-backend-service', target, 'web', {
    ...(address ? { cip: address } : {}),
    ...(agent ? { cua: agent } : {}),
  })
}

function sign(typ: string, audience: string, target: Target, subject: string, claims: Record<string, string>) {
  const { key, kid } = signingKey()
  const now = Math.floor(Date.now() / 1000)
  const bound = isUnsafe(target.method) ? { bh: hashOf(target.body ?? '') } : {}
  return new SignJWT({ ...claims, ...bound, htm: target.method, htu: target.path })
    .setProtectedHeader({ alg: 'EdDSA', typ, kid })
    .setIssuer('nitroagi-web')
    .setAudience(audience)
    .setSubject(subject)
    .setJti(randomUUID())
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + seconds)
    .sign(key)
}

const isUnsafe = (method: string) => method !== 'GET' && method !== 'HEAD'

const hashOf = (body: Uint8Array | string) => createHash('sha256').update(body).digest('base64url')

let signing: { key: KeyObject; kid: string; readAt: number } | undefined

/** Read again every few seconds where it lies in a file, so that it can be replaced without a restart. */
const freshMs = 5_000

function signingKey() {
  if (signing && Date.now() - signing.readAt < freshMs) return signing
  const key = createPrivateKey(getConfig().webPrivateKey)
  signing = { key, kid: keyId(key), readAt: Date.now() }
  return signing
}

/** The backend finds the key by this name, so that keys can be rotated. */
export function keyId(privateKey: KeyObject): string {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('hex').slice(0, 16)
}
