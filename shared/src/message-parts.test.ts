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
}

it.each(Object.entries(answers))('folds %s as the AI SDK does', async (_name, chunks) => {
  const ours = createMessageParts()
  for (const chunk of chunks) ours.add(chunk)
  let theirs: NitroMessage | undefined
  for await (const message of readUIMessageStream<NitroMessage>({ stream: ReadableStream.from(chunks) }))
    theirs = message
  expect(JSON.parse(JSON.stringify(ours.parts))).toEqual(JSON.parse(JSON.stringify(theirs?.parts)))
})

it('knows which texts a broken answer left open', () => {
  const message = createMessageParts()
  message.add({ type: 'text-start', id: 't' })
  message.add({ type: 'text-delta', id: 't', delta: 'Half' })
  expect(message.openTexts()).toEqual([{ type: 'text', id: 't' }])
  message.add({ type: 'text-end', id: 't' })
  expect(message.openTexts()).toEqual([])
  expect(textOf(message.parts)).toBe('Half')
})
