import { Collection, CollectionList } from '@nitroagi/shared/collections'
import { DocumentPage, type Document } from '@nitroagi/shared/knowledge'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'

export async function findCollection(client: Client, name: string): Promise<Collection> {
  const { items } = await client.request('/api/v1/collections', CollectionList)
  const found = items.find((collection) => collection.name === name)
  if (found) return found
  const names = items.map((collection) => `"${collection.name}"`).join(', ')
  throw new CliError(
    'not_found',
    `There is no collection "${name}". ${names ? `There are: ${names}` : 'There is none yet.'}`,
  )
}

export async function findOrCreateCollection(client: Client, name: string): Promise<Collection> {
  const { items } = await client.request('/api/v1/collections', CollectionList)
  const found = items.find((collection) => collection.name === name)
  return found ?? client.request('/api/v1/collections', Collection, { method: 'POST', body: { name } })
}

export async function listDocuments(client: Client, collectionId: string): Promise<Document[]> {
  const documents: Document[] = []
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ limit: '200', ...(cursor === null ? {} : { cursor }) })
    const page: DocumentPage = await client.request(
      `/api/v1/collections/${collectionId}/documents?${query}`,
      DocumentPage,
    )
    documents.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return documents
}

type DocumentPage = { items: Document[]; nextCursor: string | null }
