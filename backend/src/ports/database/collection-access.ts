import type { Call } from '../../call.ts'

/**
 * The ids of the collections that somebody may read, as a subquery; the parameters hold the workspace and `readerOf`.
 * Every statement that shows anything of a document has it or `isReadable` in it.
 */
export const readableCollections = (workspace: string, reader: string) =>
  `SELECT c.id FROM collections c WHERE c.workspace_id = ${workspace} AND ${isReadable('c', reader)}`

/** Whether the collection of this alias may be read; one that is being deleted by nobody. */
export const isReadable = (alias: string, reader: string) =>
  `(${alias}.deleted_at IS NULL AND (${reader}::uuid IS NULL OR ${alias}.access = 'workspace' OR EXISTS (
    SELECT 1 FROM collection_members readers WHERE readers.workspace_id = ${alias}.workspace_id
      AND readers.collection_id = ${alias}.id AND readers.user_id = ${reader})))`

/** Who reads. A job works on what it was given, whoever that belongs to, so for it nothing is closed. */
export const readerOf = ({ actor }: Call): string | null => (actor.via === 'job' ? null : actor.userId)
