import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import type { ObjectStore } from './port.ts'

const maxBytes = 1024 * 1024

/** What every object store keeps. */
export function objectStoreContract(store: () => ObjectStore): void {
  it('gives back the bytes that were put, with their size and hash', async () => {
    const bytes = randomBytes(300_000)
    const stored = await store().put('w1/documents/a', Readable.from([bytes.subarray(0, 1000), bytes.subarray(1000)]), {
      maxBytes,
    })
    expect(stored).toEqual({ sizeBytes: 300_000, sha256: createHash('sha256').update(bytes).digest('hex') })
    expect(await buffer(await store().get('w1/documents/a'))).toEqual(bytes)
    const file = await store().openFile('w1/documents/a')
    expect(await readFile(file.path)).toEqual(bytes)
    await file.release()
  })

  it('takes a web stream and an empty body', async () => {
    await store().put('w1/documents/web', new Response('from the web').body!, { maxBytes })
    expect(String(await buffer(await store().get('w1/documents/web')))).toBe('from the web')
    expect((await store().put('w1/documents/empty', Readable.from([]), { maxBytes })).sizeBytes).toBe(0)
  })

  it('refuses one byte too many and leaves nothing behind', async () => {
    const body = Readable.from(Array.from({ length: 17 }, () => randomBytes(64 * 1024)))
    await expect(store().put('w1/documents/big', body, { maxBytes })).rejects.toMatchObject({
      code: 'payload_too_large',
    })
    await expect(store().get('w1/documents/big')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('leaves nothing behind when the sender is cut off', async () => {
    const body = Readable.from(
      (async function* () {
        yield randomBytes(1000)
        throw new Error('cut')
      })(),
    )
    await expect(store().put('w1/documents/cut', body, { maxBytes })).rejects.toThrow('cut')
    await expect(store().openFile('w1/documents/cut')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('stops when the call is aborted', async () => {
    const abort = new AbortController()
    const never = new Readable({ read() {} })
    const put = store().put('w1/documents/aborted', never, { maxBytes, signal: abort.signal })
    setTimeout(() => abort.abort(), 20)
    await expect(put).rejects.toThrow()
    await expect(store().get('w1/documents/aborted')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('deletes one, all of a prefix, and does not mind what is not there', async () => {
    for (const key of ['w2/documents/a', 'w2/documents/b', 'w3/documents/a'])
      await store().put(key, Readable.from(['x']), { maxBytes })
    await store().delete('w2/documents/a')
    await store().delete('w2/documents/a')
    await expect(store().get('w2/documents/a')).rejects.toMatchObject({ code: 'not_found' })
    await store().deleteAll('w2/')
    await expect(store().get('w2/documents/b')).rejects.toMatchObject({ code: 'not_found' })
    expect(String(await buffer(await store().get('w3/documents/a')))).toBe('x')
  })

  it('has no key that leads out of it', async () => {
    for (const key of ['../secret', 'w1/../../secret', 'w1//x', '/etc/passwd', 'w1/.hidden', 'w1/a\\b']) {
      await expect(store().put(key, Readable.from(['x']), { maxBytes }), key).rejects.toThrow('not a key')
    }
  })
}
