import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Collection } from '@nitroagi/shared/collections'
import type { DocumentPage, PassagePage, SearchResult } from '@nitroagi/shared/knowledge'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { z } from 'zod'
import { spawnBackend, type BackendProcess } from './backend-process.ts'

/** So many that a change of all of them can be cut in its middle. */
const documents = 30

let dataDir: string
let running: BackendProcess
beforeEach(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'nitro-collections-crash-'))))
afterEach(async () => {
  running.kill('SIGKILL')
  await running.ended
  await rm(dataDir, { recursive: true, force: true })
})

async function restart(): Promise<void> {
  running.kill('SIGKILL')
  await running.ended
  running = await spawnBackend({ dataDir })
}

async function send<Answer>(method: string, path: string, body?: string): Promise<Answer> {
  const response = await fetch(running.url + path, {
    method,
    headers: { authorization: `Bearer ${running.operatorKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (response.status === 204 ? undefined : await response.json()) as Answer
}

const find = (id: string) => send<Collection>('GET', `/api/v1/collections/${id}`)

async function until(id: string, isDue: (collection: Collection) => boolean): Promise<void> {
  while (!isDue(await find(id))) await sleep(20)
}

const listed = (id: string) =>
  send<z.infer<typeof DocumentPage>>('GET', `/api/v1/collections/${id}/documents?limit=200`).then(({ items }) =>
    items.filter(({ mediaType }) => mediaType !== 'application/x-ndjson'),
  )

/** Files in the object store. */
const files = async () =>
  (await readdir(join(dataDir, 'objects'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())

it('makes a collection anew, and clears one away, however often the backend is killed with -9 meanwhile', async () => {
  running = await spawnBackend({ dataDir })
  const account = { email: 'a@example.com', password: 'long enough 1' }
  await send('POST', '/api/v1/operator/users', JSON.stringify(account))
  const { id } = await send<Collection>('POST', '/api/v1/collections', JSON.stringify({ name: 'Many' }))
  const paragraphs = (n: number) =>
    Array.from({ length: 5 }, (_, m) => `Note ${n}.${m} says ${'something '.repeat(25)}.`)
  const lines = Array.from({ length: documents }, (_, n) =>
    JSON.stringify({ id: n, title: `Note ${n}`, text: paragraphs(n).join('\n\n') }),
  )
  await send('POST', `/api/v1/collections/${id}/documents?name=notes.jsonl`, lines.join('\n'))
  await send('POST', `/api/v1/collections/${id}/documents?name=kept.txt`, 'The kept file is searched all the time.')
  const isReady = async () => {
    const all = await listed(id)
    return all.length === documents + 1 && all.every(({ status }) => status === 'ready')
  }
  while (!(await isReady())) await sleep(100)
  const before = Math.max(...(await listed(id)).map(({ chunksTotal }) => chunksTotal ?? 0))

  const change = { chunkProfile: { targetCharacters: 300, context: 'none' } }
  await send('PATCH', `/api/v1/collections/${id}`, JSON.stringify(change))
  for (const share of [0.2, 0.6]) {
    await until(id, ({ reindexing }) => reindexing === null || reindexing.done >= share * documents)
    await restart()
    const query = JSON.stringify({ query: 'Which file is searched all the time?', limit: 1 })
    expect((await send<SearchResult>('POST', '/api/v1/search', query)).hits[0]?.title).toBe('kept.txt')
  }
  await until(id, ({ reindexing }) => reindexing === null)
  const all = await listed(id)
  expect(all.map(({ status }) => status).filter((status) => status !== 'ready')).toEqual([])
  const cut = all.filter(({ name }) => name !== 'kept.txt').map(({ chunksTotal }) => chunksTotal)
  expect(new Set(cut).size).toBe(1)
  expect(cut[0]).toBeGreaterThan(before)
  const path = `/api/v1/documents/${all.find(({ name }) => name === 'Note 7')!.id}/passages`
  const { items } = await send<z.infer<typeof PassagePage>>('GET', path)
  expect(items.map(({ ordinal }) => ordinal)).toEqual(items.map((_, index) => index))
  expect(items).toHaveLength(cut[0]!)

  expect((await files()).length).toBeGreaterThan(0)
  await send('DELETE', `/api/v1/collections/${id}`)
  await restart()
  expect((await send<{ items: Collection[] }>('GET', '/api/v1/collections')).items).toEqual([])
  while ((await files()).length > 0) await sleep(100)
}, 300_000)
