import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { createClient } from './client.ts'
import { readRunEvents } from './run-events.ts'

let server: Server | undefined
afterEach(() => void server?.close())

async function serve(answer: RequestListener) {
  server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return createClient({ url: `http://127.0.0.1:${port}`, key: 'nk_test', actAs: undefined })
}

const chunks = [
  { type: 'start' },
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: 'Hel' },
  { type: 'text-delta', id: 't', delta: 'lo' },
  { type: 'finish' },
]
const line = (seq: number) => `id: ${seq}\ndata: ${JSON.stringify(chunks[seq - 1])}\n\n`

it('reads every event once, whatever the line does', async () => {
  const cursors: (string | undefined)[] = []
  const client = await serve((request, response) => {
    const after = request.headers['last-event-id'] as string | undefined
    cursors.push(after)
    if (cursors.length === 3) return void response.writeHead(503).end('{}')
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    // The first line is cut inside an event, and the second repeats what was sent before the cut.
    if (cursors.length === 1)
      return void response.write(line(1) + line(2) + line(3).slice(0, 9), () => response.destroy())
    if (cursors.length === 2) return void response.end(line(2) + line(3))
    response.end(`: still here\n\n${line(4)}${line(5)}data: [DONE]\n\n`)
  })
  const seen: number[] = []
  for await (const { seq } of readRunEvents(client, 'r1')) seen.push(seq)
  expect(seen).toEqual([1, 2, 3, 4, 5])
  expect(cursors).toEqual([undefined, '2', '3', '3'])
})

it('gives up at once when the run is not there to be read', async () => {
  const client = await serve((_, response) => {
    response.writeHead(404).end(JSON.stringify({ error: { code: 'not_found', message: 'No run r1' } }))
  })
  await expect(readRunEvents(client, 'r1').next()).rejects.toMatchObject({ code: 'not_found', exitCode: 1 })
})
