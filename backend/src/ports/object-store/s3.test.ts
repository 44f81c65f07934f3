import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startS3Server } from '../../../test/s3-server.ts'
import { objectStoreContract } from './contract.ts'
import type { ObjectStore } from './port.ts'
import { createS3ObjectStore } from './s3.ts'

const megabyte = 1024 * 1024
const maxBytes = megabyte
let server: Awaited<ReturnType<typeof startS3Server>>
let store: ObjectStore
let downloadsDir: string

beforeAll(async () => {
  server = await startS3Server()
  downloadsDir = join(server.folder, 'downloads')
  store = createS3ObjectStore({ ...server, downloadsDir })
})
afterAll(async () => {
  store.close?.()
  await server.close()
})

/** A store whose server answers every request like this. */
async function answering(status: number, code: string): Promise<{ store: ObjectStore; close(): void }> {
  const failing = createServer((request, response) => {
    request.resume()
    response.writeHead(status, { 'content-type': 'application/xml' })
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>the key is AKIASECRET</Message></Error>`)
  })
  failing.listen(0, '127.0.0.1')
  await once(failing, 'listening')
  const endpoint = `http://127.0.0.1:${(failing.address() as AddressInfo).port}`
  const failingStore = createS3ObjectStore({ ...server, endpoint, downloadsDir })
  return {
    store: failingStore,
    close() {
      failingStore.close?.()
      failing.closeAllConnections()
      failing.close()
    },
  }
}

describe('a bucket of S3', () => {
  objectStoreContract(() => store)

  it('keeps a file of several parts whole, never holding all of it', async () => {
    const pieces = Array.from({ length: 20 }, () => randomBytes(megabyte))
    const { sizeBytes } = await store.put('w1/documents/parts', Readable.from(pieces), { maxBytes: 20 * megabyte })
    expect(sizeBytes).toBe(20 * megabyte)
    expect((await buffer(await store.get('w1/documents/parts'))).equals(Buffer.concat(pieces))).toBe(true)
  })

  it('leaves no part behind when the sender is cut off after several of them', async () => {
    const body = Readable.from(
      (async function* () {
        for (let sent = 0; sent < 18; sent++) yield randomBytes(megabyte)
        throw new Error('cut')
      })(),
    )
    await expect(store.put('w1/documents/half', body, { maxBytes: 100 * megabyte })).rejects.toThrow('cut')
    await expect(store.get('w1/documents/half')).rejects.toMatchObject({ code: 'not_found' })
    const left = await readdir(join(server.folder, 'buckets'), { recursive: true })
    expect(left.filter((path) => path.includes('half') || /uploads\/.*\/\d+$/.test(path))).toEqual([])
  })

  it('deletes more objects than one listing shows', async () => {
    const few = createS3ObjectStore({ ...server, downloadsDir })
    const keys = Array.from({ length: 1_010 }, (_, index) => `w9/documents/${index}`)
    for (let from = 0; from < keys.length; from += 50) {
      const some = keys.slice(from, from + 50)
      await Promise.all(some.map((key) => few.put(key, Readable.from(['x']), { maxBytes: 1 })))
    }
    await few.deleteAll('w9/')
    await expect(few.get('w9/documents/0')).rejects.toMatchObject({ code: 'not_found' })
    await expect(few.get('w9/documents/1009')).rejects.toMatchObject({ code: 'not_found' })
    few.close?.()
  })

  it('lets go of the file that a parser had read', async () => {
    await store.put('w1/documents/read', Readable.from(['some words']), { maxBytes })
    const file = await store.openFile('w1/documents/read')
    expect(await readdir(downloadsDir)).toHaveLength(1)
    await file.release()
    expect(await readdir(downloadsDir)).toEqual([])
  })

  it('gives an address that downloads one object, under its name, for a while', async () => {
    await store.put('w1/documents/linked', Readable.from(['for whoever has it']), { maxBytes })
    const url = await store.link!('w1/documents/linked', {
      seconds: 60,
      name: "Zoë's plan.txt",
      mediaType: 'text/plain',
    })
    const answer = await fetch(url)
    expect(await answer.text()).toBe('for whoever has it')
    expect(answer.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''Zo%C3%AB%27s%20plan.txt")
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('60')
  })
})

describe('what goes wrong with it says what to do', () => {
  it('a bucket that is not there', async () => {
    const other = createS3ObjectStore({ ...server, bucket: 'no-such-bucket', downloadsDir })
    await expect(other.check()).rejects.toThrow('There is no bucket "no-such-bucket"')
    await expect(other.get('w1/documents/a')).rejects.toMatchObject({ code: 'unavailable' })
    other.close?.()
  })

  it('a key that is refused', async () => {
    const other = createS3ObjectStore({ ...server, accessKeyId: 'SOMEBODY', downloadsDir })
    await expect(other.check()).rejects.toThrow(/refused the key.*Check NITRO_S3_ACCESS_KEY_ID/)
    other.close?.()
  })

  it('a server that is down', async () => {
    const other = createS3ObjectStore({ ...server, endpoint: 'http://127.0.0.1:1', downloadsDir })
    await expect(other.check()).rejects.toThrow('Nothing answers at http://127.0.0.1:1')
    await expect(other.put('w1/documents/a', Readable.from(['x']), { maxBytes })).rejects.toMatchObject({
      code: 'unavailable',
    })
    other.close?.()
  })

  it.each([
    [507, 'XMinioStorageFull', 'storage_full', 'no space left'],
    [403, 'QuotaExceeded', 'storage_full', 'no space left'],
    [503, 'SlowDown', 'unavailable', 'busy'],
    [301, 'PermanentRedirect', 'unavailable', 'NITRO_S3_REGION'],
  ])('a server that answers %d %s', async (status, code, expected, words) => {
    const failing = await answering(status, code)
    const failure = await failing.store.put('w1/documents/a', Readable.from(['x']), { maxBytes }).catch((e) => e)
    expect(failure).toMatchObject({ code: expected, message: expect.stringContaining(words) })
    expect(failure.message).not.toContain('AKIASECRET')
    failing.close()
  })

  it('takes writes when all is well', () => store.check())
})
