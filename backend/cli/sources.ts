import { setTimeout as sleep } from 'node:timers/promises'
import { UploadResult } from '@nitroagi/shared/knowledge'
import { Source, SourceList, type SourceKind } from '@nitroagi/shared/sources'
import { z } from 'zod'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { findCollection, findOrCreateCollection } from './collections.ts'
import { table, type Output } from './output.ts'

export interface NewSource {
  collection: string
  kind: SourceKind
  every?: number
  maxPages?: number
  fullPages?: boolean
  wait: boolean
}

export const sourceVerbs = ['fetch', 'pause', 'resume'] as const
type SourceVerb = (typeof sourceVerbs)[number]

const pathOf = (id: string) => `/api/v1/sources/${encodeURIComponent(id)}`

export async function listSources(client: Client, output: Output, collectionName: string): Promise<void> {
  const collection = await findCollection(client, collectionName)
  const { items } = await client.request(`/api/v1/collections/${collection.id}/sources`, SourceList)
  output.result({ collection, sources: items }, () =>
    items.length === 0
      ? `"${collection.name}" has no source.`
      : table(['ID', 'KIND', 'STATUS', 'DOCUMENTS', 'EVERY', 'NAME'], items.map(rowOf)),
  )
}

function rowOf({ id, kind, status, documentCount, scheduleHours, name, url, error, notice }: Source): string[] {
  const remark = error?.message ?? notice
  const called = name === url ? url : `${name} <${url}>`
  const every = scheduleHours === null ? '-' : `${scheduleHours} h`
  return [id, kind, status, String(documentCount), every, remark ? `${called} (${remark})` : called]
}

export async function addSource(client: Client, output: Output, url: string, given: NewSource): Promise<void> {
  const collection = await findOrCreateCollection(client, given.collection)
  const { kind, every = null, maxPages, fullPages, wait } = given
  const source = await client.request(`/api/v1/collections/${collection.id}/sources`, Source, {
    method: 'POST',
    body: {
      kind,
      url,
      scheduleHours: every,
      settings: {
        ...(maxPages === undefined ? {} : { maxPages }),
        ...(fullPages === undefined ? {} : { fullPages }),
      },
    },
  })
  const shown = wait ? await untilFetched(client, output, source) : source
  output.result(shown, () => describe(shown))
  if (shown.status === 'failed') throw new CliError('fetch_failed', shown.error?.message ?? 'It could not be fetched')
}

export async function treatSource(client: Client, output: Output, verb: SourceVerb, id: string): Promise<void> {
  const source =
    verb === 'fetch'
      ? await client.request(`${pathOf(id)}/fetch`, Source, { method: 'POST' })
      : await client.request(pathOf(id), Source, { method: 'PATCH', body: { paused: verb === 'pause' } })
  output.result(source, () => describe(source))
}

export async function removeSource(client: Client, output: Output, id: string, withDocuments: boolean): Promise<void> {
  const documents = withDocuments ? 'delete' : 'keep'
  await client.request(`${pathOf(id)}?documents=${documents}`, z.unknown(), { method: 'DELETE' })
  output.result({ removed: id, documents }, () =>
    withDocuments ? 'Removed, with its documents.' : 'Removed; its documents stay.',
  )
}

/** What is typed, or piped in, as a document. */
export async function addText(
  client: Client,
  output: Output,
  { title, text, collection: name }: { title: string; text: string; collection: string },
): Promise<void> {
  const collection = await findOrCreateCollection(client, name)
  const path = `/api/v1/collections/${collection.id}/texts`
  const result = await client.request(path, UploadResult, { method: 'POST', body: { title, text } })
  output.result(result, () => (result.created ? 'Received; it is read in the background.' : 'It was there already.'))
}

async function untilFetched(client: Client, output: Output, begun: Source): Promise<Source> {
  for (;;) {
    const source = await client.request(pathOf(begun.id), Source)
    if (source.status !== 'waiting' && source.status !== 'fetching') return source
    output.remark(`${source.counters.done} of ${source.counters.found} looked at`, true)
    await sleep(500)
  }
}

function describe({ id, name, status, counters, error, notice, documentCount }: Source): string {
  const { added, changed, unchanged, removed, skipped, failed } = counters
  const done = Object.entries({ added, changed, unchanged, removed, skipped, failed })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
  return [
    `${id}  ${name}: ${status}, ${documentCount} document${documentCount === 1 ? '' : 's'}`,
    ...(done.length > 0 ? [`Latest fetch: ${done.join(', ')}`] : []),
    ...(error ? [error.message] : []),
    ...(notice ? [notice] : []),
  ].join('\n')
}
