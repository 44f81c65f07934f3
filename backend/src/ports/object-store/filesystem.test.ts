import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { objectStoreContract } from './contract.ts'
import { createFilesystemObjectStore } from './filesystem.ts'
import type { ObjectStore } from './port.ts'

let dir: string
let store: ObjectStore

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nitro-objects-'))
  store = createFilesystemObjectStore({ dir })
})
afterAll(() => rm(dir, { recursive: true, force: true }))

describe('files in a folder', () => {
  objectStoreContract(() => store)

  it('keeps no half of a refused upload on the disk', async () => {
    await store.put('w1/documents/big', Readable.from([Buffer.alloc(100)]), { maxBytes: 10 }).catch(() => {})
    expect(await readdir(join(dir, '.incoming'))).toEqual([])
  })
})
