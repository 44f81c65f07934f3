import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createClient } from '@redis/client'

export const upstashToken = 'token-of-the-tests'

/** For tests: speaks Upstash's REST protocol over a real Redis, as far as our adapter goes. */
export async function startUpstashServer(redisUrl: string) {
  const redis = createClient({ url: redisUrl, RESP: 2 })
  await redis.connect()
  const requests: string[] = []

  const one = async (command: unknown[], isEncoded: boolean) => {
    try {
      const reply = await redis.sendCommand(command.map(String))
      return { result: isEncoded ? encode(reply) : reply }
    } catch (error) {
      return { error: (error as Error).message }
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(request.url ?? '/')
    requests.push(path)
    const reply = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.headers.authorization !== `Bearer ${upstashToken}`) {
      return void reply(401, { error: 'WRONGPASS invalid or missing auth token' })
    }
    if (path.startsWith('/subscribe/')) return listen(path.slice('/subscribe/'.length), response)
    const isEncoded = request.headers['upstash-encoding'] === 'base64'
    const body = JSON.parse(await text(request)) as unknown[]
    if (path === '/') {
      const result = await one(body, isEncoded)
      return void reply('error' in result ? 400 : 200, result)
    }
    if (path !== '/multi-exec') return void reply(404, { error: `There is no ${path} here` })
    const multi = redis.multi()
    for (const command of body as unknown[][]) multi.addCommand(command.map(String))
    const results = await multi.exec()
    reply(
      200,
      results.map((result) => ({ result: isEncoded ? encode(result) : result })),
    )
  }

  async function listen(channel: string, response: ServerResponse): Promise<void> {
    const listener = redis.duplicate()
    await listener.connect()
    response.on('close', () => listener.destroy())
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    await listener.subscribe(channel, (message) => response.write(`data: message,${channel},${message}\n\n`))
    response.write(`data: subscribe,${channel},1\n\n`)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The paths asked for so far. */
    requests,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      redis.destroy()
    },
  }
}

/** Strings travel encoded, numbers and nothing do not, and OK is left as it is. */
function encode(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(encode)
  return typeof reply === 'string' && reply !== 'OK' ? Buffer.from(reply).toString('base64') : reply
}
