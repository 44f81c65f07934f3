import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from './connection.ts'
import { createPglite } from './create-pglite.ts'
import { isUniqueViolation } from './failures.ts'
import { migrate } from './migrations.ts'
import { connectPglite, openPglite } from './pglite.ts'
import { openLiteThread } from './pglite-thread.ts'

describe('the embedded database in its thread', () => {
  let folder: string
  let connection: Connection
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nitro-pglite-'))
    connection = await openPglite({ dataDir: join(folder, 'database') })
    await migrate(connection)
  }, 60_000)
  afterAll(async () => {
    await connection.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('gives and takes values of every kind as it does without a thread', async () => {
    const text = `SELECT 1 AS int, 9007199254740993::bigint AS big, 1.5::float8 AS float, 2.50::numeric AS exact, true AS yes,
      'a' AS text, null AS nothing, '{"a": [1, null]}'::jsonb AS json, '2024-02-29T12:00:00Z'::timestamptz AS time,
      '\\x00ff'::bytea AS bytes, ARRAY['a', null] AS texts, ARRAY[1, 2] AS ints, '[1,2]'::vector AS vector,
      $1::jsonb AS given, $2::text[] AS list, $3::bytea AS raw, $4::timestamptz AS at, $5::int AS gone`
    const params = [{ b: 1 }, ['x', 'y "z"'], Buffer.from('né'), new Date(0), undefined]
    const beside = connectPglite(await createPglite({}))
    await beside.script('CREATE EXTENSION vector')
    expect(await connection.query(text, params)).toEqual(await beside.query(text, params))
    await beside.close()
  })

  it('keeps what a transaction did when it ends well, and nothing of it when it does not', async () => {
    await connection.script('CREATE TABLE notes (text text PRIMARY KEY)')
    await connection.transaction((tx) => tx.query(`INSERT INTO notes VALUES ('kept')`))
    const failing = connection.transaction(async (tx) => {
      await tx.query(`INSERT INTO notes VALUES ('lost')`)
      throw new Error('changed our mind')
    })
    await expect(failing).rejects.toThrow('changed our mind')
    expect(await connection.query('SELECT text FROM notes')).toEqual([{ text: 'kept' }])
  })

  it('lets a question that comes meanwhile wait for the end of a transaction', async () => {
    await connection.script('CREATE TABLE counts (count int); INSERT INTO counts VALUES (0)')
    let beside: Promise<unknown> | undefined
    await connection.transaction(async (tx) => {
      beside = connection.query('SELECT count FROM counts')
      for (const _ of [1, 2, 3]) await tx.query('UPDATE counts SET count = count + 1')
    })
    expect(await beside).toEqual([{ count: 3 }])
  })

  it('says what was wrong as PostgreSQL does, and goes on', async () => {
    await connection.script('CREATE TABLE names (name text CONSTRAINT one_name UNIQUE)')
    const insert = () => connection.query(`INSERT INTO names VALUES ('a')`)
    await insert()
    const error: unknown = await insert().catch((failure: unknown) => failure)
    expect(isUniqueViolation(error, 'one_name')).toBe(true)
    await expect(connection.query('SELECT nonsense')).rejects.toMatchObject({ code: '42703' })
    expect(await connection.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('serves Prisma, with dates as dates and the same refusals', async () => {
    const { system } = connection
    const data = { email: 'a@example.com', passwordHash: 'x' }
    const user = await system.prisma((prisma) => prisma.user.create({ data }))
    expect(user.createdAt).toBeInstanceOf(Date)
    await expect(system.prisma((prisma) => prisma.user.create({ data }))).rejects.toMatchObject({ code: 'P2002' })
    expect(await system.prisma((prisma) => prisma.user.count())).toBe(1)
  })

  it('is still there for whoever opens it again, and says that it is closed to whoever asks on', async () => {
    await connection.script(`CREATE TABLE lasting AS SELECT 'here' AS word`)
    await connection.close()
    await expect(connection.query('SELECT 1')).rejects.toMatchObject({ code: 'unavailable' })
    connection = await openPglite({ dataDir: join(folder, 'database') })
    expect(await connection.query('SELECT word FROM lasting')).toEqual([{ word: 'here' }])
  })
})

describe('an embedded database that keeps nothing', () => {
  const workspaceId = '01890a5d-ac96-774b-bcce-b302099a8057'

  it.each([
    ['in its thread', async () => openPglite({})],
    ['without one', async () => connectPglite(await createPglite({}))],
  ])('is asked by each role as that role, and for one workspace (%s)', async (_, open) => {
    const connection = await open()
    await connection.script(`CREATE ROLE nitro_app; CREATE ROLE nitro_system`)
    const who = `SELECT current_user AS role, nullif(current_setting('app.workspace', true), '') AS workspace`
    const [app, system] = [connection.tenant({ workspaceId }), connection.system]
    const asApp = [{ role: 'nitro_app', workspace: workspaceId }]
    const asSystem = [{ role: 'nitro_system', workspace: null }]
    expect([await app.query(who), await system.query(who)]).toEqual([asApp, asSystem])
    expect([await app.prepared('who', who, []), await system.prepared('who', who, [])]).toEqual([asApp, asSystem])
    expect(await app.transaction((tx) => tx.query(who))).toEqual(asApp)
    expect(await system.transaction((tx) => tx.query(who))).toEqual(asSystem)
    expect(await app.prisma((prisma) => prisma.$queryRawUnsafe(who))).toEqual(asApp)
    expect(await connection.query(who)).toEqual([{ role: 'postgres', workspace: null }])
    expect(await connection.transaction((tx) => tx.query(who))).toEqual([{ role: 'postgres', workspace: null }])
    for (const named of ['', 'w', `${workspaceId}'; RESET ROLE; --`])
      expect(() => connection.tenant({ workspaceId: named })).toThrow('named by a UUID')
    await connection.close()
  })
})

describe('a thread of the embedded database', () => {
  it('tells those who listen, until they do not any more', async () => {
    const lite = await openLiteThread({ dataDir: undefined })
    const heard: string[] = []
    const stop = await lite.listen('news', (payload) => heard.push(payload))
    await lite.query(`SELECT pg_notify('news', 'one')`)
    await stop()
    await lite.query(`SELECT pg_notify('news', 'two')`)
    expect(heard).toEqual(['one'])
    await lite.close()
  })
})
