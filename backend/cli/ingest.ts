import { openAsBlob } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { UploadResult, type Document } from '@nitroagi/shared/knowledge'
import { limits } from '@nitroagi/shared/limits'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { findOrCreateCollection, listDocuments } from './collections.ts'
import type { Output } from './output.ts'

interface Refused {
  file: string
  code: string
  message: string
}

/** Uploads the files one after the other, streamed from disk; with `wait` until all of them can be searched. */
export async function ingest(
  client: Client,
  output: Output,
  paths: string[],
  { collection: name, wait }: { collection: string; wait: boolean },
): Promise<void> {
  const files = (await Promise.all(paths.map(filesUnder))).flat()
  if (files.length === 0) throw new CliError('usage', 'There is no file in there', 2)
  const collection = await findOrCreateCollection(client, name)
  const refused: Refused[] = []
  const uploaded = new Map<string, Document>()
  let imported = 0
  for (const [index, file] of files.entries()) {
    output.remark(`Uploading ${index + 1} of ${files.length}: ${basename(file)}`, true)
    try {
      const result = await upload(client, collection.id, file)
      for (const document of result.documents) uploaded.set(document.id, document)
      imported += result.imported ?? 0
      const remark =
        result.imported === undefined
          ? result.created
            ? 'received'
            : 'was there already'
          : `${result.imported} documents imported`
      output.remark(`${basename(file)}: ${remark}`)
    } catch (error) {
      // One file that is refused must not keep the others out; a backend that is gone does.
      if (!(error instanceof CliError) || error.exitCode === 3) throw error
      refused.push({ file, code: error.code, message: error.message })
      output.remark(`${basename(file)}: ${error.message}`)
    }
  }

  const documents = wait ? await untilRead(client, output, collection.id, uploaded) : [...uploaded.values()]
  const failed = documents.filter((document) => document.status === 'failed')
  const ready = documents.filter((document) => document.status === 'ready').length
  output.result(
    {
      collection: { id: collection.id, name: collection.name },
      uploaded: uploaded.size,
      imported,
      ready,
      failed: failed.map(({ id, name, error }) => ({ id, name, error })),
      refused,
    },
    () =>
      [
        ...failed.map(({ name, error }) => `failed: ${name}: ${error?.message ?? 'no reason given'}`),
        ...refused.map(({ file, message }) => `refused: ${file}: ${message}`),
        wait
          ? `${ready} ready, ${failed.length + refused.length} failed in "${collection.name}"`
          : `${uploaded.size} uploaded to "${collection.name}", ${refused.length} refused`,
      ].join('\n'),
  )
  const failures = failed.length + refused.length
  if (failures > 0) throw new CliError('documents_failed', `${failures} could not be taken in; they are listed above`)
}

/** A folder stands for the files in it, hidden ones left out. */
async function filesUnder(path: string): Promise<string[]> {
  const stats = await stat(path).catch(() => undefined)
  if (!stats) throw new CliError('usage', `There is no file ${path}`, 2)
  if (!stats.isDirectory()) return [path]
  const entries = await readdir(path, { withFileTypes: true })
  const visible = entries.filter((entry) => !entry.name.startsWith('.')).sort((a, b) => a.name.localeCompare(b.name))
  const nested = await Promise.all(
    visible.map((entry) => {
      if (entry.isDirectory()) return filesUnder(join(path, entry.name))
      return entry.isFile() ? [join(path, entry.name)] : []
    }),
  )
  return nested.flat()
}

async function upload(client: Client, collectionId: string, file: string): Promise<UploadResult> {
  const body = await openAsBlob(file)
  // Said here too, because a server that refuses in mid-stream can often not be heard any more.
  if (body.size > limits.uploadBytes) {
    throw new CliError('payload_too_large', `A file may have at most ${limits.uploadBytes / 1024 / 1024} MB`)
  }
  const query = new URLSearchParams({ name: basename(file) })
  return client.request(`/api/v1/collections/${collectionId}/documents?${query}`, UploadResult, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/octet-stream' },
  })
}

/** Watches the whole collection, because an import makes documents whose ids are not told. Gives what came in now. */
async function untilRead(
  client: Client,
  output: Output,
  collectionId: string,
  uploaded: ReadonlyMap<string, Document>,
): Promise<Document[]> {
  if (uploaded.size === 0) return []
  const begun = [...uploaded.values()].map(({ createdAt }) => createdAt).sort()[0] ?? ''
  for (let pauseMs = 300; ; pauseMs = Math.min(pauseMs * 1.3, 3_000)) {
    const documents = await listDocuments(client, collectionId)
    const ours = documents.filter(({ id, createdAt }) => uploaded.has(id) || createdAt >= begun)
    const done = ours.filter(({ status }) => status === 'ready' || status === 'failed')
    if (done.length === ours.length) return ours
    const current = ours.find(({ status }) => status === 'extracting' || status === 'embedding')
    output.remark(`${done.length} of ${ours.length} documents${current ? `, ${describeProgress(current)}` : ''}`, true)
    await sleep(pauseMs)
  }
}

function describeProgress({ name, status, pagesDone, pagesTotal, chunksDone, chunksTotal }: Document): string {
  const [done, total, what] =
    status === 'extracting' ? [pagesDone, pagesTotal, 'page'] : [chunksDone, chunksTotal, 'passage']
  return total === null ? name : `${name}: ${what} ${done} of ${total}`
}
