import { AsyncLocalStorage } from 'node:async_hooks'
import type { Connection, Scope, Sql } from './connection.ts'
import type { Role } from './role.ts'

/** A transaction that several repositories are in. */
interface Shared {
  tx: Sql
  /** Until its work has ended: what still runs then, and nobody waits for, is on its own again. */
  isOpen: boolean
  /** The end of what was asked last. Two roles must not get into each other's statements. */
  last: Promise<unknown>
}

/** Also the login's own, whose name in SQL is `none`. */
type SharedRole = Role | { role: 'none'; workspaceId?: never }

/** Adds `together` to a connection: while its work runs, the scopes are asked in its transaction. */
export function shareTransactions(alone: Omit<Connection, 'together'>): Connection {
  const storage = new AsyncLocalStorage<Shared>()
  const current = () => {
    const shared = storage.getStore()
    return shared?.isOpen ? shared : undefined
  }

  const scope = (role: Role, own: Scope): Scope => {
    const query = <Row>(text: string, params: readonly unknown[] = []): Promise<Row[]> => {
      const shared = current()
      return shared ? asked<Row>(shared, role, text, params) : own.query<Row>(text, params)
    }
    return {
      query,
      prepared: (name, text, params) => (current() ? query(text, params) : own.prepared(name, text, params)),
      transaction(work) {
        const shared = current()
        if (!shared) return own.transaction(work)
        return inTurn(shared, async () => {
          await become(shared.tx, role)
          return work(shared.tx)
        })
      },
      prisma(operation) {
        // It has connections of its own. The embedded database has only one, and would wait for itself.
        if (current()) throw new Error('Prisma takes no part in a transaction that is shared: say it in SQL')
        return own.prisma(operation)
      },
    }
  }

  return {
    ...alone,
    query(text, params) {
      const shared = current()
      return shared ? asked(shared, { role: 'none' }, text, params) : alone.query(text, params)
    },
    tenant: (of) => scope({ role: 'nitro_app', workspaceId: of.workspaceId }, alone.tenant(of)),
    system: scope({ role: 'nitro_system' }, alone.system),
    together<Result>(work: () => Promise<Result>): Promise<Result> {
      if (current()) return work()
      return alone.transaction(async (tx) => {
        const shared: Shared = { tx, isOpen: true, last: Promise.resolve() }
        try {
          return await storage.run(shared, work)
        } finally {
          shared.isOpen = false
          await shared.last
        }
      })
    },
  }
}

/** Without waiting between the two where the driver can. */
const asked = <Row>(shared: Shared, role: SharedRole, text: string, params: readonly unknown[] = []): Promise<Row[]> =>
  inTurn(shared, async () => {
    const [, rows] = await Promise.all([become(shared.tx, role), shared.tx.query<Row>(text, params)])
    return rows
  })

function inTurn<Result>(shared: Shared, work: () => Promise<Result>): Promise<Result> {
  const done = shared.last.then(work)
  shared.last = done.catch(() => {})
  return done
}

/** As `takeRole`, but the role of before has to go as well, and the workspace of before. */
const become = (tx: Sql, { role, workspaceId = '' }: SharedRole) =>
  tx.query(`SELECT set_config('role', $1, true), set_config('app.workspace', $2, true)`, [role, workspaceId])
