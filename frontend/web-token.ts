import { createHash, createPrivateKey, createPublicKey, randomUUID, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { getConfig } from './config.ts'

const seconds = 60

/** Who a request through the proxy is for; what the session cookie holds. Rights are the backend's to look up. */
export type SessionIdentity = { userId: string; workspaceId: string; sessionId: string }

type Target = { method: string; path: string }

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
  return new SignJWT({ ...claims, htm: target.method, htu: target.path })
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

let signing: { key: KeyObject; kid: string } | undefined

function signingKey() {
  if (signing) return signing
  const key = createPrivateKey(getConfig().webPrivateKey)
  signing = { key, kid: keyId(key) }
  return signing
}

/** The backend finds the key by this name, so that keys can be rotated. */
export function keyId(privateKey: KeyObject): string {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('hex').slice(0, 16)
}
