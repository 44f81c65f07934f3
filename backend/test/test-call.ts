import { randomUUID } from 'node:crypto'
import type { Call } from '../src/call.ts'
import { silentLog } from '../src/log.ts'
import type { Connection } from '../src/ports/database/connection.ts'

/** Somebody with a workspace of their own, straight in the database. */
export async function createPerson({ query }: Connection, role = 'owner'): Promise<Call> {
  const [row] = await query<{ workspace: string; user: string }>(
    `WITH w AS (INSERT INTO workspaces (name) VALUES ('Test') RETURNING id),
          u AS (INSERT INTO users (email, password_hash) VALUES ($1, 'none') RETURNING id),
          m AS (INSERT INTO memberships (workspace_id, user_id, role) SELECT w.id, u.id, $2 FROM w, u)
     SELECT w.id AS workspace, u.id AS "user" FROM w, u`,
    [`${randomUUID()}@example.com`, role],
  )
  if (!row) throw new Error('No person was made')
  return testCall({ userId: row.user, workspaceId: row.workspace })
}

export const testCall = ({ userId = randomUUID() as string, workspaceId = randomUUID() as string } = {}): Call => ({
  actor: { userId, workspaceId, role: 'owner', via: 'session', scopes: ['read', 'chat', 'knowledge', 'admin'] },
  requestId: randomUUID(),
  signal: new AbortController().signal,
  log: silentLog,
})
