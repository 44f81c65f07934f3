import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An embedding server that speaks OpenAI's protocol and answers at once with vectors that mean nothing. */
const dimensions = 512

const vectorOf = (seed: number): number[] =>
  Array.from({ length: dimensions }, (_, index) => Math.round(Math.sin(seed * 31 + index) * 1e4) / 1e4)

// Made once: what it costs to make them is no business of the bench.
const vectors = Array.from({ length: 64 }, (_, seed) => JSON.stringify(vectorOf(seed)))

const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
  let text = ''
  incoming.setEncoding('utf8').on('data', (piece: string) => (text += piece))
  incoming.on('end', () => {
    const { input } = JSON.parse(text || '{}') as { input?: string | string[] }
    const texts = [input ?? []].flat()
    const data = texts.map(
      (given, index) => `{"object":"embedding","index":${index},"embedding":${vectors[given.length % vectors.length]}}`,
    )
    outgoing.writeHead(200, { 'content-type': 'application/json' })
    outgoing.end(
      `{"object":"list","model":"instant","data":[${data.join(',')}],"usage":{"prompt_tokens":1,"total_tokens":1}}`,
    )
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
