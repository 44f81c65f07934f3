import { SearchResult } from '@nitroagi/shared/knowledge'
import type { Client } from './client.ts'
import { findCollection } from './collections.ts'
import type { Output } from './output.ts'

export async function search(
  client: Client,
  output: Output,
  query: string,
  { limit, collection }: { limit: number; collection?: string },
): Promise<void> {
  const collectionIds = collection === undefined ? undefined : [(await findCollection(client, collection)).id]
  const result = await client.request('/api/v1/search', SearchResult, {
    method: 'POST',
    body: { query, limit, collectionIds },
  })
  output.result(result, () =>
    result.hits.length === 0
      ? 'Nothing found.'
      : result.hits
          .map(({ title, page, score, content }, index) => {
            const text = content.replace(/\s+/g, ' ').trim()
            return `${index + 1}. ${title}, page ${page} (score ${score.toFixed(3)})\n   ${text.length > 300 ? `${text.slice(0, 299)}…` : text}`
          })
          .join('\n'),
  )
}
