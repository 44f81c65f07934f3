import { join } from 'node:path'
import { spawnBackend } from '../backend-process.ts'
import { ask, type Target } from './client.ts'
import type { Bench } from './row.ts'
import { createDatabase, temporaryFolder, whenCutShort } from './surroundings.ts'

export interface BenchBackend extends Target {
  pid: number
  /** `Postgres`, or the embedded database when there is none. */
  database: 'Postgres' | 'PGlite'
  close(): Promise<void>
}

/** The backend alone, on Postgres when there is one, with a data folder and a database that go when it closes. */
export async function startBackend(bench: Bench, env: Record<string, string> = {}): Promise<BenchBackend> {
  const folder = temporaryFolder()
  const database = bench.postgres ? await createDatabase(bench.postgres) : undefined
  const running = await spawnBackend({
    dataDir: join(folder.path, 'data'),
    env: {
      ...(bench.profileDir && { NODE_OPTIONS: profiling(bench.profileDir) }),
      ...(database && { DATABASE_URL: database.url }),
      ...env,
    },
  })
  const settled = whenCutShort(() => running.kill('SIGKILL'))
  return {
    url: running.url,
    pid: running.pid,
    headers: { authorization: `Bearer ${running.operatorKey}` },
    database: database ? 'Postgres' : 'PGlite',
    async close() {
      running.kill('SIGTERM')
      await running.ended
      settled()
      await database?.drop()
      folder.remove()
    },
  }
}

export const profiling = (dir: string): string => `--cpu-prof --cpu-prof-dir=${dir}`

export interface Person {
  email: string
  password: string
  /** The headers of this person's API key. */
  headers: Record<string, string>
}

/** Accounts with a workspace and an API key each, made by the machine's operator. */
export async function createPeople(operator: Target, count: number): Promise<Person[]> {
  const people: Person[] = []
  for (let index = 0; index < count; index++) {
    const email = `person-${index}@example.com`
    const password = `a long password ${index}`
    await ask(operator, 'POST', '/api/v1/operator/users', { email, password })
    const { key } = await ask<{ key: string }>(operator, 'POST', '/api/v1/operator/keys', { email, name: 'bench' })
    people.push({ email, password, headers: { authorization: `Bearer ${key}` } })
  }
  return people
}

/** A person's view of the backend. */
export const as = ({ headers }: Person, { url }: Target): Target => ({ url, headers })
