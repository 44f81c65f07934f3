import { readdirSync, readFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Connection } from '../src/ports/database/connection.ts'
import { migrate } from '../src/ports/database/migrations.ts'
import { openPostgres } from '../src/ports/database/postgres.ts'
import { createVectorIndexes } from '../src/ports/database/search-indexes.ts'
import { eachDatabase, openTestPostgres } from './test-database.ts'

/** Tables that are not of one workspace, and why. */
const withoutWorkspace = {
  _prisma_migrations: 'which migrations are applied; no role but the login touches it',
  workspaces: 'is what workspace_id points at',
  users: 'a person may be in several workspaces; shown to those who share one',
  sign_in_failures: 'counts tries before anybody is known; only the system sees it',
  sessions: 'a person’s, whatever workspace they are in; only the system sees them',
  one_time_tokens: 'the same',
  second_factors: 'the same',
  user_identities: 'the same',
  installation_settings: 'one row, of the whole installation',
  module_metrics_rolled: 'one row: up to when metrics are summed up',
}

/** The files that may ask as the system, and what for. Whoever adds one says why a workspace cannot be named. */
const asSystem = {
  'account-care.ts': 'accounts and the links of letters are a person’s, not a workspace’s',
  'accounts.ts': 'finds out who somebody is, and makes accounts',
  'api-keys.ts': 'finds out whose key it is',
  'audit.ts': 'finds out in which workspaces somebody is, before they are in one',
  'attachments.ts': 'sweeps what was never sent, in all workspaces',
  'collections.ts': 'lists what is still to be removed, in all workspaces',
  'documents.ts': 'lists unfinished work of all workspaces',
  'evaluation.ts': 'lists what is due in all workspaces',
  'identities.ts': 'finds out whose account another service means, and makes accounts',
  'installation.ts': 'is of the whole installation',
  'invitations.ts': 'finds out what a link opens before anybody is in that workspace',
  'learning.ts': 'lists the workspaces with something to learn from',
  'members.ts': 'memberships are the system’s to change',
  'metric-rollups.ts': 'sums up all workspaces, each into its own rows',
  'reindexing.ts': 'lists what is to be indexed anew in all workspaces',
  'runs.ts': 'one writer for the events of all runs, leases, and the log of a run whose reader was checked',
  'sealed-secrets.ts': 'seals anew what is stored sealed, whoever’s it is',
  'search-indexes.ts': 'counts the vectors of each model',
  'second-factors.ts': 'the second factor is a person’s, not a workspace’s',
  'sessions.ts': 'sessions are a person’s, not a workspace’s',
  'sign-in-attempts.ts': 'nobody is signed in yet',
  'sources.ts': 'lists what is due in all workspaces',
  'spending.ts': 'lists what killed processes had set aside, in all workspaces',
  'tickets.ts': 'finds out whose ticket it is',
  'workspaces.ts': 'lists those of a person, makes and hides them, and lists what is still to be removed',
}

it('lets only the listed files of the database ask as the system', () => {
  const folder = `${import.meta.dirname}/../src/ports/database`
  const found = readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .filter((name) =>
      /[^'\w](?:system)\.(?:query|transaction|prepared|prisma)|one\(system|hasUsers\(system/.test(
        readFileSync(`${folder}/${name}`, 'utf8'),
      ),
    )
  expect(found.sort()).toEqual(Object.keys(asSystem).sort())
})

