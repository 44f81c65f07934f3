import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMessageParts, textOf } from '@nitroagi/shared/message-parts'
import { NitroError } from '@nitroagi/shared/errors'
import { isTerminal, type NitroChunk } from '@nitroagi/shared/runs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPerson } from '../../test/test-call.ts'
import { eachDatabase } from '../../test/test-database.ts'
import type { Call } from '../call.ts'
import { silentLog } from '../log.ts'
import type { Orchestrator } from '../orchestrator/port.ts'
import { createStepTrace } from '../orchestrator/step-trace.ts'
import type { Connection } from '../ports/database/connection.ts'
import { createConversationsRepository } from '../ports/database/conversations.ts'
import { createRunsRepository } from '../ports/database/runs.ts'
import { createConversations } from '../services/conversations.ts'
import { createRuns } from '../services/runs.ts'
import { createEventReader } from './event-reader.ts'
import { createEventWriter } from './event-writer.ts'
import { createLeaseKeeper } from './leases.ts'
import { createLiveRuns } from './live-runs.ts'

eachDatabase((_name, database) => {
  let connection: Connection
  let alice: Call
  let conversationId: string
  beforeAll(async () => void (connection = await database.open()))
  afterAll(() => connection.close())
  beforeEach(async () => {
    alice = await createPerson(connection)
    conversationId = (await backend(connection).conversations.create(alice, {})).id
  })

  it('stores the question, streams the answer and keeps it', async () => {
    const { runs, conversations } = backend(connection, says('Hel', 'lo'))
    const run = await runs.send(alice, conversationId, { text: 'Hi there' })
    const chunks = await chunksOf(runs, alice, run.id)
    expect(textIn(chunks)).toBe('Hello')
    expect(chunks.filter(isTerminal)).toEqual([{ type: 'finish' }])
    const detail = await conversations.find(alice, conversationId)
    expect(detail.title).toBe('Hi there')
    expect(detail.messages.map(({ role, parts }) => [role, textOf(parts)])).toEqual([
      ['user', 'Hi there'],
      ['assistant', 'Hello'],
    ])
    expect(detail.messages[1]?.parentId).toBe(detail.messages[0]?.id)
    expect(await runs.find(alice, run.id)).toMatchObject({ status: 'completed', error: null })
  })

  it('gives every reader the same log, whenever and wherever it joins', async () => {
    const here = backend(connection, slowly(30, 'abcdefghijklmnopqrstuvwxyz'))
    const elsewhere = backend(connection)
    const run = await here.runs.send(alice, conversationId, { text: 'Spell' })
    const early = eventsOf(here.runs, alice, run.id)
    await sleep(60)
    const [a, b, c] = await Promise.all([
      early,
      eventsOf(elsewhere.runs, alice, run.id),
      eventsOf(here.runs, alice, run.id, 3),
    ])
    const late = await eventsOf(elsewhere.runs, alice, run.id)
    expect(a.map((event) => event.seq)).toEqual(a.map((_, index) => index + 1))
    expect(b).toEqual(a)
    expect(late).toEqual(a)
    expect(c).toEqual(a.slice(3))
    expect(textIn(a.map((event) => JSON.parse(event.json) as NitroChunk))).toBe('abcdefghijklmnopqrstuvwxyz')
  })

  it('makes one run of fifty sends with the same key, and refuses the key for another message', async () => {
    const { runs, conversations } = backend(connection, says('once'))
    const key = randomUUID()
    const sent = await Promise.all(
      Array.from({ length: 50 }, () => runs.send(alice, conversationId, { text: 'Same' }, key)),
    )
    expect(new Set(sent.map((run) => run.id)).size).toBe(1)
    await chunksOf(runs, alice, sent[0]?.id ?? '')
    expect((await conversations.find(alice, conversationId)).messages).toHaveLength(2)
    await expect(runs.send(alice, conversationId, { text: 'Other' }, key)).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    })
  })

  it('lets one of two tabs send at once and tells the other to wait', async () => {
    const { runs, conversations } = backend(connection, slowly(20, 'slow answer'))
    const results = await Promise.allSettled([
      runs.send(alice, conversationId, { text: 'One' }, randomUUID()),
      runs.send(alice, conversationId, { text: 'Two' }, randomUUID()),
    ])
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(results.find((result) => result.status === 'rejected')?.reason).toMatchObject({ code: 'conversation_busy' })
    expect((await conversations.find(alice, conversationId)).messages).toHaveLength(2)
  })

  it('stops a run from another process and keeps what it had said', async () => {
    const here = backend(connection, slowly(10, 'x'.repeat(1_000)))
    const elsewhere = backend(connection)
    await here.leases.start()
    const run = await here.runs.send(alice, conversationId, { text: 'Go on for ever' })
    await sleep(150)
    await elsewhere.runs.stop(alice, run.id)
    const chunks = await chunksOf(here.runs, alice, run.id)
    here.leases.stop()
    expect(chunks.at(-1)).toEqual({ type: 'abort' })
    expect(textIn(chunks)).toMatch(/^x{2,999}$/)
    expect(await elsewhere.runs.find(alice, run.id)).toMatchObject({ status: 'stopped' })
  })

  it('shows a step that was at work when the run was stopped as stopped', async () => {
    const step = createStepTrace({ id: 'answer', module: 'language', reason: 'The only one' })
    const { runs, conversations } = backend(connection, async function* (call) {
      yield step.start()
      await once(call.signal, 'abort')
      return { model: null, strategy: 'sequential', usage: null }
    })
    const run = await runs.send(alice, conversationId, { text: 'Go on for ever' })
    await sleep(50)
    await runs.stop(alice, run.id)
    await chunksOf(runs, alice, run.id)
    const parts = (await conversations.find(alice, conversationId)).messages[1]?.parts
    expect(parts).toContainEqual(
      expect.objectContaining({ type: 'data-step', data: expect.objectContaining({ status: 'stopped' }) }),
    )
  })

  it('marks a run whose process died as interrupted, keeps its text, and goes on from it when asked', async () => {
    const dead = backend(connection, slowly(10, 'The beginning of a long answer'))
    const run = await dead.runs.send(alice, conversationId, { text: 'Tell me' })
    await sleep(150)
    dead.liveRuns.get(run.id)?.end('lost')
    await connection.query(`UPDATE runs SET lease_expires_at = now() - interval '1 second' WHERE id = $1`, [run.id])

    const alive = backend(connection, async function* (_call, request) {
      yield { type: 'text-start', id: 'answer' }
      yield { type: 'text-delta', id: 'answer', delta: `after:${request.continueFrom}` }
      return { model: null, strategy: 'sequential', usage: null }
    })
    await alive.leases.sweep({ all: false })
    const chunks = await chunksOf(alive.runs, alice, run.id)
    expect(chunks.at(-1)).toEqual({ type: 'abort' })
    const partial = textIn(chunks)
    expect('The beginning of a long answer').toContain(partial)
    expect(partial).not.toBe('')
    const { messages } = await alive.conversations.find(alice, conversationId)
    expect(messages).toHaveLength(2)
    expect(messages[1]?.parts).toContainEqual(
      expect.objectContaining({ type: 'data-notice', data: expect.objectContaining({ code: 'run_interrupted' }) }),
    )
    expect(await alive.runs.find(alice, run.id)).toMatchObject({ status: 'interrupted' })

    const next = await alive.runs.continue(alice, run.id)
    expect(textIn(await chunksOf(alive.runs, alice, next.id))).toBe(`after:${partial}`)
    expect((await alive.conversations.find(alice, conversationId)).messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'assistant',
    ])
  })

  it('refuses what a process writes after another one took its run over', async () => {
    const slow = backend(connection, slowly(10, 'y'.repeat(500)))
    const run = await slow.runs.send(alice, conversationId, { text: 'Zombie' })
    await sleep(100)
    const other = backend(connection)
    await connection.query(`UPDATE runs SET lease_expires_at = now() - interval '1 second' WHERE id = $1`, [run.id])
    await other.leases.sweep({ all: false })
    const log = await eventsOf(other.runs, alice, run.id)
    await sleep(200)
    expect(slow.liveRuns.get(run.id)).toBeUndefined()
    expect(await eventsOf(other.runs, alice, run.id)).toEqual(log)
    expect(log.filter((event) => isTerminal(JSON.parse(event.json) as NitroChunk))).toHaveLength(1)
  })

  it('turns a failure in mid-answer into one clear message and keeps the text', async () => {
    const { runs, conversations } = backend(connection, async function* () {
      yield { type: 'text-start', id: 'answer' }
      yield { type: 'text-delta', id: 'answer', delta: 'Half of ' }
      throw new NitroError('model_rate_limited', 'The provider asks to wait.', { retryAfterSeconds: 7 })
    })
    const run = await runs.send(alice, conversationId, { text: 'Break' })
    const chunks = await chunksOf(runs, alice, run.id)
    expect(chunks.at(-1)).toEqual({ type: 'error', errorText: 'The provider asks to wait.' })
    const answer = (await conversations.find(alice, conversationId)).messages[1]
    expect(textOf(answer?.parts ?? [])).toBe('Half of ')
    expect(answer?.parts).toContainEqual({
      type: 'data-notice',
      id: 'end',
      data: { level: 'error', code: 'model_rate_limited', message: 'The provider asks to wait.', retryAfterSeconds: 7 },
    })
  })

  it('hides runs, logs and conversations from everybody else', async () => {
    const { runs, conversations } = backend(connection, slowly(10, 'secret words'))
    const run = await runs.send(alice, conversationId, { text: 'Mine' })
    const bob = await createPerson(connection)
    const tries = await Promise.allSettled([
      runs.find(bob, run.id),
      runs.stop(bob, run.id),
      runs.continue(bob, run.id),
      runs.events(bob, run.id, 0),
      runs.send(bob, conversationId, { text: 'Hello' }),
      conversations.find(bob, conversationId),
      conversations.rename(bob, conversationId, { title: 'Taken' }),
      conversations.delete(bob, conversationId),
    ])
    for (const attempt of tries) expect(attempt).toMatchObject({ status: 'rejected', reason: { code: 'not_found' } })
    expect(await conversations.list(bob, { limit: 10 })).toEqual({ items: [], nextCursor: null })
    expect(textIn(await chunksOf(runs, alice, run.id))).toBe('secret words')
  })

  it('answers in a branch only below a message of the same conversation', async () => {
    const { runs, conversations } = backend(connection, says('ok'))
    const other = await conversations.create(alice, {})
    const run = await runs.send(alice, other.id, { text: 'Elsewhere' })
    await chunksOf(runs, alice, run.id)
    await expect(runs.send(alice, conversationId, { text: 'Cross', parentId: run.messageId })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect((await conversations.find(alice, conversationId)).messages).toEqual([])
  })

  it('gives later questions the turns before them', async () => {
    const seen: unknown[] = []
    const { runs } = backend(connection, async function* (_call, request) {
      seen.push(request.history)
      yield { type: 'text-start', id: 'answer' }
      yield { type: 'text-delta', id: 'answer', delta: `answer ${seen.length}` }
      return { model: null, strategy: 'sequential', usage: null }
    })
    for (const text of ['first', 'second'])
      await chunksOf(runs, alice, (await runs.send(alice, conversationId, { text })).id)
    expect(seen).toEqual([
      [],
      [
        { role: 'user', text: 'first' },
        { role: 'assistant', text: 'answer 1' },
      ],
    ])
  })

  it('drops everything of a deleted conversation, even while it is being answered', async () => {
    const { runs, conversations, liveRuns } = backend(connection, slowly(10, 'z'.repeat(300)))
    const run = await runs.send(alice, conversationId, { text: 'Delete me' })
    await sleep(60)
    await conversations.delete(alice, conversationId)
    await sleep(80)
    expect(liveRuns.get(run.id)).toBeUndefined()
    await expect(runs.find(alice, run.id)).rejects.toMatchObject({ code: 'not_found' })
    expect(await connection.query('SELECT 1 FROM run_events WHERE run_id = $1', [run.id])).toEqual([])
  })

  it('says that a log is gone once it is pruned, while the message stays', async () => {
    const { runs, conversations, repository } = backend(connection, says('kept'))
    const run = await runs.send(alice, conversationId, { text: 'Remember' })
    await chunksOf(runs, alice, run.id)
    expect(await repository.prune(3_600)).toBe(0)
    await connection.query(`UPDATE run_events SET created_at = now() - interval '2 hours' WHERE run_id = $1`, [run.id])
    expect(await repository.prune(3_600)).toBeGreaterThan(0)
    await expect(chunksOf(runs, alice, run.id)).rejects.toMatchObject({ code: 'gone' })
    expect(textOf((await conversations.find(alice, conversationId)).messages[1]?.parts ?? [])).toBe('kept')
  })

  describe('draining', () => {
    it('refuses new runs, lets short ones end, and interrupts the rest with their text', async () => {
      const { runs, liveRuns, conversations } = backend(connection, slowly(10, 'w'.repeat(2_000)))
      const run = await runs.send(alice, conversationId, { text: 'Long' })
      await sleep(80)
      runs.refuseNew()
      await liveRuns.drain(50)
      const second = await conversations.create(alice, {})
      await expect(runs.send(alice, second.id, { text: 'No' })).rejects.toMatchObject({ code: 'unavailable' })
      expect(await runs.find(alice, run.id)).toMatchObject({ status: 'interrupted' })
      expect(textOf((await conversations.find(alice, conversationId)).messages[1]?.parts ?? [])).toMatch(/^w+$/)
    })
  })
})

