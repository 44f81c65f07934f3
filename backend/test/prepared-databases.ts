import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createPglite } from '../src/ports/database/create-pglite.ts'
import { migrate } from '../src/ports/database/migrations.ts'
import { connectPglite } from '../src/ports/database/pglite.ts'
import { openPostgres } from '../src/ports/database/postgres.ts'

/** Undefined outside of a test run, where nobody would clean up. */
const run = process.env['NITRO_TEST_RUN']

export const preparedFolder = (id: string) => join(tmpdir(), `nitro-run-${id}`)
/** Where processes that tests start find their modules ready to run. */
export const compiledCode = join(run === undefined ? tmpdir() : preparedFolder(run), 'nitro-compiled')
const templateOf = (id: string) => `template_${id}`

let image: Promise<Blob> | undefined

/** A migrated embedded database as an image, made by whoever of the run needs it first. */
export const embeddedImage = (): Promise<Blob> => (image ??= run === undefined ? makeImage() : sharedImage(run))

async function sharedImage(id: string): Promise<Blob> {
  const path = join(preparedFolder(id), 'embedded.tar')
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (bytes) return new Blob([bytes])
  const made = await makeImage()
  // Two may make it at once; whoever is last does no harm.
  const draft = `${path}.${process.pid}`
  await writeFile(draft, made.stream())
  await rename(draft, path)
  return made
}

async function makeImage(): Promise<Blob> {
  const lite = await createPglite({})
  const connection = connectPglite(lite)
  await migrate(connection)
  const made = await lite.dumpDataDir('none')
  await connection.close()
  return made
}

export interface CreatedDatabase {
  name: string
  url: string
  drop(): Promise<void>
}

/** A migrated database with a random name on the test server: a copy of one that was migrated for the whole run. */
export async function createMigratedDatabase(server: string): Promise<CreatedDatabase> {
  if (run !== undefined) return createDatabase(server, await (template ??= makeTemplate(server, run)))
  const created = await createDatabase(server)
  await migrateOnce(created.url)
  return created
}

/** Empty, unless it is to be a copy. */
export async function createDatabase(server: string, copyOf?: string): Promise<CreatedDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await onServer(server, `CREATE DATABASE ${name}${copyOf === undefined ? '' : ` TEMPLATE ${copyOf}`}`)
  const target = new URL(server)
  target.pathname = `/${name}`
  return { name, url: target.href, drop: () => dropDatabase(server, name) }
}

let template: Promise<string> | undefined

async function makeTemplate(server: string, id: string): Promise<string> {
  const name = templateOf(id)
  const known = await onServer(server, `SELECT 1 FROM pg_database WHERE datname = '${name}'`)
  if (known.length > 0) return name
  const draft = await createDatabase(server)
  await migrateOnce(draft.url)
  try {
    // Under its name only when it is whole.
    await onServer(server, `ALTER DATABASE ${draft.name} RENAME TO ${name}`)
  } catch (error) {
    // Another process was first, or is at this very moment.
    if (!['42P04', '23505'].includes((error as { code?: string }).code ?? '')) throw error
    await draft.drop()
  }
  return name
}

async function migrateOnce(url: string): Promise<void> {
  const connection = await openPostgres({ url })
  await migrate(connection).finally(() => connection.close())
}

export async function dropPrepared(id: string): Promise<void> {
  const server = process.env['TEST_DATABASE_URL']
  if (server) await dropDatabase(server, templateOf(id))
}

const dropDatabase = async (server: string, name: string): Promise<void> =>
  void (await onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))

async function onServer(server: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  const { rows } = await client.query(sql).finally(() => client.end())
  return rows as unknown[]
}
