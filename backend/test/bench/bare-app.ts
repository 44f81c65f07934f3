import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { getRequestListener } from '@hono/node-server'
import { streamText } from 'ai'
import { Hono } from 'hono'

/** The least that streams an answer with the same libraries: no accounts, no database, nothing kept. */
const provider = createOpenAICompatible({ name: 'bench', baseURL: process.env['MODEL_URL'] ?? '' })

const app = new Hono().post('/messages', async (c) => {
  const { text } = await c.req.json<{ text: string }>()
  return streamText({ model: provider('bench'), prompt: text }).toUIMessageStreamResponse()
})

const server = createServer({ keepAliveTimeout: 60_000 }, getRequestListener(app.fetch))
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