eachDatabase((_, database) => {
  let connection: Connection
  let ours: string
  let theirs: string

  beforeAll(async () => {
    connection = await database.open()
    ours = await workspace('ours')
    theirs = await workspace('theirs')
  })
  afterAll(() => connection.close())

  /** With a person, a conversation, a collection, a document and a passage in it. */
  async function workspace(name: string): Promise<string> {
    const [row] = await connection.query<{ id: string }>(
      `WITH w AS (INSERT INTO workspaces (name) VALUES ($1) RETURNING id),
       u AS (INSERT INTO users (email, password_hash, name) VALUES ($1 || '@example.com', 'x', $1) RETURNING id)
       INSERT INTO memberships (workspace_id, user_id, role) SELECT w.id, u.id, 'owner' FROM w, u RETURNING workspace_id AS id`,
      [name],
    )
    await connection.query(
      `WITH m AS (SELECT workspace_id, user_id FROM memberships WHERE workspace_id = $1),
       c AS (INSERT INTO conversations (workspace_id, owner_id, title) SELECT workspace_id, user_id, $2 FROM m)
       INSERT INTO collections (workspace_id, owner_id, name, embedding_model) SELECT workspace_id, user_id, $2, 'm' FROM m`,
      [row!.id, name],
    )
    return row!.id
  }

  interface Table {
    name: string
    secured: boolean
    hasWorkspace: boolean
    policies: { name: string; using: string | null; check: string | null; roles: string }[]
    indexed: boolean
  }

  const tables = () =>
    connection.query<Table>(`
      SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS secured,
        EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'workspace_id' AND a.attnotnull) AS "hasWorkspace",
        coalesce((SELECT json_agg(json_build_object('name', p.polname, 'using', pg_get_expr(p.polqual, p.polrelid),
          'check', pg_get_expr(p.polwithcheck, p.polrelid), 'roles', (SELECT string_agg(rolname, ',') FROM pg_roles WHERE oid = ANY (p.polroles))))
          FROM pg_policy p WHERE p.polrelid = c.oid), '[]') AS policies,
        EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
          WHERE i.indrelid = c.oid AND a.attname = 'workspace_id' AND i.indpred IS NULL) AS indexed
      FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname`)

  it('knows every table to be of a workspace, or why it is of none', async () => {
    const without = (await tables()).filter(({ hasWorkspace }) => !hasWorkspace).map(({ name }) => name)
    expect(without).toEqual(Object.keys(withoutWorkspace).sort())
  })

  it('secures every table, its owner included, for reading and for writing', async () => {
    const bare = (await tables())
      .filter(({ name }) => name !== '_prisma_migrations')
      .filter(({ secured, policies }) => {
        const tenant = policies.find(({ name }) => name === 'tenant')
        return !secured || tenant?.roles !== 'nitro_app' || tenant.using === null || tenant.check === null
      })
    expect(bare.map(({ name }) => name)).toEqual([])
  })

  it('finds the rows of a workspace in every table by an index', async () => {
    const slow = (await tables()).filter(({ hasWorkspace, indexed }) => hasWorkspace && !indexed)
    // Its rows live for an hour and are asked for by their run alone; every token would pay for another index.
    expect(slow.map(({ name }) => name)).toEqual(['run_events'])
  })

  it('lets no row point into another workspace', async () => {
    const loose = await connection.query<{ name: string }>(`
      SELECT k.conname AS name FROM pg_constraint k
      WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
        AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attname = 'workspace_id')
        AND NOT EXISTS (
          SELECT FROM unnest(k.conkey, k.confkey) AS pair (here, there)
          JOIN pg_attribute h ON h.attrelid = k.conrelid AND h.attnum = here AND h.attname = 'workspace_id'
          JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = there AND t.attname = 'workspace_id')`)
    expect(loose).toEqual([])
  })

  it('has no function that runs as its owner, and one view, which has no text', async () => {
    const functions = await connection.query(
      `SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace`,
    )
    expect(functions).toEqual([])
    const columns = await connection.query<{ view: string; name: string }>(
      `SELECT c.relname AS view, a.attname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm') AND a.attnum > 0 ORDER BY a.attnum`,
    )
    expect(new Set(columns.map(({ view }) => view))).toEqual(new Set(['searchable_entries']))
    expect(columns.map(({ name }) => name)).not.toContain('content')
  })

  it('shows a workspace its own rows and no other, whatever the statement asks for', async () => {
    const names = async (table: string) =>
      (await connection.tenant({ workspaceId: ours }).query<{ name: string }>(`SELECT * FROM ${table}`)).map(
        (row) => row.name,
      )
    expect(await names('workspaces')).toEqual(['ours'])
    expect(await names('collections')).toEqual(['ours'])
    expect(
      await connection
        .tenant({ workspaceId: ours })
        .query('SELECT * FROM collections WHERE workspace_id = $1', [theirs]),
    ).toEqual([])
    expect(await connection.tenant({ workspaceId: ours }).query('SELECT name FROM users')).toEqual([{ name: 'ours' }])
    for (const { name, hasWorkspace } of await tables()) {
      if (!hasWorkspace) continue
      const rows = await connection
        .tenant({ workspaceId: ours })
        .query<{ workspace_id: string }>(`SELECT workspace_id FROM ${name}`)
      expect(rows.filter((row) => row.workspace_id !== ours)).toEqual([])
    }
  })

  it('shows nothing to a workspace that does not exist, and takes no other name than a UUID', async () => {
    expect(await connection.tenant({ workspaceId: randomUUID() }).query('SELECT * FROM conversations')).toEqual([])
    const inject = () => connection.tenant({ workspaceId: `${ours}'; RESET ROLE; --` })
    expect(inject).toThrow('UUID')
  })

  it('shows nothing to a statement that names no workspace', async () => {
    const rows = await connection.transaction(async (tx) => {
      await tx.query('SET LOCAL ROLE nitro_app')
      return tx.query('SELECT * FROM conversations')
    })
    expect(rows).toEqual([])
  })

  it('writes nothing into another workspace, and moves nothing there', async () => {
    const scope = connection.tenant({ workspaceId: ours })
    const [them] = await connection.query<{ user_id: string }>(
      'SELECT user_id FROM memberships WHERE workspace_id = $1',
      [theirs],
    )
    await expect(
      scope.query(`INSERT INTO conversations (workspace_id, owner_id, title) VALUES ($1, $2, 'planted')`, [
        theirs,
        them!.user_id,
      ]),
    ).rejects.toThrow('row-level security')
    await expect(scope.query('UPDATE collections SET workspace_id = $1', [theirs])).rejects.toThrow(
      /row-level security|foreign key/,
    )
    expect(
      await scope.query(`UPDATE conversations SET title = 'taken' WHERE workspace_id = $1 RETURNING id`, [theirs]),
    ).toEqual([])
    expect(await scope.query('DELETE FROM collections WHERE workspace_id = $1 RETURNING id', [theirs])).toEqual([])
    const [left] = await connection.query<{ title: string }>(
      'SELECT title FROM conversations WHERE workspace_id = $1',
      [theirs],
    )
    expect(left).toEqual({ title: 'theirs' })
  })

  it('reads no password and makes no member as a workspace', async () => {
    const scope = connection.tenant({ workspaceId: ours })
    await expect(scope.query('SELECT password_hash FROM users')).rejects.toThrow('permission denied')
    await expect(scope.query(`UPDATE memberships SET role = 'owner'`)).rejects.toThrow('permission denied')
    await expect(scope.query('SELECT * FROM sign_in_failures')).rejects.toThrow('permission denied')
  })

  it('leaves nobody’s workspace on a connection, also after a failure', async () => {
    await expect(connection.tenant({ workspaceId: ours }).query('SELECT 1 / 0')).rejects.toThrow('division by zero')
    const names = new Set<string>()
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const workspaceId = index % 2 ? ours : theirs
        const [row] = await connection.tenant({ workspaceId }).query<{ name: string }>('SELECT name FROM workspaces')
        expect(row?.name).toBe(index % 2 ? 'ours' : 'theirs')
        const [login] = await connection.query<{ role: string; workspace: string | null }>(
          `SELECT current_user AS role, nullif(current_setting('app.workspace', true), '') AS workspace`,
        )
        expect(login?.workspace).toBe(null)
        names.add(login!.role)
      }),
    )
    expect([...names].filter((name) => name.startsWith('nitro_'))).toEqual([])
  })
})

