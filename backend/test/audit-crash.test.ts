import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditExportLine, type AuditVerification } from '@nitroagi/shared/audit'
import type { CreatedApiKey, ApiKey } from '@nitroagi/shared/identity'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { spawnBackend, type BackendProcess } from './backend-process.ts'
import { openTestPostgres } from './test-database.ts'

const server = process.env['TEST_DATABASE_URL']
const kills = 2
/** Enough for some to be anywhere between their beginning and their end. */
const atOnce = 50
const email = 'a@example.com'

let dataDir: string
let running: BackendProcess | undefined
beforeEach(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'nitro-audit-crash-'))))
afterEach(async () => {
  running?.kill('SIGKILL')
  await running?.ended
  await rm(dataDir, { recursive: true, force: true })
})

describe('with the embedded database', () => killedInMidChange({}))

if (server) {
  describe('with PostgreSQL', () => killedInMidChange({ server }))
} else it.skip('with PostgreSQL: skipped, because TEST_DATABASE_URL is not set', () => {})

function killedInMidChange({ server }: { server?: string }) {
  it(
    `has an entry for every key and a key for every entry, ${kills} times after kill -9`,
    { timeout: 240_000 },
    async () => {
      const database = server ? await openTestPostgres(server) : undefined
      const env: Record<string, string> = database ? { DATABASE_URL: database.url } : {}
      try {
        running = await spawnBackend({ dataDir, env })
        await operator(running, 'users', { email, password: 'correct horse battery' })
        const { key } = (await (await operator(running, 'keys', { email, name: 'reader' })).json()) as CreatedApiKey
        let told = 1
        for (let kill = 1; kill <= kills; kill++) {
          told += await makeKeysUntilKilled(running, 7 * kill)
          running = await spawnBackend({ dataDir, env })
          const read = async (path: string) => (await ask(running!, key, path)).text()
          const keys = (JSON.parse(await read('api-keys')) as { items: ApiKey[] }).items.map(({ id }) => id)
          const entries = (await read('audit/export?action=api-key'))
            .trimEnd()
            .split('\n')
            .map((line) => AuditExportLine.parse(JSON.parse(line)))
            .filter(({ action }) => action === 'api-key.create')
          expect(entries.map(({ targetId }) => targetId).sort()).toEqual(keys.sort())
          // What somebody was told is there; of the others, those that were done in the end.
          expect(keys.length).toBeGreaterThanOrEqual(told)
          told = keys.length
          const verified = JSON.parse(await read('audit/verification')) as AuditVerification
          expect(verified).toMatchObject({ isWhole: true, brokenAt: null })
        }
      } finally {
        running?.kill('SIGKILL')
        await running?.ended
        await database?.close()
      }
    },
  )
}

/** Gives how many were answered before the end, which comes with the one of that number. */
async function makeKeysUntilKilled(backend: BackendProcess, enough: number): Promise<number> {
  let made = 0
  const one = async () => {
    const response = await operator(backend, 'keys', { email, name: 'one of many' }).catch(() => undefined)
    if (response?.status !== 201) return
    made += 1
    if (made === enough) backend.kill('SIGKILL')
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  await backend.ended
  return made
}

const operator = (backend: BackendProcess, what: 'users' | 'keys', json: object) =>
  fetch(`${backend.url}/api/v1/operator/${what}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${backend.operatorKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(json),
  })

const ask = (backend: BackendProcess, key: string, path: string) =>
  fetch(`${backend.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${key}` } })
