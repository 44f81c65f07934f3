import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Call } from '../call.ts'
import { openTable } from '../ingestion/open-table.ts'
import type { TableType } from '../ingestion/read-tables.ts'
import type { Orchestrator } from '../orchestrator/port.ts'
import type { OpenTable, StoredTable, TablesRepository } from '../ports/database/tables-port.ts'
import type { ObjectStore } from '../ports/object-store/port.ts'

type OpenedTable = Awaited<ReturnType<typeof openTable>>

/** Each open table is a process; so many wait for another question, and not for long. */
const openAtMost = 3
const idleMs = 60_000
const listedAtMost = 200

export type Tables = ReturnType<typeof createTables>

/** The tables among the documents that a caller may read, and their rows, to compute with. */
export function createTables({
  tables,
  objectStore,
}: {
  tables: TablesRepository
  objectStore: Pick<ObjectStore, 'openFile'>
}) {
  const kept = new Map<string, { opened: Promise<OpenedTable>; users: number; timer: NodeJS.Timeout | undefined }>()

  function forget(key: string): void {
    const entry = kept.get(key)
    kept.delete(key)
    clearTimeout(entry?.timer)
    void entry?.opened.then((table) => table.close()).catch(() => {})
  }

  /** Makes room by closing what nobody uses, longest unused first. */
  function makeRoom(): void {
    for (const [key, { users }] of kept) if (kept.size >= openAtMost && users === 0) forget(key)
  }

  async function read(stored: StoredTable): Promise<OpenedTable> {
    const file = await objectStore.openFile(stored.objectKey)
    try {
      const { title, number, mediaType } = stored
      // Not the caller's signal: others may wait for the same table.
      return await openTable(
        { path: file.path, mediaType: mediaType as TableType, title, number },
        AbortSignal.timeout(120_000),
      )
    } finally {
      await file.release()
    }
  }

  return {
    list: (call: Call, collectionIds: readonly string[] | undefined): Promise<StoredTable[]> =>
      collectionIds?.length === 0 ? Promise.resolve([]) : tables.list(call, collectionIds, listedAtMost),
    exists: (call: Call, collectionIds: readonly string[] | undefined): Promise<boolean> =>
      collectionIds?.length === 0 ? Promise.resolve(false) : tables.exists(call, collectionIds),
    passageAt: tables.passageAt,

    /** Opens a table that `list` gave to this caller, for as long as `work` takes; several callers share it. */
    async use<Result>(
      { actor, signal }: Call,
      stored: StoredTable,
      work: (table: OpenTable) => Promise<Result>,
    ): Promise<Result> {
      const key = [actor.workspaceId, stored.documentId, stored.version, stored.number].join('/')
      let entry = kept.get(key)
      if (!entry) {
        makeRoom()
        entry = { opened: read(stored), users: 0, timer: undefined }
        const made = entry
        kept.set(key, made)
        made.opened.then(
          ({ ended }) => ended.addEventListener('abort', () => kept.get(key) === made && forget(key)),
          () => kept.get(key) === made && forget(key),
        )
      }
      clearTimeout(entry.timer)
      entry.users++
      try {
        return await work(await abortable(entry.opened, signal))
      } finally {
        entry.users--
        // The newest stands last, so that the others are closed first.
        if (kept.get(key) === entry) {
          kept.delete(key)
          kept.set(key, entry)
          if (entry.users === 0) entry.timer = setTimeout(forget, idleMs, key).unref()
          if (kept.size > openAtMost && entry.users === 0) forget(key)
        }
      }
    },

    /** A table that is no document, by the same way, for the time that `work` takes. */
    async useText<Result>({ signal }: Call, csv: string, work: (table: OpenTable) => Promise<Result>): Promise<Result> {
      const folder = await mkdtemp(join(tmpdir(), 'nitro-table-'))
      try {
        const path = join(folder, 'table.csv')
        await writeFile(path, csv)
        const table = await openTable({ path, mediaType: 'text/csv', title: 'table.csv', number: 1 }, signal)
        try {
          return await work(table)
        } finally {
          table.close()
        }
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },

    close(): void {
      for (const key of [...kept.keys()]) forget(key)
    },
  }
}

/** Lets answers that begin without a run know whether there is a table to ask. */
export const withTables = (orchestrator: Orchestrator, { exists }: Pick<Tables, 'exists'>): Orchestrator => ({
  async *answer(call, request) {
    return yield* orchestrator.answer(call, { ...request, hasTables: await exists(call, request.collectionIds) })
  },
})

async function abortable<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
