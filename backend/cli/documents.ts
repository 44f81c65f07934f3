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
          documents.map(({ id, status, pagesTotal, name, error, notice }) => {
            const remark = error?.message ?? notice
            return [id, status, String(pagesTotal ?? '?'), remark ? `${name} (${remark})` : name]
          }),
        ),
  )
}

export async function deleteDocuments(client: Client, output: Output, ids: string[]): Promise<void> {
  for (const id of ids)
    await client.request(`/api/v1/documents/${encodeURIComponent(id)}`, z.unknown(), { method: 'DELETE' })
  output.result({ deleted: ids }, () => `${ids.length} deleted.`)
}
