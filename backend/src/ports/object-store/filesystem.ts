import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { access, constants, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { NitroError } from '@nitroagi/shared/errors'
import { measureBytes, readableOf, segmentsOf, segmentsOfPrefix } from './incoming.ts'
import type { ObjectStore } from './port.ts'

/** A put that was cut by the end of its process leaves its half here; older ones than this are swept. */
const abandonedMs = 60 * 60 * 1000

/** Files in a folder. Bytes arrive in `.incoming` and are moved to their key whole, so no reader sees half of them. */
export function createFilesystemObjectStore({ dir }: { dir: string }): ObjectStore {
  const incoming = join(dir, '.incoming')
  let swept: Promise<void> | undefined

  async function prepare(): Promise<void> {
    await mkdir(incoming, { recursive: true, mode: 0o700 })
    swept ??= sweep(incoming)
    await swept
  }

  return {
    async put(key, body, { maxBytes, signal }) {
      const target = pathOf(dir, key)
      await prepare()
      const part = join(incoming, randomUUID())
      const measure = measureBytes(maxBytes)
      try {
        const file = createWriteStream(part, { mode: 0o600, flush: true })
        await pipeline(readableOf(body), measure.stream, file, { signal })
        await mkdir(dirname(target), { recursive: true, mode: 0o700 })
        await rename(part, target)
      } catch (error) {
        await rm(part, { force: true })
        throw translated(error)
      }
      return measure.stored()
    },

    async get(key) {
      try {
        const file = await open(pathOf(dir, key))
        return file.createReadStream()
      } catch (error) {
        throw translated(error)
      }
    },

    delete: (key) => rm(pathOf(dir, key), { force: true }),

    async deleteAll(prefix) {
      await rm(join(dir, ...segmentsOfPrefix(prefix)), { recursive: true, force: true })
    },

    async openFile(key) {
      const path = pathOf(dir, key)
      await stat(path).catch((error: unknown) => {
        throw translated(error)
      })
      // The file is the store's own and stays.
      return { path, release: async () => {} }
    },

    async check() {
      await prepare()
      await access(incoming, constants.W_OK)
    },
  }
}

const pathOf = (dir: string, key: string): string => join(dir, ...segmentsOf(key))

async function sweep(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name)
    const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs
    if (age > abandonedMs) await rm(path, { force: true })
  }
}

function translated(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return new NitroError('not_found', 'The file is not in the object store', { cause: error })
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new NitroError('storage_full', 'There is no space left for files. Free some and try again.', {
      cause: error,
    })
  }
  return error
}
