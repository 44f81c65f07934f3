import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Asked {
  url: string
  key: string | undefined
  body: Body
}

interface Body {
  model?: string
  input?: string[]
  dimensions?: number
  taskType?: string
  requests?: { content: Content; outputDimensionality?: number; taskType?: string }[]
  content?: Content
  outputDimensionality?: number
}

type Content = { parts: { text: string }[] }
type Fault = { status: number; headers?: Record<string, string>; body?: string }

/** For tests: speaks OpenAI's and Google's embedding protocols on loopback. A text's vector counts its letters. */
export async function startEmbeddingServer({ dimensions = 8 } = {}) {
  const requests: Asked[] = []
  const faults: Fault[] = []
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const body = JSON.parse(text) as Body
    const key = request.headers.authorization ?? request.headers['x-goog-api-key']
    requests.push({ url: request.url ?? '', key: Array.isArray(key) ? key[0] : key, body })
    const fault = faults.shift()
    if (fault) {
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers })
      return void response.end(fault.body ?? JSON.stringify({ error: { message: 'the key is sk-secret', code: 'x' } }))
    }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(reply(body)))
  }

  function reply(body: Body): unknown {
    const vector = (value: string, size = dimensions) => lettersOf(value, size)
    if (body.input) {
      const data = body.input.map((value, index) => ({
        object: 'embedding',
        index,
        embedding: vector(value, body.dimensions),
      }))
      return { object: 'list', data, model: body.model, usage: { prompt_tokens: 1, total_tokens: 1 } }
    }
    if (body.requests) {
      const embeddings = body.requests.map(({ content, outputDimensionality }) => ({
        values: vector(textIn(content), outputDimensionality),
      }))
      return { embeddings }
    }
    return { embedding: { values: vector(textIn(body.content!), body.outputDimensionality) } }
  }

  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    /** The next answers are these, one each. */
    failNext: (...next: Fault[]) => void faults.push(...next),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const textIn = ({ parts }: Content) => parts.map(({ text }) => text).join('')

/** Not of unit length, as some providers' are not. */
export function lettersOf(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0)
  for (const letter of text) vector[letter.codePointAt(0)! % dimensions]! += 1
  return vector
}
