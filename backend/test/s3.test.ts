import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DocumentLink } from '@nitroagi/shared/document-links'
import type { Document } from '@nitroagi/shared/knowledge'
import { createWordEmbedder } from './word-embedder.ts'
import { createEmbedders } from '../src/ports/embedder/embedders.ts'
import { startS3Server } from './s3-server.ts'
import { startBackend, type TestBackend } from './test-backend.ts'

let server: Awaited<ReturnType<typeof startS3Server>>
let backend: TestBackend

beforeAll(async () => {
  server = await startS3Server()
  backend = await startBackend({
    ports: { embedders: createEmbedders([createWordEmbedder()]) },
    env: {
      NITRO_S3_BUCKET: server.bucket,
      NITRO_S3_ENDPOINT: server.endpoint,
      NITRO_S3_ACCESS_KEY_ID: server.accessKeyId,
      NITRO_S3_SECRET_ACCESS_KEY: server.secretAccessKey,
    },
  })
})
afterAll(async () => {
  await backend?.close()
  await server?.close()
})

const ships = 'The Vasa sank in the harbour of Stockholm in 1628.'
const objects = async () => {
  const paths = await readdir(join(server.folder, 'buckets', server.bucket), { recursive: true })
  return paths.filter((path) => path.includes('documents') && path.endsWith('object'))
}

it('reads a document whose bytes are in a bucket, and deletes them with it', async () => {
  const { request } = await backend.createPerson()
  const created = await request('/api/v1/collections', { method: 'POST', json: { name: 'Ships' } })
  const { id: collectionId } = (await created.json()) as { id: string }
  const upload = await request(`/api/v1/collections/${collectionId}/documents?name=ships.txt`, {
    method: 'POST',
    body: ships,
  })
  let [document] = ((await upload.json()) as { documents: Document[] }).documents as [Document]
  expect(await objects()).toHaveLength(1)
  while (document.status !== 'ready' && document.status !== 'failed') {
    await wait(50)
    document = (await (await request(`/api/v1/documents/${document.id}`)).json()) as Document
  }
  expect(document).toMatchObject({ status: 'ready', error: null })
  const found = await request('/api/v1/search', { method: 'POST', json: { query: 'When did the Vasa sink?' } })
  expect(await found.json()).toMatchObject({ hits: [{ title: 'ships.txt' }] })

  const link = await request(`/api/v1/documents/${document.id}/links`, { method: 'POST' })
  const original = await fetch(((await link.json()) as DocumentLink).url)
  expect(original.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''ships.txt")
  expect(await original.text()).toBe(ships)
  const stranger = await backend.createPerson()
  const refused = await stranger.request(`/api/v1/documents/${document.id}/links`, { method: 'POST' })
  expect(refused.status).toBe(404)

  expect((await request(`/api/v1/documents/${document.id}`, { method: 'DELETE' })).status).toBe(204)
  expect(await objects()).toEqual([])
})

it('says in its health that the bucket takes writes', async () => {
  const health = await backend.request('/health')
  expect(await health.json()).toMatchObject({ dependencies: { objects: { status: 'ok' } } })
})
