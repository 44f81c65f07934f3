import type { Account, Role, SignedIn } from '@nitroagi/shared/identity'
import type { CreatedInvitation } from '@nitroagi/shared/workspaces'
import type { Connection } from '../src/ports/database/connection.ts'
import { silentLog } from '../src/log.ts'
import { createSessionsRepository } from '../src/ports/database/sessions.ts'
import { createWorkspacesRepository } from '../src/ports/database/workspaces.ts'
import type { Letter, Mail } from '../src/ports/mail/port.ts'
import { createWorkspaceRemoval } from '../src/services/workspace-removal.ts'
import { startBackend, type TestBackend } from './test-backend.ts'
import { createTestWeb } from './test-web.ts'

export const password = 'correct horse battery staple'

interface Asked {
  method?: string
  json?: unknown
}

/** A backend over this database with a mail server that keeps its letters, and the web app that signs for people. */
export async function startWorkspaces(connection: Connection) {
  const web = createTestWeb()
  const letters: Letter[] = []
  const mail: Mail = { isConfigured: true, send: async (letter) => void letters.push(letter) }
  const options = { ports: { connection, mail }, env: { NITRO_WEB_PUBLIC_KEY: web.publicKeyPem } }
  const backend = await startBackend(options)
  const sessions = createSessionsRepository(connection)
  let people = 0

  const ask = (at: TestBackend, token: string, path: string, { method = 'GET', json }: Asked) =>
    fetch(at.url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })

  const asPerson = async (who: Who, path: string, asked: Asked = {}, at = backend) =>
    ask(at, await web.person(who, asked.method ?? 'GET', path, asked.json), path, asked)

  const asWeb = async (path: string, json: unknown) =>
    ask(backend, await web.service('POST', path, { body: json }), path, { method: 'POST', json })

  /** With a workspace of their own, or in the one of that owner. */
  async function person(in_?: SignedIn, role?: Role): Promise<SignedIn> {
    const email = `person-${++people}-${Math.random().toString(36).slice(2)}@example.com`
    const made = await backend.request('/api/v1/operator/users', { method: 'POST', json: { email, password } })
    const account = await read<Account>(made, 201)
    const sessionId = await sessions.begin({ userId: account.userId, seconds: 3600 })
    if (!in_ || !role) return { ...account, sessionId }
    await connection.query(`DELETE FROM workspaces WHERE id = $1::uuid`, [account.workspaceId])
    await connection.query(`INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1::uuid, $2::uuid, $3)`, [
      in_.workspaceId,
      account.userId,
      role,
    ])
    return { ...account, sessionId, workspaceId: in_.workspaceId, workspaceName: in_.workspaceName, role }
  }

  const post = (who: Who, path: string, json: unknown) => asPerson(who, path, { method: 'POST', json })

  return {
    backend,
    options,
    letters,
    /** As whoever deletes an account uses it. */
    removal: createWorkspaceRemoval({
      ...backend.ports,
      workspaces: createWorkspacesRepository(connection),
      liveRuns: { get: () => undefined },
      log: silentLog,
    }),
    asPerson,
    asWeb,
    person,
    post,
    invite: async (who: Who, json: unknown) =>
      read<CreatedInvitation>(await post(who, '/api/v1/workspace/invitations', json), 201),
    change: (who: Who, userId: string, json: unknown) =>
      asPerson(who, `/api/v1/workspace/members/${userId}`, { method: 'PATCH', json }),
    remove: (who: Who, userId: string) => asPerson(who, `/api/v1/workspace/members/${userId}`, { method: 'DELETE' }),
    signIn: (email: string, more: object = {}) => asWeb('/api/v1/auth/sign-in', { email, password, ...more }),
    signUp: (json: object) => asWeb('/api/v1/auth/sign-up', { password, ...json }),
  }
}

export type Who = Pick<SignedIn, 'userId' | 'workspaceId' | 'sessionId'>

export async function read<Answer>(response: Response, status = 200): Promise<Answer> {
  const text = await response.text()
  if (response.status !== status) throw new Error(`${response.url}: ${response.status} ${text}`)
  return JSON.parse(text) as Answer
}

/** Status and code of a refusal. */
export async function refusal(response: Response): Promise<string> {
  if (response.ok) return String(response.status)
  return `${response.status} ${((await response.json()) as { error: { code: string } }).error.code}`
}

export const tokenOf = (link: string): string => link.split('#')[1] ?? ''
