import { NitroError } from '@nitroagi/shared/errors'
import { Email } from '@nitroagi/shared/identity'
import { actAsHeader } from '@nitroagi/shared/operator'
import type { Actor } from '../call.ts'
import type { Accounts } from '../services/accounts.ts'
import type { ApiKeys } from '../services/api-keys.ts'
import type { Tickets } from '../services/tickets.ts'
import { scopesOf } from './roles.ts'
import { hashSecret, isSameHash } from './secrets.ts'
import type { RequestTarget, WebTokens } from './web-tokens.ts'

export interface Presented extends RequestTarget {
  header(name: string): string | undefined
  /** The web app has signed this: whatever is refused after it, a stranger has not sent. */
  onSigned?: () => void
}

export interface Identified {
  actor: Actor
  /** Who the same credential speaks for later on, for answers that last; rejects once it is not valid any more. */
  renew?: () => Promise<Actor>
  /** The web app: the only one whose request id is taken over. */
  fromWebApp: boolean
  /** As the web app saw it; a header would say whatever the client likes. */
  clientAddress?: string | undefined
  clientAgent?: string | undefined
  /** SHA-256 of the one body that this credential is good for, base64url. */
  bodyHash?: string | undefined
}

export type Authenticate = (request: Presented) => Promise<Identified>

const nobody = '00000000-0000-0000-0000-000000000000'
const signInPrefix = '/api/v1/auth/'
/** Of the machine, not of a workspace: they work for the operator while there is no account, or no database. */
const isMachinePath = (path: string) => /^\/(api\/v1\/(operator\/.*|system|openapi\.json)|health|metrics)$/.test(path)
const webPrefix = '/api/v1/'
/** Where files come in: the addresses that take upload tickets, long bodies and other origins. */
export const uploadPath = /^\/api\/v1\/(?:collections\/([0-9a-f-]{36})\/documents|attachments|audio\/transcriptions)$/i

export interface AuthenticateOptions {
  tokens: WebTokens
  accounts: Accounts
  apiKeys: ApiKeys
  tickets: Tickets
  operatorKey: string
}

/** Says who a request is from, by its one bearer credential and by nothing else. */
export function createAuthenticate({
  tokens,
  accounts,
  apiKeys,
  tickets,
  operatorKey,
}: AuthenticateOptions): Authenticate {
  const operatorHash = hashSecret(operatorKey)

  return async (request) => {
    const credential = bearerOf(request)
    if (isSameHash(hashSecret(credential), operatorHash)) return { actor: await operator(request), fromWebApp: false }
    if (credential.startsWith('nk_')) {
      const renew = () => apiKeys.actor(credential)
      return { actor: await renew(), renew, fromWebApp: false }
    }
    if (credential.startsWith('nt_')) return { actor: await uploader(credential, request), fromWebApp: false }
    if (request.path.startsWith(signInPrefix)) {
      const { cip, cua, bh } = await tokens.service(credential, request)
      request.onSigned?.()
      return { actor: webApp, fromWebApp: true, clientAddress: cip, clientAgent: cua, bodyHash: bh }
    }
    if (!request.path.startsWith(webPrefix)) throw refused()
    const { sub, wid, sid, bh } = await tokens.person(credential, request)
    request.onSigned?.()
    const renew = () => accounts.actor({ userId: sub, workspaceId: wid, sessionId: sid })
    return { actor: await renew(), renew, fromWebApp: true, bodyHash: bh }
  }

  async function operator(request: Presented): Promise<Actor> {
    if (isMachinePath(request.path)) return machine
    const given = request.header(actAsHeader)
    const email = given === undefined ? undefined : Email.safeParse(given)
    if (email && !email.success) throw new NitroError('invalid_input', `${actAsHeader} must be an e-mail address`)
    const actor = await accounts.operatorActor(email?.data)
    if (actor) return actor
    throw new NitroError(
      'conflict',
      'There is no account yet. Create one: npm run nitro -- user create --email you@example.com --password …',
    )
  }

  async function uploader(ticket: string, request: Presented): Promise<Actor> {
    const target = request.method === 'POST' ? uploadPath.exec(request.path) : null
    if (!target) throw refused()
    const collectionId = target[1]?.toLowerCase()
    const kind = collectionId === undefined ? 'attachment' : 'upload'
    const actor = await tickets.consume(kind, ticket, request.header('origin'))
    if (actor.collectionId !== collectionId) throw refused()
    return actor
  }
}

const webApp: Actor = { userId: nobody, workspaceId: nobody, role: 'viewer', via: 'service', scopes: [] }
const machine: Actor = {
  userId: nobody,
  workspaceId: nobody,
  role: 'owner',
  via: 'operator',
  scopes: scopesOf('owner'),
}

const refused = () => new NitroError('unauthenticated', 'This credential is not valid')

/** Other places where a key could be carried. Two credentials leave open which of them was checked. */
export const otherCredentialHeaders = ['x-api-key', 'api-key', 'x-goog-api-key', 'proxy-authorization']

function bearerOf(request: Presented): string {
  const header = request.header('authorization')
  if (header === undefined) throw new NitroError('unauthenticated', 'Send a credential: Authorization: Bearer …')
  // Also false for two Authorization headers, which arrive joined by a comma.
  const credential = /^Bearer +([\w.~+/=-]{20,4096})$/i.exec(header)?.[1]
  if (credential === undefined) throw refused()
  if (otherCredentialHeaders.some((name) => request.header(name) !== undefined)) {
    throw new NitroError('bad_request', 'Send one credential only, as Authorization: Bearer …')
  }
  return credential
}
