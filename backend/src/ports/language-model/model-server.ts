import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ableReply, type ChatBody } from './model-server-able.ts'
import { readRecording, speak } from './model-server-audio.ts'
import { able, behaviours, healthy, json, secret, wholeAnswer } from './model-server-behaviours.ts'

/**
 * For tests: an OpenAI-compatible server on loopback. The model's name says how it behaves; unknown names are 404. It
 * listens and speaks too, as any model whose name is not that of a fault.
 */
export async function startModelServer({ port = 0, models = ['healthy', 'other'] } = {}) {
  const requests: { url: string; authorization: string | undefined; body: unknown; closedEarly: boolean }[] = []
  let behaveAs: ((model: string) => string) | undefined
  const server = createServer((request, response) => void answer(request, response))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const whole = Buffer.concat(chunks)
    const record = {
      url: request.url ?? '',
      authorization: request.headers.authorization,
      body: undefined as unknown,
      closedEarly: false,
    }
    requests.push(record)
    response.on('close', () => (record.closedEarly = !response.writableEnded))
    if (request.url === '/v1/models') return json(response, 200, { data: models.map((id) => ({ id })) })
    if (request.url === '/v1/audio/transcriptions') {
      const recording = await readRecording(whole, request.headers['content-type'] ?? '')
      record.body = { model: recording.model, file: recording.file }
      return behaveOr(response, recording.model, () => json(response, 200, recording.transcription))
    }
    const body = whole.length === 0 ? undefined : (JSON.parse(whole.toString()) as ChatBody)
    record.body = body
    if (request.url === '/v1/audio/speech') {
      const { model, input } = body as unknown as { model: string; input: string }
      return behaveOr(response, model, () =>
        response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(speak(input)),
      )
    }
    const disguise = body && behaveAs?.(body.model)
    const behave = body && behaviours[disguise ?? body.model]
    if (!behave) return json(response, 404, { error: { message: `no such model ${secret}`, code: 'model_not_found' } })
    if (behave === able && body.stream !== true) return json(response, 200, wholeAnswer(ableReply(body)))
    if (body.stream !== true && (disguise === undefined || behave === healthy))
      return json(response, 200, wholeAnswer())
    await behave(response, body)
  }

  async function behaveOr(response: ServerResponse, model: string, work: () => void): Promise<void> {
    const behave = behaviours[model]
    if (behave) await behave(response, { model })
    else work()
  }

  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    /** How many answers were asked of it. */
    calls: () => requests.filter(({ url }) => url !== '/v1/models').length,
    /** From now on every model behaves as this one says, whatever was asked and however. */
    disguise(as: ((model: string) => string) | undefined) {
      behaveAs = as
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
