import { Document, PassagePage, type Passage } from '@nitroagi/shared/knowledge'
import { z } from 'zod'
import type { Client } from './client.ts'
import { findCollection, listDocuments } from './collections.ts'
import { table, type Output } from './output.ts'

export async function showDocuments(client: Client, output: Output, collectionName: string): Promise<void> {
  const collection = await findCollection(client, collectionName)
  const documents = await listDocuments(client, collection.id)
  output.result({ collection, documents }, () =>
    documents.length === 0
      ? `There is no document in "${collection.name}".`
      : table(
          ['ID', 'STATUS', 'PAGES', 'NAME'],
          documents.map((document) => {
            const { id, pagesTotal, name, error, notice } = document
            const remark = error?.message ?? notice
            return [id, statusOf(document), String(pagesTotal ?? '?'), remark ? `${name} (${remark})` : name]
          }),
        ),
  )
}

export async function deleteDocuments(client: Client, output: Output, ids: string[]): Promise<void> {
  for (const id of ids) await client.request(pathOf(id), z.unknown(), { method: 'DELETE' })
  output.result({ deleted: ids }, () => `${ids.length} deleted.`)
}

/** What can be done with documents that are read, or were. */
export const documentVerbs = ['pause', 'resume', 'retry', 'reread'] as const

export async function treatDocuments(
  client: Client,
  output: Output,
  verb: (typeof documentVerbs)[number],
  ids: string[],
): Promise<void> {
  const documents: Document[] = []
  for (const id of ids) documents.push(await client.request(`${pathOf(id)}/${verb}`, Document, { method: 'POST' }))
  output.result({ documents }, () => documents.map((document) => `${document.name}: ${statusOf(document)}`).join('\n'))
}

export async function showPassages(
  client: Client,
  output: Output,
  id: string,
  page: number | undefined,
): Promise<void> {
  const passages: Passage[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query = new URLSearchParams({
      limit: '200',
      ...(page !== undefined && { page: String(page) }),
      ...(cursor !== undefined && { cursor }),
    })
    const found = await client.request(`${pathOf(id)}/passages?${query}`, PassagePage)
    passages.push(...found.items)
    cursor = found.nextCursor
  }
  output.result({ passages }, () =>
    passages.length === 0
      ? 'There is no passage.'
      : passages
          .map(({ page, start, end, heading, content }) => {
            const place = `page ${page}, ${start}–${end}${heading ? `, under "${heading}"` : ''}`
            return `[${place}]\n${content}`
          })
          .join('\n\n'),
  )
}

const pathOf = (id: string) => `/api/v1/documents/${encodeURIComponent(id)}`

function statusOf({ status, paused, progress }: Document): string {
  if (paused) return 'paused'
  if (!progress || progress.total === null) return status
  return `${status} ${progress.done}/${progress.total}`
}
