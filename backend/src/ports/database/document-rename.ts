import type { Call } from '../../call.ts'
import { titleOf } from '../../document-title.ts'
import type { Sql } from './connection.ts'
import { countedWords, wordColumns, wordsOf } from './entry-words.ts'

const entryBatch = 200

interface Named {
  name: string
  tags: string[]
}

/**
 * Gives a document another name or other tags. Its passages are found by both, so their words are taken anew, of the version
 * that is being made as well: whoever makes it reads the name under the same lock.
 */
export async function rename(
  tx: Sql,
  { actor }: Call,
  documentId: string,
  { name, tags }: { name?: string; tags?: readonly string[] },
): Promise<boolean> {
  const [before] = await tx.query<Named>(
    `SELECT name, tags FROM documents WHERE workspace_id = $1 AND id = $2 AND status <> 'deleting' FOR NO KEY UPDATE`,
    [actor.workspaceId, documentId],
  )
  if (!before) return false
  const after: Named = { name: name ?? before.name, tags: tags ? [...tags] : before.tags }
  await tx.query(
    `UPDATE documents SET name = $3, tags = $4, updated_at = clock_timestamp() WHERE workspace_id = $1 AND id = $2`,
    [actor.workspaceId, documentId, after.name, after.tags],
  )
  if (JSON.stringify(before) === JSON.stringify(after)) return true
  await takeWordsAnew(tx, actor.workspaceId, documentId, after)
  await tx.query(
    `UPDATE documents d SET entry_length = (
       SELECT coalesce(sum(e.length), 0) FROM knowledge_entries e
       WHERE e.workspace_id = d.workspace_id AND e.document_id = d.id AND e.version = d.version)
     WHERE workspace_id = $1 AND id = $2`,
    [actor.workspaceId, documentId],
  )
  return true
}

async function takeWordsAnew(tx: Sql, workspaceId: string, documentId: string, { name, tags }: Named): Promise<void> {
  const title = titleOf(name)
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const entries = await tx.query<{ id: string; content: string; heading: string | null }>(
      `SELECT id, content, source->>'heading' AS heading FROM knowledge_entries
       WHERE workspace_id = $1 AND document_id = $2 AND id > $3 ORDER BY id LIMIT ${entryBatch}`,
      [workspaceId, documentId, after],
    )
    const last = entries.at(-1)
    if (!last) return
    after = last.id
    await tx.query(
      `UPDATE knowledge_entries e SET tags = $3, lexemes = l.lexemes, frequencies = l.frequencies, length = l.length
       FROM unnest($2::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) AS n (id, ${wordColumns}),
         ${countedWords('n')} l
       WHERE e.workspace_id = $1 AND e.id = n.id`,
      [
        workspaceId,
        entries.map(({ id }) => id),
        tags,
        ...wordsOf(entries.map(({ content, heading }) => ({ content, heading: heading ?? '', title, tags }))),
      ],
    )
  }
}
