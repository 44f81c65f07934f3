import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConversationDetail } from '@nitroagi/shared/conversations'
import { textOf } from '@nitroagi/shared/message-parts'
import type { Run } from '@nitroagi/shared/runs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { spawnBackend, type BackendProcess } from './backend-process.ts'
import { openTestPostgres } from './test-database.ts'

const words = Array.from({ length: 400 }, (_, index) => `word${index} `)
const script = join(tmpdir(), `nitro-script-${process.pid}.json`)
const server = process.env['TEST_DATABASE_URL']

let dataDir: string
let running: BackendProcess | undefined
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nitro-crash-'))
  await writeFile(script, JSON.stringify({ deltas: words, delayMs: 10 }))
})
afterEach(async () => {
  running?.kill('SIGKILL')
  await running?.ended
  await rm(dataDir, { recursive: true, force: true })
  await rm(script, { force: true })
})

describe('with the embedded database', () => killedInMidAnswer({}))

if (server) {
  describe('with PostgreSQL', () => killedInMidAnswer({ server }))
} else it.skip('with PostgreSQL: skipped, because TEST_DATABASE_URL is not set', () => {})

function killedInMidAnswer({ server }: { server?: string }) {
  it('keeps the question once and the answer so far, marked, and can go on from it after kill -9', async () => {
    const database = server ? await openTestPostgres(server) : undefined
    try {
      const env = { NITRO_SCRIPTED_MODEL: script, ...(database ? { DATABASE_URL: database.url } : {}) }
      running = await spawnBackend({ dataDir, env })
      await post(running, '/api/v1/operator/users', { email: 'a@example.com', password: 'correct horse battery' })
      const { id } = await post<{ id: string }>(running, '/api/v1/conversations', {})
      const { run } = await post<{ run: Run }>(running, `/api/v1/conversations/${id}/messages`, { text: 'Count' })
      await sleep(700)
      running.kill('SIGKILL')
      await running.ended

      running = await spawnBackend({ dataDir, env })
      const ended = await untilEnded(running, run.id)
      expect(ended.status).toBe('interrupted')
      const { messages } = await get<ConversationDetail>(running, `/api/v1/conversations/${id}`)
      expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant'])
      expect(textOf(messages[0]?.parts ?? [])).toBe('Count')
      const partial = textOf(messages[1]?.parts ?? [])
      expect(partial).toMatch(/^word0 word1 /)
      expect(words.join('')).toContain(partial)
      expect(partial.length).toBeLessThan(words.join('').length)
      expect(JSON.stringify(messages[1]?.parts)).toContain('run_interrupted')

      const next = await post<{ run: Run }>(running, `/api/v1/runs/${run.id}/continue`, undefined)
      await post(running, `/api/v1/runs/${next.run.id}/stop`, undefined)
      expect((await untilEnded(running, next.run.id)).status).toBe('stopped')
    } finally {
      running?.kill('SIGKILL')
      await running?.ended
      await database?.close()
    }
  }, 60_000)
}

it('lets one backend have a data folder and tells the second one who has it', async () => {
  running = await spawnBackend({ dataDir })
  await expect(spawnBackend({ dataDir })).rejects.toThrow(
    `(75): Another NitroAGI backend (pid ${running.pid}) uses ${dataDir}`,
  )
})

it('says in one sentence that its port is taken', async () => {
  running = await spawnBackend({ dataDir })
  const other = await mkdtemp(join(tmpdir(), 'nitro-crash-'))
  const port = Number(new URL(running.url).port)
  await expect(spawnBackend({ dataDir: other, port })).rejects.toThrow(
    `(1): Port ${port} is in use by another program.`,
  )
  await rm(other, { recursive: true })
})

it('ends with 0 on SIGTERM, with the answer under way kept', async () => {
  running = await spawnBackend({ dataDir, env: { NITRO_SCRIPTED_MODEL: script } })
  await post(running, '/api/v1/operator/users', { email: 'a@example.com', password: 'correct horse battery' })
  const { id } = await post<{ id: string }>(running, '/api/v1/conversations', {})
  const { run } = await post<{ run: Run }>(running, `/api/v1/conversations/${id}/messages`, { text: 'Count' })
  await sleep(200)
  running.kill('SIGTERM')
  expect(await running.ended).toBe(0)
  running = await spawnBackend({ dataDir, env: { NITRO_SCRIPTED_MODEL: script } })
  expect((await untilEnded(running, run.id)).status).toMatch(/completed|interrupted/)
}, 60_000)

async function untilEnded(backend: BackendProcess, runId: string): Promise<Run> {
  for (let waited = 0; ; waited += 100) {
    const run = await get<Run>(backend, `/api/v1/runs/${runId}`)
    if (run.finishedAt || waited > 30_000) return run
    await sleep(100)
  }
}

const headers = (backend: BackendProcess) => ({ authorization: `Bearer ${backend.operatorKey}` })

async function get<Body>(backend: BackendProcess, path: string): Promise<Body> {
  const response = await fetch(backend.url + path, { headers: headers(backend) })
  expect(response.status, path).toBe(200)
  return (await response.json()) as Body
}

async function post<Body>(backend: BackendProcess, path: string, json: unknown): Promise<Body> {
  const response = await fetch(backend.url + path, {
    method: 'POST',
    headers: { ...headers(backend), ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  })
  expect(response.status, path).toBeLessThan(300)
  return (await response.json()) as Body
}
