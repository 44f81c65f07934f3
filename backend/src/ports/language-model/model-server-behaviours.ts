import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './contract.ts'
import { ableReply, type ChatBody, type Reply, type ToolCallReply } from './model-server-able.ts'

type Behaviour = (response: ServerResponse, body: ChatBody) => void | Promise<void>

const words = ['Hello', ' from', ' a', ' local', ' server', '.']
export const secret = 'sk-scripted-secret'

export const healthy: Behaviour = (response) => {
  begin(response)
  for (const word of words) say(response, word)
  finish(response)
}

/** Plans, calls tools, looks at images: see model-server-able.ts. */
export const able: Behaviour = (response, body) => {
  const { text, toolCalls } = ableReply(body)
  answer(response, text, toolCalls)
}

function answer(response: ServerResponse, text: string, toolCalls: readonly ToolCallReply[] = []): void {
  begin(response)
  for (const word of text.match(/\S+\s*/g) ?? []) say(response, word)
  callTools(response, toolCalls)
  finish(response, toolCalls.length > 0 ? 'tool_calls' : 'stop')
}

const resultsIn = ({ messages = [] }: ChatBody): number => messages.filter(({ role }) => role === 'tool').length

/** By the name of the model. */
export const behaviours: Record<string, Behaviour> & Record<Fault, Behaviour> = {
  healthy,
  other: healthy,
  able,
  /** No `usage` at the end, as many servers leave it out. */
  'no-usage': (response) => {
    begin(response)
    for (const word of words) say(response, word)
    chunk(response, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
    end(response)
  },
  'split-utf8': async (response) => {
    begin(response)
    const bytes = Buffer.from(event({ choices: [{ index: 0, delta: { content: 'Zürich 東京 🙂' } }] }))
    for (const byte of bytes) {
      response.write(Buffer.from([byte]))
      await new Promise(setImmediate)
    }
    finish(response)
  },
  unauthorized: (response) => json(response, 401, { error: { message: `Incorrect API key provided: ${secret}` } }),
  'rate-limited': (response) => json(response, 429, { error: { message: secret } }, { 'retry-after': '7' }),
  'rate-limited-briefly': (response) => json(response, 429, { error: { message: secret } }, { 'retry-after': '1' }),
  'rate-limited-until': (response) =>
    json(response, 429, {}, { 'retry-after': new Date(Date.now() + 20_000).toUTCString() }),
  'rate-limited-silently': (response) => json(response, 429, { error: { message: secret } }),
  forbidden: (response) => json(response, 403, { error: { message: secret } }),
  'error-500': (response) => json(response, 500, { error: { message: secret } }),
  'error-502': (response) => json(response, 502, { error: { message: secret } }),
  'error-529': (response) => json(response, 529, { error: { message: secret } }),
  'server-error': (response) => json(response, 503, { error: { message: secret } }),
  'not-found': (response) => json(response, 404, { error: { message: secret } }),
  redirect: (response) => json(response, 307, {}, { location: 'http://127.0.0.1:9/elsewhere' }),
  html: (response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end(`<!doctype html><p>${secret}</p>`)
  },
  'invalid-json': (response) => {
    begin(response)
    response.write(`data: {"choices": [${secret}\n\n`)
    end(response)
  },
  empty: (response) => {
    begin(response)
    finish(response)
  },
  cut: (response) => {
    begin(response)
    response.flushHeaders()
    setImmediate(() => response.destroy())
  },
  hang: (response) => begin(response),
  'half-cut': async (response) => {
    begin(response)
    await sayHalf(response)
    response.destroy()
  },
  /** Ends as if all were well, but without a reason: some proxies do this when the model dies. */
  'half-quiet-end': async (response) => {
    begin(response)
    await sayHalf(response)
    response.end()
  },
  'half-hang': async (response) => {
    begin(response)
    await sayHalf(response)
  },
  /** So slow, a byte at a time, that no part of the answer is ever whole. */
  drip: (response) => {
    begin(response)
    drip(response)
  },
  'half-drip': async (response) => {
    begin(response)
    await sayHalf(response)
    drip(response)
  },
  slow: async (response, body) => {
    await pause(600)
    if (!response.destroyed) await healthy(response, body)
  },
  'empty-deltas': async (response) => {
    begin(response)
    await sayNothing(response)
    for (const word of words) say(response, word)
    finish(response)
  },
  'only-empty-deltas': async (response) => {
    begin(response)
    await sayNothing(response)
    finish(response)
  },
  'half-long-line': async (response) => {
    begin(response)
    await sayHalf(response)
    say(response, 'x'.repeat(10 * 1024 * 1024))
    finish(response)
  },
  'half-endless-line': async (response) => {
    begin(response)
    await sayHalf(response)
    response.write('data: ')
    while (!response.destroyed) {
      response.write('x'.repeat(64 * 1024))
      await pause(5)
    }
  },
  /** Half a character at the end of one delta, the other half in the next; one that never becomes whole; and a NUL. */
  'broken-characters': (response) => {
    begin(response)
    for (const piece of ['Fine \ud83d', '\ude42 and ', 'alone \ud83d', ' then \u0000.']) say(response, piece)
    finish(response)
  },
  'carriage-returns': (response) => {
    begin(response)
    response.write(': a comment\r\nevent: message\r\n')
    for (const word of words) response.write(event({ choices: [{ index: 0, delta: { content: word } }] }, '\r\n'))
    finish(response)
  },
  'tool-call': (response) => {
    begin(response)
    callTool(response, ['{"city"', ':"Paris"}'])
    chunk(response, { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] })
    end(response)
  },
  'tool-call-cut': async (response) => {
    begin(response)
    callTool(response, ['{"city"', ':"Par'])
    await pause(50)
    response.destroy()
  },
  /** Says that the call is done, and it is not. */
  'tool-call-unfinished': (response) => {
    begin(response)
    callTool(response, ['{"city"', ':"Par'])
    chunk(response, { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] })
    end(response)
  },
  'tool-call-too-long': (response) => {
    begin(response)
    callTool(response, ['{"city"', ':"Par'])
    chunk(response, { choices: [{ index: 0, delta: {}, finish_reason: 'length' }] })
    end(response)
  },
  /** Says something, and is cut off within the call that was to follow. */
  'half-tool-call-cut': async (response) => {
    begin(response)
    await sayHalf(response)
    callTool(response, ['{"expression"', ':"1 +'])
    await pause(50)
    response.destroy()
  },
  /** Never has enough: another call each time, until it may not. */
  'tool-loop': (response, body) => {
    const round = resultsIn(body)
    if (body.tool_choice === 'none') return answer(response, 'Enough.')
    answer(response, '', [{ name: 'calculator', arguments: JSON.stringify({ expression: `${round} + 1` }) }])
  },
  /** The same call for ever, also when it was told that it may not. */
  'tool-loop-same': (response) =>
    answer(response, '', [{ name: 'calculator', arguments: JSON.stringify({ expression: '1 + 1' }) }]),
  'tool-unknown': (response, body) =>
    resultsIn(body) > 0
      ? answer(response, 'I have no such tool.')
      : answer(response, '', [{ name: 'delete_everything', arguments: '{"sure":true}' }]),
  /** JSON, but never what the tool takes. */
  'tool-never-valid': (response, body) =>
    body.tool_choice === 'none'
      ? answer(response, 'I cannot call it.')
      : answer(response, '', [{ name: 'calculator', arguments: '{"expression":7}' }]),
  'tool-fifty-calls': (response, body) =>
    resultsIn(body) > 0
      ? answer(response, `${resultsIn(body)} results.`)
      : answer(
          response,
          '',
          Array.from({ length: 50 }, (_, place) => ({
            name: 'calculator',
            arguments: JSON.stringify({ expression: `${place} * 2` }),
          })),
        ),
  /** As Ollama does for models that were not made for tools. */
  'refuses-tools': (response, body) =>
    body.tools ? json(response, 400, { error: { message: 'local does not support tools' } }) : healthy(response, body),
  'half-error': async (response) => {
    begin(response)
    await sayHalf(response)
    chunk(response, { error: { message: secret, type: 'server_error' } })
    end(response)
  },
}

