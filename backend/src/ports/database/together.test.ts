import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPerson } from '../../../test/test-call.ts'
import { eachDatabase } from '../../../test/test-database.ts'
import type { Call } from '../../call.ts'
import type { Connection } from './connection.ts'

eachDatabase((_, database) => {
  let connection: Connection
  let ada: Call
  let bob: Call
  beforeAll(async () => {
    connection = await database.open()
    ada = await createPerson(connection)
    bob = await createPerson(connection)
  })
  afterAll(() => connection.close())

  const seen = async ({ actor }: Call) =>
    (await connection.tenant(actor).query<{ id: string }>('SELECT id FROM workspaces')).map(({ id }) => id)
  const rename = ({ actor }: Call, name: string) =>
    connection.system.query('UPDATE workspaces SET name = $2 WHERE id = $1', [actor.workspaceId, name])
  const nameOf = async ({ actor }: Call) => {
    const [row] = await connection.query<{ name: string }>('SELECT name FROM workspaces WHERE id = $1', [
      actor.workspaceId,
    ])
    return row?.name
  }

  it('keeps all of it or nothing, whichever rows it is about', async () => {
    await connection.together(async () => {
      await rename(ada, 'one')
      await connection.tenant(bob.actor).transaction(async (tx) => void (await tx.query('SELECT 1')))
      await rename(bob, 'two')
    })
    expect([await nameOf(ada), await nameOf(bob)]).toEqual(['one', 'two'])
    const cut = connection.together(async () => {
      await rename(ada, 'lost')
      await connection.system.transaction((tx) => tx.query(`UPDATE workspaces SET name = 'lost'`))
      throw new Error('cut')
    })
    await expect(cut).rejects.toThrow('cut')
    expect([await nameOf(ada), await nameOf(bob)]).toEqual(['one', 'two'])
  })

  it('is one transaction, also when part of the work asks for one of its own', async () => {
    const ids = await connection.together(async () => {
      const own = () => connection.system.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id')
      const [[outer], [inner], [prepared]] = [
        await own(),
        await connection.together(own),
        await connection.system.prepared<{ id: string }>('own', 'SELECT pg_current_xact_id()::text AS id', []),
      ]
      const [login] = await connection.query<{ id: string; same: boolean }>(
        'SELECT pg_current_xact_id()::text AS id, current_user = session_user AS same',
      )
      expect(login?.same).toBe(true)
      return [outer?.id, inner?.id, prepared?.id, login?.id]
    })
    expect(new Set(ids).size).toBe(1)
  })

  it('shows each workspace its own rows alone, however they are asked for at once', async () => {
    const everybody = async () => (await connection.system.query('SELECT id FROM workspaces')).length
    const found = await connection.together(() =>
      Promise.all([seen(ada), everybody(), seen(bob), connection.tenant(ada.actor).transaction(work), seen(bob)]),
    )
    expect(found).toEqual([
      [ada.actor.workspaceId],
      2,
      [bob.actor.workspaceId],
      [{ role: 'nitro_app', workspace: ada.actor.workspaceId }],
      [bob.actor.workspaceId],
    ])
    const [system] = await connection.together(async () => {
      await seen(ada)
      return connection.system.query(roleAndWorkspace)
    })
    expect(system).toEqual({ role: 'nitro_system', workspace: '' })
  })

  it('refuses a workspace that is no id, and what Prisma would do beside it', async () => {
    const strange = () => connection.together(async () => connection.tenant({ workspaceId: `'; RESET ROLE` }).query(''))
    await expect(strange()).rejects.toThrow('UUID')
    const beside = () => connection.together(async () => connection.tenant(ada.actor).prisma((all) => all.user.count()))
    await expect(beside()).rejects.toThrow('Prisma')
  })

  it('goes on after a question that failed only by undoing everything', async () => {
    const failed = connection.together(async () => {
      await rename(ada, 'lost')
      await connection.system.query('SELECT 1 / 0')
    })
    await expect(failed).rejects.toThrow('zero')
    const caught = connection.together(async () => {
      await rename(ada, 'lost')
      await connection.system.query('SELECT 1 / 0').catch(() => {})
      return connection.system.query('SELECT 1')
    })
    await expect(caught).rejects.toThrow('aborted')
    const neverTold = connection.together(async () => {
      await rename(ada, 'lost')
      await connection.system.query('SELECT 1 / 0').catch(() => {})
    })
    await expect(neverTold).rejects.toThrow('zero')
    const unwaited = connection.together(async () => {
      void connection.system.query('SELECT 1 / 0').catch(() => {})
      await rename(ada, 'lost').catch(() => {})
    })
    await expect(unwaited).rejects.toThrow('zero')
    const ofOne = (scope: Pick<Connection, 'transaction'>) =>
      scope.transaction(async (tx) => void (await tx.query('SELECT 1 / 0').catch(() => {})))
    for (const scope of [connection, connection.system, connection.tenant(ada.actor)]) {
      await expect(ofOne(scope)).rejects.toThrow('zero')
    }
    expect(await nameOf(ada)).toBe('one')
  })

  it('waits for what was begun in it, and leaves what begins after its end on its own', async () => {
    let later: Promise<unknown> | undefined
    let release = () => {}
    const ended = new Promise<void>((resolve) => (release = resolve))
    await connection.together(async () => {
      void rename(ada, 'begun')
      later = ended.then(() => rename(bob, 'later'))
    })
    expect(await nameOf(ada)).toBe('begun')
    release()
    await later
    expect(await nameOf(bob)).toBe('later')
  })

  it('leaves nothing of itself to whoever has the connection next', async () => {
    await connection.together(() => seen(ada))
    const [row] = await connection.query<{ workspace: string | null; same: boolean }>(
      `SELECT nullif(current_setting('app.workspace', true), '') AS workspace, current_user = session_user AS same`,
    )
    expect(row).toEqual({ workspace: null, same: true })
  })

  const roleAndWorkspace = `SELECT current_user AS role, current_setting('app.workspace', true) AS workspace`
  const work = (tx: { query(text: string): Promise<unknown[]> }) => tx.query(roleAndWorkspace)
})
