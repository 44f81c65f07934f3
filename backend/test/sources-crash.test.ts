import { createServer, type Server } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Document, DocumentPage, UploadResult } from '@nitroagi/shared/knowledge'
import type { Source, SourcePageList } from '@nitroagi/shared/sources'
import type { z } from 'zod'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { spawnBackend, type BackendProcess } from './backend-process.ts'
import { zipSync } from './zip.ts'

const linked = Array.from({ length: 8 }, (_, at) => `/page-${at}`)

let dataDir: string
let running: BackendProcess | undefined
let site: Server
let asked: string[]
let env: Record<string, string>

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nitro-sources-crash-'))
  asked = []
  site = createServer((request, response) => {
    const path = request.url!
    asked.push(path)
    const links = linked.map((link) => `<a href="${link}">${link}</a>`).join('')
    if (path === '/') response.setHeader('content-type', 'text/html').end(`<title>Home</title><p>Start</p>${links}`)
    else if (linked.includes(path)) {
      response.setHeader('content-type', 'text/html').end(`<title>${path}</title><p>What stands on ${path}.</p>`)
    } else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  env = { NITRO_ALLOWED_PRIVATE_HOSTS: `127.0.0.1:${(site.address() as AddressInfo).port}` }
})
afterEach(async () => {
  running?.kill('SIGKILL')
  await running?.ended
  site.closeAllConnections()
  site.close()
  await rm(dataDir, { recursive: true, force: true })
})

async function ask<Body>(path: string, method = 'GET', body?: string | Buffer): Promise<Body> {
  const { url, operatorKey } = running!
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${operatorKey}`,
      'content-type': typeof body === 'string' ? 'application/json' : 'application/octet-stream',
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  })
  expect(response.status, `${method} ${path}: ${await response.clone().text()}`).toBeLessThan(300)
  return (await response.json()) as Body
}

async function begin(): Promise<string> {
  running = await spawnBackend({ dataDir, env })
  await ask('/api/v1/operator/users', 'POST', JSON.stringify({ email: 'a@example.com', password: 'long enough 1' }))
  return (await ask<{ id: string }>('/api/v1/collections', 'POST', JSON.stringify({ name: 'crash' }))).id
}

async function killAndStart(): Promise<void> {
  running!.kill('SIGKILL')
  await running!.ended
  running = await spawnBackend({ dataDir, env })
}

async function until<State>(look: () => Promise<State>, isDue: (state: State) => boolean): Promise<State> {
  for (let waited = 0; ; waited += 100) {
    const state = await look()
    if (isDue(state) || waited > 90_000) return state
    await sleep(100)
  }
}

it('a site is walked to its end, however often the backend is killed with -9, and each page is taken once', async () => {
  const collectionId = await begin()
  const { origin } = new URL(`http://${env['NITRO_ALLOWED_PRIVATE_HOSTS']}`)
  const wanted = JSON.stringify({ kind: 'site', url: `${origin}/` })
  const { id } = await ask<Source>(`/api/v1/collections/${collectionId}/sources`, 'POST', wanted)
  const look = () => ask<Source>(`/api/v1/sources/${id}`)
  for (const documents of [2, 5]) {
    await until(
      look,
      ({ counters, status }) => counters.added >= documents || status === 'ready' || status === 'failed',
    )
    await killAndStart()
  }
  const source = await until(look, ({ status }) => status === 'ready' || status === 'failed')
  expect(source).toMatchObject({ status: 'ready', error: null, documentCount: linked.length + 1 })
  const times = ['/', ...linked].map((path) => asked.filter((other) => other === path).length)
  // Only the page in hand at a kill may be asked for once more.
  expect(times.reduce((sum, count) => sum + count - 1, 0)).toBeLessThanOrEqual(2)
  const { items } = await ask<z.infer<typeof SourcePageList>>(`/api/v1/sources/${id}/pages`)
  expect(items.filter(({ state }) => state === 'done')).toHaveLength(linked.length + 1)
}, 240_000)

it('an archive is unpacked to its end, however often the backend is killed with -9, and each file is taken once', async () => {
  const collectionId = await begin()
  const files = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`file-${at}.txt`, `Text number ${at}.`]))
  const path = `/api/v1/collections/${collectionId}/documents`
  const { documents } = await ask<UploadResult>(`${path}?name=many.zip`, 'POST', zipSync(files))
  const look = () => ask<Document>(`/api/v1/documents/${documents[0]!.id}`)
  for (const pages of [3, 20]) {
    await until(look, ({ pagesDone, status }) => pagesDone >= pages || status === 'ready' || status === 'failed')
    await killAndStart()
  }
  const archive = await until(look, ({ status }) => status === 'ready' || status === 'failed')
  expect(archive).toMatchObject({ status: 'ready', error: null, notice: null, pagesDone: 60 })
  const { items } = await ask<z.infer<typeof DocumentPage>>(`${path}?limit=200`)
  const names = items.filter(({ mediaType }) => mediaType === 'text/plain').map(({ name }) => name)
  expect(names.toSorted()).toEqual(Object.keys(files).toSorted())
}, 240_000)
