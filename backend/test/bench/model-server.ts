import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A model server that speaks OpenAI's protocol and answers at once, so that what is left is our own work. */
const words = ['It ', 'answers ', 'at ', 'once ', 'and ', 'says ', 'little.']

const chunk = (delta: object, finish: string | null = null, usage?: object) =>
  `data: ${JSON.stringify({
    id: 'answer',
    object: 'chat.completion.chunk',
    created: 0,
    model: 'bench',
    choices: usage ? [] : [{ index: 0, delta, finish_reason: finish }],
    ...(usage && { usage }),
  })}\n\n`

const answer = [
  chunk({ role: 'assistant' }),
  ...words.map((content) => chunk({ content })),
  chunk({}, 'stop'),
  chunk({}, null, { prompt_tokens: 10, completion_tokens: words.length, total_tokens: 10 + words.length }),
  'data: [DONE]\n\n',
].join('')

const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
  incoming.resume()
  incoming.on('end', () => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
    outgoing.end(answer)
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
