import { afterAll, beforeAll, expect, it } from 'vitest'
import { eachDatabase } from '../../../test/test-database.ts'
import type { Connection } from './connection.ts'
import { migrate, migrationStatus, readMigrations } from './migrations.ts'

const migration = (name: string, sql: string) => ({ name, sql, checksum: `${name}:${sql}`.slice(0, 64) })
const shipped = readMigrations(`${import.meta.dirname}/../../../prisma/migrations`)

eachDatabase((_name, database) => {
  let connection: Connection
  beforeAll(async () => void (connection = await database.openEmpty()))
  afterAll(() => connection.close())

  it('makes an empty database whole, says what is applied, and applies nothing twice', async () => {
    expect(await migrate(connection)).toEqual(shipped.map(({ name }) => name))
    expect(await migrate(connection)).toEqual([])
    const status = await migrationStatus(connection)
    expect(status.applied.map(({ name }) => name)).toEqual(shipped.map(({ name }) => name))
    expect(status).toMatchObject({ pending: [], problems: [] })
  })

  it('applies a new migration once when several processes start at the same time', async () => {
    const next = [
      ...shipped,
      migration('9000_next', 'CREATE TABLE made_once (id int); INSERT INTO made_once VALUES (1);'),
    ]
    const applied = await Promise.all([migrate(connection, next), migrate(connection, next), migrate(connection, next)])
    expect(applied.flat()).toEqual(['9000_next'])
    expect(await connection.query('SELECT * FROM made_once')).toEqual([{ id: 1 }])
  })

  it('leaves nothing behind of a migration that fails in the middle', async () => {
    const broken = [
      ...shipped,
      migration('9000_next', 'CREATE TABLE made_once (id int); INSERT INTO made_once VALUES (1);'),
    ]
    broken.push(migration('9001_broken', 'CREATE TABLE half_made (id int); SELECT nothing_like_it();'))
    await expect(migrate(connection, broken)).rejects.toThrow(/nothing_like_it/)
    expect(await connection.query(`SELECT to_regclass('half_made')::text AS name`)).toEqual([{ name: null }])
  })

  it('refuses a migration that was changed after it had been applied', async () => {
    const changed = [...shipped, migration('9000_next', 'SELECT 1')]
    await expect(migrate(connection, changed)).rejects.toThrow('9000_next was changed after it had been applied')
  })

  it('refuses a database that a newer version has migrated', async () => {
    await expect(migrate(connection, shipped)).rejects.toThrow('which this version does not know')
  })
})
