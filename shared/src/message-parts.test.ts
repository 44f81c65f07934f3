import { readUIMessageStream } from 'ai'
import { expect, it } from 'vitest'
import { createMessageParts, textOf } from './message-parts.ts'
import type { NitroChunk, NitroMessage, StepData } from './runs.ts'

const step = (status: StepData['status']): StepData => ({
  id: 'answer',
  module: 'language',
  reason: 'The only one',
  status,
  startedAt: null,
  durationMs: null,
  model: null,
  usage: null,
  confidence: null,
  confidenceBasis: null,
  summary: null,
  error: null,
})

const answers: Record<string, NitroChunk[]> = {
  'a finished answer': [
    { type: 'start', messageId: 'm' },
    { type: 'data-step', id: 'answer', data: step('running') },
    { type: 'reasoning-start', id: 'r' },
    { type: 'reasoning-delta', id: 'r', delta: 'Hm' },
    { type: 'reasoning-end', id: 'r' },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'It is ' },
    {
      type: 'source-document',
      sourceId: '1',
      mediaType: 'text/plain',
      title: 'A',
      providerMetadata: { nitro: { page: 2 } },
    },
    { type: 'text-delta', id: 't', delta: 'so [1].' },
    { type: 'data-notice', data: { level: 'info', code: 'x', message: 'once' }, transient: true },
    { type: 'data-notice', data: { level: 'info', code: 'x', message: 'first' } },
    { type: 'data-notice', data: { level: 'info', code: 'x', message: 'second' } },
    { type: 'data-step', id: 'answer', data: step('completed') },
    { type: 'text-end', id: 't' },
    { type: 'finish' },
  ],
  'an answer in two texts': [
    { type: 'start', messageId: 'm' },
    { type: 'start-step' },
    { type: 'text-start', id: 'a' },
    { type: 'text-delta', id: 'a', delta: 'one' },
    { type: 'text-end', id: 'a' },
    { type: 'finish-step' },
    { type: 'start-step' },
    { type: 'text-start', id: 'b' },
    { type: 'text-delta', id: 'b', delta: 'two' },
    { type: 'text-end', id: 'b' },
    { type: 'finish' },
  ],
  'an answer that used tools': [
    { type: 'start', messageId: 'm' },
    { type: 'text-start', id: 'answer' },
    { type: 'text-delta', id: 'answer', delta: 'Let me see.' },
    { type: 'text-end', id: 'answer' },
    { type: 'tool-input-available', toolCallId: 'a', toolName: 'calculator', input: { x: '1+1' }, dynamic: true },
    { type: 'tool-input-available', toolCallId: 'b', toolName: 'search', input: 'not JSON', dynamic: true },
    { type: 'tool-output-error', toolCallId: 'b', errorText: 'It failed', dynamic: true },
    { type: 'tool-output-available', toolCallId: 'a', output: { value: '2', of: [1, 1] }, dynamic: true },
    { type: 'text-start', id: 'answer' },
    { type: 'text-delta', id: 'answer', delta: 'Two.' },
    { type: 'tool-input-available', toolCallId: 'c', toolName: 'current_time', input: {}, dynamic: true },
    { type: 'text-end', id: 'answer' },
    { type: 'finish' },
  ],
  'calls whose ids come again': [
    { type: 'start', messageId: 'm' },
    { type: 'tool-input-available', toolCallId: 'a', toolName: 'one', input: 1, dynamic: true },
    { type: 'tool-output-available', toolCallId: 'a', output: 1, dynamic: true },
    { type: 'tool-input-available', toolCallId: 'a', toolName: 'two', input: 2, dynamic: true },
    { type: 'start-step' },
    { type: 'tool-input-available', toolCallId: 'a', toolName: 'three', input: 3, dynamic: true },
    { type: 'tool-output-error', toolCallId: 'a', errorText: 'no', dynamic: true },
    { type: 'finish-step' },
    { type: 'start-step' },
    { type: 'tool-output-available', toolCallId: 'a', output: 4, dynamic: true },
    { type: 'finish' },
  ],
}

it.each(Object.entries(answers))('folds %s as the AI SDK does', async (_name, chunks) => {
  const ours = createMessageParts()
  for (const chunk of chunks) ours.add(chunk)
  let theirs: NitroMessage | undefined
  for await (const message of readUIMessageStream<NitroMessage>({ stream: ReadableStream.from(chunks) }))
    theirs = message
  expect(JSON.parse(JSON.stringify(ours.parts))).toEqual(JSON.parse(JSON.stringify(theirs?.parts)))
})

it('ends what a broken answer left open', () => {
  const message = createMessageParts()
  message.add({ type: 'text-start', id: 't' })
  message.add({ type: 'text-delta', id: 't', delta: 'Half' })
  message.add({ type: 'tool-input-available', toolCallId: 'a', toolName: 'search', input: {}, dynamic: true })
  expect(message.endOpen()).toMatchObject([
    { type: 'text-end', id: 't' },
    { type: 'tool-output-error', toolCallId: 'a' },
  ])
  for (const chunk of message.endOpen()) message.add(chunk)
  expect(message.endOpen()).toEqual([])
  expect(message.parts).toMatchObject([
    { type: 'text', text: 'Half', state: 'done' },
    { type: 'dynamic-tool', state: 'output-error', errorText: 'The answer ended before this call did.' },
  ])
  expect(textOf(message.parts)).toBe('Half')
})
