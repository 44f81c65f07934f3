import { setTimeout as sleep } from 'node:timers/promises'
import type { ErrorCode } from '@nitroagi/shared/errors'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readConfig } from '../../config.ts'
import { quietSecond } from '../../modules/audio/quiet-second.ts'
import { startModelServer } from './model-server.ts'
import { createSpeechModels } from './speech.ts'

let server: Awaited<ReturnType<typeof startModelServer>>
beforeAll(async () => void (server = await startModelServer()))
afterAll(() => server.close())

function modelsOf(name: string, env: Record<string, string> = {}) {
  const config = readConfig({
    OPENAI_COMPATIBLE_BASE_URL: server.baseUrl,
    OPENAI_COMPATIBLE_API_KEY: 'sk-of-the-test',
    NITRO_TRANSCRIPTION_MODEL: `compatible/${name}`,
    NITRO_SPEECH_MODEL: `compatible/${name}`,
    NITRO_MODEL_TIMEOUT_SECONDS: '1',
    ...env,
  })
  const { transcriber, speaker } = createSpeechModels(config.speech, config.languageModel)
  return {
    hear: (signal?: AbortSignal) =>
      transcriber!.model.doGenerate({
        audio: quietSecond(),
        mediaType: 'audio/wav',
        ...(signal ? { abortSignal: signal } : {}),
      }),
    say: (signal?: AbortSignal) =>
      speaker!.model.doGenerate({ text: 'Good morning', ...(signal ? { abortSignal: signal } : {}) }),
  }
}

it('writes down what a recording says, and says what is written', async () => {
  const { hear, say } = modelsOf('ears/and-mouth')
  expect(await hear()).toMatchObject({ text: 'A recording of 32044 bytes.', language: 'en', durationInSeconds: 1 })
  expect(server.requests.at(-1)).toMatchObject({
    url: '/v1/audio/transcriptions',
    authorization: 'Bearer sk-of-the-test',
    body: { model: 'ears/and-mouth', file: { type: 'audio/wav', size: 32_044 } },
  })
  expect((await say()).audio.length).toBeGreaterThan(1_000)
  expect(server.requests.at(-1)?.body).toMatchObject({ input: 'Good morning', response_format: 'mp3' })
})

it.each<[string, ErrorCode]>([
  ['unauthorized', 'model_unauthorized'],
  ['rate-limited', 'model_rate_limited'],
  ['error-500', 'model_failed'],
  ['not-found', 'model_not_found'],
  ['redirect', 'model_failed'],
  ['html', 'model_failed'],
  ['empty', 'model_failed'],
  ['invalid-json', 'model_failed'],
  ['cut', 'model_failed'],
  ['hang', 'model_timeout'],
])('turns a provider that is %s into %s, without its words', async (name, code) => {
  const { hear, say } = modelsOf(name)
  for (const work of [hear, say]) {
    const error: unknown = await Promise.resolve(work()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'NitroError', code })
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toMatch(/sk-(scripted|of-the)/)
  }
})

it('says when to try again', async () => {
  await expect(modelsOf('rate-limited').hear()).rejects.toMatchObject({ retryAfterSeconds: 7 })
})

it('hangs up when the caller does', async () => {
  const { hear, say } = modelsOf('hang', { NITRO_MODEL_TIMEOUT_SECONDS: '60' })
  for (const work of [hear, say]) {
    const caller = new AbortController()
    const before = server.requests.length
    const working = Promise.resolve(work(caller.signal))
    working.catch(() => {})
    await expect.poll(() => server.requests.length, { timeout: 10_000 }).toBe(before + 1)
    await sleep(50)
    const left = new Error('left')
    caller.abort(left)
    await expect(working).rejects.toBe(left)
    await expect.poll(() => server.requests.at(-1)?.closedEarly, { timeout: 10_000 }).toBe(true)
  }
})

it('is there with a key of OpenAI, and absent without any provider or when it is turned off', () => {
  expect(readConfig({}).speech).toEqual({ transcription: undefined, speech: undefined, voice: undefined })
  const openai = { OPENAI_API_KEY: 'sk-x' }
  expect(readConfig(openai).speech).toMatchObject({
    transcription: 'openai/gpt-4o-mini-transcribe',
    speech: 'openai/gpt-4o-mini-tts',
  })
  expect(readConfig({ ...openai, NITRO_SPEECH_MODEL: 'off' }).speech.speech).toBeUndefined()
  expect(() => readConfig({ NITRO_SPEECH_MODEL: 'compatible/x' })).toThrow(/needs OPENAI_COMPATIBLE_BASE_URL/)
  expect(() => readConfig({ NITRO_TRANSCRIPTION_MODEL: 'whisper' })).toThrow(/must be openai\/… or compatible\/…/)
})
