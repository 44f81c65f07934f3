import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fault } from './contract.ts'

type Behaviour = (response: ServerResponse) => void | Promise<void>

const words = ['Hello', ' from', ' a', ' local', ' server', '.']
const secret = 'sk-scripted-secret'

/** For tests: an OpenAI-compatible server on loopback. The model's name says how it behaves; unknown names are 404. */
export async function startModelServer() {
  const requests: { url: string; authorization: string | undefined; body: unknown; closedEarly: boolean }[] = []
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body =
      chunks.length === 0
        ? undefined
        : (JSON.parse(Buffer.concat(chunks).toString()) as { model: string; stream?: boolean })
    const record = { url: request.url ?? '', authorization: request.headers.authorization, body, closedEarly: false }
    requests.push(record)
    response.on('close', () => (record.closedEarly = !response.writableEnded))
    if (request.url === '/v1/models') return json(response, 200, { data: [{ id: 'healthy' }, { id: 'other' }] })
    const behave = body && behaviours[body.model]
    if (!behave) return json(response, 404, { error: { message: `no such model ${secret}`, code: 'model_not_found' } })
    if (body.stream !== true) return json(response, 200, wholeAnswer())
    await behave(response)
  }

  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const healthy: Behaviour = (response) => {
  begin(response)
  for (const word of words) say(response, word)
  finish(response)
}

const behaviours: Record<string, Behaviour> & Record<Fault, Behaviour> = {
  healthy,
  other: healthy,
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
  await new Promise((resolve) => setTimeout(resolve, 50))
}

const say = (response: ServerResponse, content: string) =>
  chunk(response, { choices: [{ index: 0, delta: { content } }] })

function finish(response: ServerResponse): void {
  chunk(response, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
  chunk(response, { choices: [], usage: { prompt_tokens: 11, completion_tokens: 6, total_tokens: 17 } })
  end(response)
}

const chunk = (response: ServerResponse, body: object) => void response.write(event(body))
const event = (body: object) =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'local', ...body })}\n\n`
const end = (response: ServerResponse) => void response.end('data: [DONE]\n\n')

function json(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

const wholeAnswer = () => ({
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'local',
  choices: [{ index: 0, message: { role: 'assistant', content: words.join('') }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 11, completion_tokens: 6, total_tokens: 17 },
})