function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
}

async function sayHalf(response: ServerResponse): Promise<void> {
  say(response, words[0]!)
  say(response, words[1]!)
  // Out on the wire before what follows.
  await pause(50)
}

function drip(response: ServerResponse): void {
  const text = event({ choices: [{ index: 0, delta: { content: 'slowly' } }] })
  let at = 0
  const timer = setInterval(() => response.write(text.charAt(at++ % text.length).replace('\n', ' ')), 100)
  response.on('close', () => clearInterval(timer))
}

async function sayNothing(response: ServerResponse): Promise<void> {
  const nothing = event({ choices: [{ index: 0, delta: { content: '' } }] }).repeat(1_000)
  for (let thousand = 0; thousand < 100; thousand++) {
    if (response.destroyed) return
    if (!response.write(nothing)) await pause(1)
  }
}

function callTool(response: ServerResponse, pieces: readonly string[]): void {
  const call = (given: object) => chunk(response, { choices: [{ index: 0, delta: { tool_calls: [given] } }] })
  call({ index: 0, id: 'call-1', type: 'function', function: { name: 'weather', arguments: '' } })
  for (const piece of pieces) call({ index: 0, function: { arguments: piece } })
}

const say = (response: ServerResponse, content: string) =>
  chunk(response, { choices: [{ index: 0, delta: { content } }] })

/** Arguments come in pieces of a few characters, those of parallel calls by turns. */
function callTools(response: ServerResponse, calls: readonly ToolCallReply[]): void {
  const tell = (given: object) => chunk(response, { choices: [{ index: 0, delta: { tool_calls: [given] } }] })
  calls.forEach(({ name }, index) =>
    tell({ index, id: `call-${++callsMade}`, type: 'function', function: { name, arguments: '' } }),
  )
  const pieces = calls.map(({ arguments: text }) => text.match(/[\s\S]{1,7}/g) ?? [])
  for (let turn = 0; pieces.some((list) => turn < list.length); turn++) {
    pieces.forEach((list, index) => {
      if (turn < list.length) tell({ index, function: { arguments: list[turn] } })
    })
  }
}
let callsMade = 0

function finish(response: ServerResponse, reason = 'stop'): void {
  chunk(response, { choices: [{ index: 0, delta: {}, finish_reason: reason }] })
  chunk(response, { choices: [], usage: { prompt_tokens: 11, completion_tokens: 6, total_tokens: 17 } })
  end(response)
}

const chunk = (response: ServerResponse, body: object) => void response.write(event(body))
const event = (body: object, lineEnd = '\n') =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'local', ...body })}${lineEnd}${lineEnd}`
const end = (response: ServerResponse) => void response.end('data: [DONE]\n\n')

export function json(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

export const wholeAnswer = ({ text, toolCalls }: Reply = { text: words.join(''), toolCalls: [] }) => ({
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'local',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: text,
        ...(toolCalls.length === 0
          ? {}
          : {
              tool_calls: toolCalls.map((given) => ({ id: `call-${++callsMade}`, type: 'function', function: given })),
            }),
      },
      finish_reason: toolCalls.length > 0 ? 'tool_calls' : 'stop',
    },
  ],
  usage: { prompt_tokens: 11, completion_tokens: 6, total_tokens: 17 },
})
