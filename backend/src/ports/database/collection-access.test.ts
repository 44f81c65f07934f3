import { expect, it } from 'vitest'
import { testCall } from '../../../test/test-call.ts'
import { isReadable, readableCollections, readerOf } from './collection-access.ts'

it('reads for whoever asks, by whichever door, and for a job alone as nobody in particular', () => {
  const call = testCall()
  const readerBy = (via: typeof call.actor.via) => readerOf({ ...call, actor: { ...call.actor, via } })
  for (const via of ['session', 'api-key', 'ticket', 'operator', 'service'] as const) {
    expect([via, readerBy(via)]).toEqual([via, call.actor.userId])
  }
  expect(readerBy('job')).toBeNull()
})

it('names the workspace and the reader wherever collections are read', () => {
  const readable = isReadable('c', '$2')
  expect(readable).toContain('c.deleted_at IS NULL AND ($2::uuid IS NULL OR')
  expect(readable).toContain('readers.workspace_id = c.workspace_id')
  expect(readable).toContain('readers.collection_id = c.id AND readers.user_id = $2')
  expect(readableCollections('$1', '$2')).toBe(
    `SELECT c.id FROM collections c WHERE c.workspace_id = $1 AND ${readable}`,
  )
})