const server = process.env['TEST_DATABASE_URL']

it.skipIf(!server)(
  'works for a login that owns nothing and may only take the roles (needs TEST_DATABASE_URL)',
  async () => {
    const owner = await openTestPostgres(server ?? '')
    const login = `login_${randomUUID().replaceAll('-', '')}`
    await owner.query(`CREATE ROLE ${login} LOGIN NOINHERIT PASSWORD 'secret' IN ROLE nitro_app, nitro_system`)
    const url = new URL(owner.url)
    url.username = login
    url.password = 'secret'
    const app = await openPostgres({ url: url.href })
    try {
      expect(await migrate(app)).toEqual([])
      const [workspace] = await app.system.query<{ id: string }>(
        `INSERT INTO workspaces (name) VALUES ('ours') RETURNING id`,
      )
      expect(await app.tenant({ workspaceId: workspace!.id }).query('SELECT name FROM workspaces')).toEqual([
        { name: 'ours' },
      ])
      await expect(app.query('SELECT * FROM conversations')).rejects.toThrow('permission denied')
      await expect(app.query('DROP TABLE conversations')).rejects.toThrow('must be owner')
      expect(await createVectorIndexes(app, { from: 1 }).tend()).toEqual({ made: [], dropped: [] })
    } finally {
      await app.close()
      await owner.query(`DROP OWNED BY ${login}`)
      await owner.query(`DROP ROLE ${login}`)
      await owner.close()
    }
  },
)
