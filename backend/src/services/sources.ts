import { Readable } from 'node:stream'
import { NitroError } from '@nitroagi/shared/errors'
import type { UploadResult } from '@nitroagi/shared/knowledge'
import { limits } from '@nitroagi/shared/limits'
import type { Page } from '@nitroagi/shared/paging'
import type {
  AddText,
  ChangeSource,
  CreateSource,
  DeleteSourceQuery,
  Source,
  SourcePage,
} from '@nitroagi/shared/sources'
import type { Call } from '../call.ts'
import { plainAddress } from '../ingestion/web-page-address.ts'
import type { CollectionsRepository } from '../ports/database/collections-port.ts'
import type { SourcesRepository, StoredSource } from '../ports/database/sources-port.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'
import type { OutboundClient } from '../ports/outbound/port.ts'
import { type DocumentIntake, documentOf } from './document-intake.ts'

/** The job that fetches a source; its key is the source's id. */
export const fetchSourceKind = 'fetch-source'

export type Sources = ReturnType<typeof createSources>

interface Needs {
  collections: CollectionsRepository
  sources: SourcesRepository
  outbound: OutboundClient
  intake: DocumentIntake
  jobs: JobQueue
}

/** Where documents are fetched from. Readers of a collection see its sources, editors change them. */
export function createSources({ collections, sources, outbound, intake, jobs }: Needs) {
  async function find(call: Call, id: string): Promise<StoredSource> {
    const source = await sources.find(call, id)
    if (!source) throw new NitroError('not_found', 'There is no such source')
    return source
  }

  async function checkCollection(call: Call, id: string, isToChange: boolean): Promise<void> {
    const collection = await collections.find(call, id)
    if (!collection) throw new NitroError('not_found', 'There is no such collection')
    if (isToChange && collection.role === 'reader') {
      throw new NitroError('forbidden', 'You can read this collection, but not change its sources')
    }
  }

  async function editable(call: Call, id: string): Promise<StoredSource> {
    const source = await find(call, id)
    await checkCollection(call, source.collectionId, true)
    return source
  }

  async function fetchSoon(call: Call, source: StoredSource): Promise<Source> {
    await sources.wake(call, source.id)
    await jobs.send(fetchSourceKind, sourcePayloadOf(source), { key: source.id })
    return sourceOf(await find(call, source.id))
  }

  return {
    async list(call: Call, collectionId: string): Promise<Source[]> {
      await checkCollection(call, collectionId, false)
      return (await sources.list(call, collectionId)).map(sourceOf)
    },

    find: async (call: Call, id: string): Promise<Source> => sourceOf(await find(call, id)),

    async pages(
      call: Call,
      id: string,
      page: { limit: number; cursor?: string | undefined },
    ): Promise<Page<SourcePage>> {
      await find(call, id)
      return sources.pages(call, id, page)
    },

    /** Refuses an address that will never be fetched before it is written down. */
    async create(call: Call, collectionId: string, wanted: CreateSource): Promise<Source> {
      await checkCollection(call, collectionId, true)
      await outbound.check(wanted.url, call.signal)
      const url = plainAddress(wanted.url)
      if (!url) throw new NitroError('address_refused', 'This is not the address of a web page')
      if ((await sources.list(call, collectionId)).length >= limits.sourcesPerCollection) {
        throw new NitroError('conflict', `A collection may have at most ${limits.sourcesPerCollection} sources`)
      }
      const source = await sources.create(call, collectionId, { ...wanted, url })
      if (!source) throw new NitroError('conflict', 'This collection has this source already')
      return fetchSoon(call, source)
    },

    async change(call: Call, id: string, { settings, scheduleHours, paused }: ChangeSource): Promise<Source> {
      const before = await editable(call, id)
      const changed = await sources.change(call, id, {
        ...(scheduleHours === undefined ? {} : { scheduleHours }),
        ...(paused === undefined ? {} : { paused }),
        ...(settings === undefined ? {} : { settings: { ...before.settings, ...settings } }),
      })
      if (!changed) throw new NitroError('not_found', 'There is no such source')
      const goesOn = paused === false && (changed.status === 'waiting' || changed.status === 'fetching')
      if (goesOn) await jobs.send(fetchSourceKind, sourcePayloadOf(changed), { key: id })
      return sourceOf(changed)
    },

    async fetchNow(call: Call, id: string): Promise<Source> {
      const source = await editable(call, id)
      if (source.status === 'paused') throw new NitroError('conflict', 'This source is paused. Resume it first.')
      return fetchSoon(call, source)
    },

    /** Its documents stay, unless they are to go too. */
    async delete(call: Call, id: string, { documents }: DeleteSourceQuery): Promise<void> {
      await editable(call, id)
      const ids = documents === 'delete' ? await sources.documentIds(call, id) : []
      // Gone first, so that a fetch on its way adds no more.
      await sources.remove(call, id)
      for (const documentId of ids) await intake.remove(call, documentId)
    },

    async addText(call: Call, collectionId: string, { title, text }: AddText): Promise<UploadResult> {
      await checkCollection(call, collectionId, true)
      const { received } = await intake.receive(call, title, Readable.from([Buffer.from(text)]), async () => {})
      // Whatever else it looks like: it was written into a field for text.
      const mediaType = received.mediaType === 'text/markdown' ? received.mediaType : 'text/plain'
      const { error: _, ...bytes } = received
      const about = { collectionId, externalId: undefined, name: title }
      const { document, created } = await intake.take(call, about, { ...bytes, mediaType })
      return { documents: [documentOf(document)], created }
    },
  }
}

export const sourcePayloadOf = ({
  workspaceId,
  id,
  ownerId,
}: {
  workspaceId: string
  id: string
  ownerId: string
}) => ({
  workspaceId,
  sourceId: id,
  ownerId,
})

/** Without what only the backend needs. */
function sourceOf(stored: StoredSource): Source {
  const {
    workspaceId: _w,
    ownerId: _o,
    root: _r,
    etag: _e,
    lastModified: _l,
    failures: _f,
    round: _n,
    ...source
  } = stored
  return source
}
