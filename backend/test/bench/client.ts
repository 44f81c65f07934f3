import { Agent, request, type IncomingMessage } from 'node:http'

/** Plain `node:http` with kept connections: a heavier client would be measured along with the server. */
const agent = new Agent({ keepAlive: true, maxSockets: Infinity, scheduling: 'lifo' })

export interface Target {
  url: string
  headers: Record<string, string>
}

export interface Reply {
  status: number
  headers: IncomingMessage['headers']
  text: string
}

interface Sending {
  method: string
  path: string
  body?: string | undefined
  headers?: Record<string, string>
  /** Is given the pieces as they come. */
  onText?: (text: string) => void
}

export function send({ url, headers }: Target, { method, path, body, headers: more, onText }: Sending): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, url), {
      agent,
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }), ...more },
    })
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => {
        onText?.(piece)
        text += piece
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    outgoing.end(body)
  })
}

/** A JSON question with a JSON answer; throws when it is refused. */
export async function ask<Answer>(target: Target, method: string, path: string, body?: unknown): Promise<Answer> {
  const reply = await send(target, {
    method,
    path,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  if (reply.status >= 300) throw new Error(`${method} ${path} was answered ${reply.status}: ${reply.text}`)
  return JSON.parse(reply.text) as Answer
}

/** From the request to the first piece of text in the stream that answers it, in milliseconds; reads to the end. */
export async function timeToFirst(target: Target, path: string, body: unknown, marker: string): Promise<number> {
  const sentAt = performance.now()
  let firstAt: number | undefined
  let seen = ''
  const reply = await send(target, {
    method: 'POST',
    path,
    body: JSON.stringify(body),
    headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
    onText(piece) {
      if (firstAt !== undefined) return
      seen += piece
      if (seen.includes(marker)) firstAt = performance.now()
    },
  })
  if (reply.status !== 200 || firstAt === undefined || !reply.text.includes('[DONE]')) {
    throw new Error(`POST ${path} was answered ${reply.status} without a whole answer: ${reply.text.slice(0, 500)}`)
  }
  return firstAt - sentAt
}