it('waits for a database that is away and then writes everything, in order', async () => {
  const rows: string[] = []
  let failures = 2
  const writer = createEventWriter({
    log: silentLog,
    tickMs: 1,
    async append(events) {
      if (failures-- > 0) throw new Error('away')
      rows.push(...events.map((event) => event.json))
      return new Set()
    },
  })
  const appended: number[] = []
  const feed = {
    base: 0,
    lastSeq: 0,
    ended: false,
    append: (events: { seq: number }[]) => appended.push(...events.map(({ seq }) => seq)),
  }
  const log = writer.open({ runId: 'r', fence: 1 }, feed as never, () => {})
  log.write({ type: 'text-start', id: 'a' })
  log.write({ type: 'text-delta', id: 'a', delta: 'one' })
  await sleep(20)
  log.write({ type: 'text-delta', id: 'a', delta: 'two' })
  const rest = await log.take([{ type: 'finish' }])
  expect([...appended, ...rest.map((row) => row.seq)]).toEqual(
    Array.from({ length: appended.length + rest.length }, (_, i) => i + 1),
  )
  expect([...rows, ...rest.map((row) => row.json)].join('')).toMatch(/text-start.*one.*two.*finish/)
})

type Answer = Orchestrator['answer']

function backend(connection: Connection, answer: Answer = says('')) {
  const repository = createRunsRepository(connection)
  const conversationsRepository = createConversationsRepository(connection)
  const writer = createEventWriter({ append: repository.append, log: silentLog })
  const liveRuns = createLiveRuns({ orchestrator: { answer }, writer, repository })
  const reader = createEventReader({ liveRuns, repository, log: silentLog })
  return {
    repository,
    liveRuns,
    runs: createRuns({
      repository,
      conversations: conversationsRepository,
      liveRuns,
      reader,
      attachments: { take: async () => [], readable: async () => [] },
    }),
    conversations: createConversations({ repository: conversationsRepository, liveRuns }),
    leases: createLeaseKeeper({ liveRuns, repository, log: silentLog, soleProcess: false }),
  }
}

