import { createRoute, z } from '@hono/zod-openapi'
import { Speak, Transcription } from '@nitroagi/shared/audio'
import { ErrorEnvelope } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import { tooLarge, type Audio } from '../services/audio.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const common = { tags: ['Audio'], middleware: requires('chat') }
const bytes = z.string().meta({ format: 'binary' })
const failures = {
  503: json(ErrorEnvelope, 'No provider is configured for this; the message says what to set'),
  ...errorResponses,
}

const transcribe = createRoute({
  ...common,
  method: 'post',
  path: '/transcriptions',
  summary: 'Write down what is said in a recording',
  request: {
    body: { description: 'MP3, M4A, WAV, WebM or Ogg, at most 25 MB', content: { 'audio/*': { schema: bytes } } },
  },
  responses: { 200: json(Transcription, 'What was said'), ...failures },
})

const speak = createRoute({
  ...common,
  method: 'post',
  path: '/speech',
  summary: 'Read an answer of yours, or a text, aloud',
  request: { body: { ...json(Speak, 'What to read, and in which voice'), required: true } },
  responses: {
    200: { description: 'MP3, as it is spoken', content: { 'audio/mpeg': { schema: bytes } } },
    ...failures,
  },
})

/** Mounted at /api/v1/audio. */
export const audioRoutes = (audio: Audio) =>
  createRoutes()
    .openapi(transcribe, async (c) => {
      if (Number(c.req.header('content-length') ?? 0) > limits.recordingBytes) throw tooLarge()
      const body = c.req.raw.body ?? new Response('').body!
      return c.json(await audio.transcribe(c.get('call'), body), 200)
    })
    .openapi(speak, async (c) => {
      const call = c.get('call')
      const gone = new AbortController()
      const signal = AbortSignal.any([call.signal, gone.signal])
      const pieces = (await audio.speak({ ...call, signal }, c.req.valid('json')))[Symbol.asyncIterator]()
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          try {
            const { done, value } = await pieces.next()
            if (done) controller.close()
            else controller.enqueue(value)
          } catch (error) {
            // The status was sent long ago: the listener hears it break off.
            call.log.warn('speech-broke-off', { error })
            controller.error(error)
          }
        },
        cancel: () => gone.abort(),
      })
      return c.body(body, 200, { 'content-type': 'audio/mpeg' })
    })
