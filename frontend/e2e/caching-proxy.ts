import { once } from 'node:events'
import { createServer, request, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Stored = { status: number; headers: IncomingHttpHeaders; body: Buffer }

/** Answers that machines in between may keep without being told to. */
const keptByItself = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])

/**
 * A careless machine between browsers and the web app: it keeps what it is not told to forget, for whoever asks for the
 * same address next, whatever their headers were. `x-cache` of an answer says whether it is a kept one.
 */
export async function startCachingProxy(target: string) {
  const { hostname, port } = new URL(target)
  const kept = new Map<string, Stored>()
  const server = createServer((asked, answer) => {
    const path = asked.url!
    const found = asked.method === 'GET' ? kept.get(path) : undefined
    if (found) return send(answer, found, 'HIT')
    const passedOn = request({ hostname, port, path, method: asked.method, headers: asked.headers }, (came) => {
      const pieces: Buffer[] = []
      came.on('data', (piece: Buffer) => pieces.push(piece))
      came.on('end', () => {
        const whole = { status: came.statusCode!, headers: came.headers, body: Buffer.concat(pieces) }
        const isKept = asked.method === 'GET' && mayBeKept(whole)
        if (isKept) kept.set(path, whole)
        send(answer, whole, isKept ? 'MISS' : 'PASS')
      })
    })
    passedOn.on('error', () => answer.writeHead(502).end())
    asked.pipe(passedOn)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function send(answer: ServerResponse, { status, headers, body }: Stored, cache: string) {
  const { 'transfer-encoding': _, ...rest } = headers
  answer.writeHead(status, { ...rest, 'content-length': body.length, 'x-cache': cache }).end(body)
}

const mayBeKept = ({ status, headers }: Stored): boolean =>
  keptByItself.has(status) &&
  !/private|no-store|no-cache/.test(headers['cache-control'] ?? '') &&
  headers['set-cookie'] === undefined
