import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { spawnBackend, type BackendProcess } from './backend-process.ts'
import { openTestPostgres } from './test-database.ts'

const server = process.env['TEST_DATABASE_URL']
const capTokens = 6_000
const email = 'a@example.com'

let folder: string
let running: BackendProcess | undefined
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'nitro-spending-'))))
afterEach(async () => {
  running?.kill('SIGKILL')
  await running?.ended
  await rm(folder, { recursive: true, force: true })
})

it.skipIf(server === undefined)(
  `gives back what a killed backend had set aside, and never passes the cap${server ? '' : ': skipped, because TEST_DATABASE_URL is not set'}`,
  { timeout: 240_000 },
  async () => {
    const database = await openTestPostgres(server!)
    const script = join(folder, 'script.json')
    const env = { DATABASE_URL: database.url, NITRO_SCRIPTED_MODEL: script }
    const books = async () => {
      const [row] = await database.query<{ spent: number; reserved: number; open: number }>(
        `SELECT coalesce(sum(tokens), 0)::int AS spent, coalesce(sum(reserved_tokens), 0)::int AS reserved,
           (SELECT count(*)::int FROM spending_reservations) AS open
         FROM spending_months WHERE kind = 'workspace'`,
      )
      return row!
    }
    const start = async () => void (running = await spawnBackend({ dataDir: folder, env }))
    try {
      await writeFile(script, JSON.stringify({ deltas: ['Slowly '], repeat: 1_000, delayMs: 500 }))
      await start()
      await operator(running!, 'users', { email, password: 'correct horse battery' })
      const { key } = (await operator(running!, 'keys', { email, name: 'one' })) as { key: string }
      const asked = await ask(running!, key, 'PUT', '/api/v1/workspace/spending', {
        workspace: { usd: null, tokens: capTokens },
      })
      expect(asked.status).toBe(200)

      const answers = Array.from({ length: 30 }, () => question(running!, key).catch(() => undefined))
      // Two fit; the others are refused, and then the two are in the middle of their answers.
      expect((await Promise.race(answers))?.status).toBe(429)
      for (let looks = 0; looks < 20; looks++) {
        const { spent, reserved } = await books()
        expect(spent + reserved).toBeLessThanOrEqual(capTokens)
        await sleep(20)
      }
      running!.kill('SIGKILL')
      await running!.ended
      await Promise.all(answers)
      const killed = await books()
      expect(killed.open).toBeGreaterThan(0)
      expect(killed.spent + killed.reserved).toBeLessThanOrEqual(capTokens)

      // What was set aside is held until its lease ends: nobody knows what those calls have cost.
      await writeFile(script, JSON.stringify({ deltas: ['Quickly'] }))
      await start()
      expect(await books()).toEqual(killed)
      expect((await question(running!, key)).status).toBe(429)
      running!.kill('SIGKILL')
      await running!.ended

      await database.query(`UPDATE spending_reservations SET expires_at = now() - interval '1 second'`)
      // So that the sweep of these five minutes counts as not yet made.
      await database.query(`DELETE FROM pgboss.job WHERE name = 'spending-sweep'`)
      await start()
      await expect.poll(books, { timeout: 60_000 }).toMatchObject({ open: 0, reserved: 0 })
      const { spent } = await books()
      // Their prompts, which providers ask for in any case.
      expect(spent).toBeGreaterThan(killed.spent)
      expect(spent).toBeLessThan(killed.spent + killed.reserved)
      expect((await question(running!, key)).status).toBe(200)
      expect((await books()).spent).toBeLessThanOrEqual(capTokens)
    } finally {
      running?.kill('SIGKILL')
      await running?.ended
      await database.close()
    }
  },
)

const question = (backend: BackendProcess, key: string) =>
  ask(backend, key, 'POST', '/v1/chat/completions', {
    model: 'scripted/default',
    stream: false,
    messages: [{ role: 'user', content: 'Tell me something' }],
    max_tokens: 1_500,
  })

const ask = (backend: BackendProcess, key: string, method: string, path: string, json: object) =>
  fetch(backend.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(json),
  })

async function operator(backend: BackendProcess, what: 'users' | 'keys', json: object): Promise<unknown> {
  const response = await ask(backend, backend.operatorKey, 'POST', `/api/v1/operator/${what}`, json)
  expect(response.status).toBe(201)
  return response.json()
}
