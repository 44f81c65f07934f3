import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CreatedInvitation } from '@nitroagi/shared/workspaces'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort, spawnBackend, type BackendProcess } from './backend-process.ts'
import { startMailServer, tokenIn, type MailServer } from './mail-server.ts'
import { openTestPostgres } from './test-database.ts'

const server = process.env['TEST_DATABASE_URL']
let dataDir: string
let running: BackendProcess | undefined
let mail: MailServer | undefined
beforeEach(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'nitro-letters-'))))
afterEach(async () => {
  running?.kill('SIGKILL')
  await running?.ended
  await mail?.close()
  await rm(dataDir, { recursive: true, force: true })
})

describe('with the embedded database', () => killedBeforeDelivery({}))

if (server) {
  describe('with PostgreSQL', () => killedBeforeDelivery({ server }))
} else it.skip('with PostgreSQL: skipped, because TEST_DATABASE_URL is not set', () => {})

function killedBeforeDelivery({ server }: { server?: string }) {
  it(
    'delivers a letter that waited for the mail server when the backend was killed',
    { timeout: 240_000 },
    async () => {
      const database = server ? await openTestPostgres(server) : undefined
      const port = await freePort()
      const env: Record<string, string> = {
        NITRO_SMTP_URL: `smtp://127.0.0.1:${port}`,
        NITRO_MAIL_FROM: 'NitroAGI <nitro@example.org>',
        ...(database ? { DATABASE_URL: database.url } : {}),
      }
      try {
        running = await spawnBackend({ dataDir, env })
        await operator(running, 'operator/users', { email: 'a@example.com', password: 'correct horse battery' })
        const invitation = { email: 'b@example.com', role: 'member' }
        const made = (await operator(running, 'workspace/invitations', invitation)) as CreatedInvitation
        expect(made.wasMailed).toBe(true)
        running.kill('SIGKILL')
        await running.ended
        mail = await startMailServer({}, port)
        running = await spawnBackend({ dataDir, env })
        const letter = await mail.letter(0)
        expect(letter.to).toEqual([{ name: '', address: 'b@example.com' }])
        expect(tokenIn(letter)).toMatch(/^ni_/)
      } finally {
        running?.kill('SIGKILL')
        await running?.ended
        await database?.close()
      }
    },
  )
}

async function operator(backend: BackendProcess, path: string, json: object): Promise<unknown> {
  const response = await fetch(`${backend.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${backend.operatorKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(json),
  })
  expect(response.status).toBe(201)
  return response.json()
}
