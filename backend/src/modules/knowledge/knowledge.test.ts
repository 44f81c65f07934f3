import type { SearchHit } from '@nitroagi/shared/knowledge'
import { NitroError } from '@nitroagi/shared/errors'
import { describe, expect, it } from 'vitest'
import type { Call } from '../../call.ts'
import { silentLog } from '../../log.ts'
import { testTask } from '../../../test/test-task.ts'
import type { Task } from '../module.ts'
import { createKnowledgeModule, type KnowledgeDependencies } from './knowledge.ts'

const call: Call = {
  actor: { userId: 'u', workspaceId: 'w', role: 'owner', via: 'session', scopes: ['chat'] },
  requestId: 'r',
  signal: new AbortController().signal,
  log: silentLog,
}
const task = (given: Partial<Task> = {}) => testTask({ question: ' Who? ', ...given })
const hit = (documentId: string) => ({ documentId, content: 'text' }) as SearchHit

function asking(found: readonly SearchHit[] | Error) {
  const requests: Parameters<KnowledgeDependencies['search']>[1][] = []
  const module = createKnowledgeModule({
    async search(_call, request) {
      requests.push(request)
      if (found instanceof Error) throw found
      return found
    },
  })
  return { requests, findings: (given?: Partial<Task>) => Array.fromAsync(module.run(call, task(given))) }
}

describe('searching the documents', () => {
  it('brings the passages and says from how many documents they are', async () => {
    const hits = [hit('a'), hit('a'), hit('b')]
    const { findings, requests } = asking(hits)
    expect(await findings({ collectionIds: ['c1'] })).toEqual([
      { type: 'passages', hits },
      { type: 'report', summary: '3 passages from 2 documents' },
    ])
    expect(requests).toEqual([{ query: 'Who?', limit: 6, collectionIds: ['c1'], arrange: 'varied' }])
  })

  it('says so when nothing fits', async () => {
    expect((await asking([]).findings()).at(-1)).toEqual({ type: 'report', summary: 'No passage fits' })
  })

  it('does not search when the person wants no collection', async () => {
    const { findings, requests } = asking([hit('a')])
    expect(await findings({ collectionIds: [] })).toContainEqual({ type: 'passages', hits: [] })
    expect(requests).toEqual([])
  })

  it('passes on why a search failed', async () => {
    const { findings } = asking(new NitroError('unavailable', 'The database is away.'))
    await expect(findings()).rejects.toMatchObject({ code: 'unavailable' })
  })
})
