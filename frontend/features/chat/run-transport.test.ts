import { afterEach, expect, it } from 'vitest'
import type { NitroChunk, NitroMessage, RunEvent } from '@nitroagi/shared/runs'
import { answerEvents, startRunServer, type Cut } from '../../backend-client/run-server.fixture.ts'
import { createRunTransport, type RunTransport } from './run-transport.ts'

const opened: { close: () => Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()))
})

async function serve(events: RunEvent[], cutFor: (connection: number) => Cut = () => 'none') {
  const server = await startRunServer(events, cutFor)
  opened.push(server)
  return server
}

const question: NitroMessage = { id: 'key-1', role: 'user', parts: [{ type: 'text', text: 'Who keeps the logs?' }] }

const send = (transport: RunTransport, abortSignal?: AbortSignal) =>
  transport.sendMessages({
    trigger: 'submit-message',
    chatId: 'c1',
    messageId: undefined,
    messages: [question],
    abortSignal,
  })

async function chunksOf(stream: ReadableStream<unknown> | null): Promise<NitroChunk[]> {
  const chunks: NitroChunk[] = []
  const reader = stream!.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) chunks.push(read.value as NitroChunk)
  return chunks
}

it('sends the message once and streams the whole answer, though the line is cut in it', async () => {
  const events = answerEvents(20)
  const { base, posts } = await serve(events, (connection) => (connection === 0 ? { afterBytes: 333 } : 'none'))
  const accepted: string[] = []
  const transport = createRunTransport({ base, onAccepted: (run) => accepted.push(run.id) })
  expect(await chunksOf(await send(transport))).toEqual(events.map(({ chunk }) => chunk))
  expect(posts).toEqual([{ path: '/conversations/c1/messages', key: 'key-1', body: { text: 'Who keeps the logs?' } }])
  expect(accepted).toHaveLength(1)
})

it('sends again with the same key when the answer to the sending is lost', async () => {
  const { base, posts, losePosts } = await serve(answerEvents(2))
  losePosts(2)
  await chunksOf(await send(createRunTransport({ base })))
  expect(posts.map(({ key }) => key)).toEqual(['key-1', 'key-1', 'key-1'])
})

it('reads a run that goes on from its beginning', async () => {
  const events = answerEvents(4)
  const { base, runId, cursors } = await serve(events)
  const transport = createRunTransport({ base })
  expect(await transport.reconnectToStream({ chatId: 'c1' })).toBeNull()
  transport.follow(runId)
  expect(await chunksOf(await transport.reconnectToStream({ chatId: 'c1' }))).toHaveLength(events.length)
  expect(cursors).toEqual([0])
})

it('ends a failed run after its words, without an error of its own', async () => {
  const events = answerEvents(2, { type: 'error', errorText: 'The model failed' })
  const { base, runId } = await serve(events)
  const transport = createRunTransport({ base })
  transport.follow(runId)
  const chunks = await chunksOf(await transport.reconnectToStream({ chatId: 'c1' }))
  expect(chunks.map(({ type }) => type)).toEqual(['start', 'text-start', 'text-delta', 'text-delta', 'text-end'])
})

it('takes a pruned log for an answer that is over', async () => {
  const { base, runId } = await serve([], () => ({ status: 410, code: 'gone' }))
  const transport = createRunTransport({ base })
  transport.follow(runId)
  expect(await chunksOf(await transport.reconnectToStream({ chatId: 'c1' }))).toEqual([])
})

it('stops reading, and asks nobody to stop writing, when the page is left', async () => {
  const { base, posts } = await serve(answerEvents(2), () => ({ afterBytes: 70 }))
  const leave = new AbortController()
  const stream = await send(createRunTransport({ base, onConnection: () => leave.abort() }), leave.signal)
  await chunksOf(stream)
  expect(posts.map(({ path }) => path)).toEqual(['/conversations/c1/messages'])
})