const says = (...words: string[]): Answer =>
  async function* () {
    yield { type: 'text-start', id: 'answer' }
    for (const delta of words) yield { type: 'text-delta', id: 'answer', delta }
    yield { type: 'text-end', id: 'answer' }
    return { model: 'test', strategy: 'sequential', usage: null }
  }

const slowly = (ms: number, text: string): Answer =>
  async function* () {
    yield { type: 'text-start', id: 'answer' }
    for (const delta of text) {
      await sleep(ms)
      yield { type: 'text-delta', id: 'answer', delta }
    }
    return { model: 'test', strategy: 'sequential', usage: null }
  }

async function eventsOf(runs: ReturnType<typeof createRuns>, call: Call, runId: string, after = 0) {
  const events = []
  for await (const batch of await runs.events(call, runId, after)) events.push(...batch)
  return events.map(({ seq, json }) => ({ seq, json }))
}

const chunksOf = async (runs: ReturnType<typeof createRuns>, call: Call, runId: string) =>
  (await eventsOf(runs, call, runId)).map(({ json }) => JSON.parse(json) as NitroChunk)

function textIn(chunks: readonly NitroChunk[]): string {
  const message = createMessageParts()
  for (const chunk of chunks) message.add(chunk)
  return textOf(message.parts)
}
