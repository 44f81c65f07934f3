import { expect, it } from 'vitest'
import { testCall } from '../../test/test-call.ts'
import { quietSecond } from '../modules/audio/quiet-second.ts'
import { createAudio } from './audio.ts'

const wav = quietSecond()
const stream = (...pieces: Uint8Array[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    },
  })

function audioWith(heard: Promise<string>) {
  const model = {
    specificationVersion: 'v4' as const,
    provider: 'test',
    modelId: 'ears',
    doGenerate: async () => ({
      text: await heard,
      segments: [],
      language: undefined,
      durationInSeconds: undefined,
      warnings: [],
      response: { timestamp: new Date(), modelId: 'ears' },
    }),
  }
  return createAudio({
    models: { transcriber: { name: 'test/ears', model }, speaker: undefined },
    messages: { find: async () => undefined },
    settings: { disabled: async () => new Set() },
  })
}

it('takes recordings while there is room for them, and again when others are done', async () => {
  let finish = (_text: string) => {}
  const audio = audioWith(new Promise<string>((resolve) => (finish = resolve)))
  const large = () => stream(wav, new Uint8Array(24 * 1024 * 1024))
  const [one, two] = [audio.transcribe(testCall(), large()), audio.transcribe(testCall(), large())]
  await expect(audio.transcribe(testCall(), large())).rejects.toMatchObject({
    code: 'rate_limited',
    retryAfterSeconds: 5,
  })
  finish(' Hello ')
  const nothingMore = { text: 'Hello', language: null, durationSeconds: null, model: 'test/ears' }
  expect(await Promise.all([one, two])).toEqual([nothingMore, nothingMore])
  expect(await audio.transcribe(testCall(), large())).toEqual(nothingMore)
})

it('takes nothing for a recording that breaks off on its way', async () => {
  const broken = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error('socket hang up')),
  })
  const audio = audioWith(Promise.resolve('never'))
  await expect(audio.transcribe(testCall(), broken)).rejects.toMatchObject({ code: 'bad_request' })
})
