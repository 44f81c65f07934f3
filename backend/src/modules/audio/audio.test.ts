import { NitroError } from '@nitroagi/shared/errors'
import { expect, it } from 'vitest'
import { testCall } from '../../../test/test-call.ts'
import { testTask } from '../../../test/test-task.ts'
import type { SpeechModels } from '../../ports/language-model/speech-port.ts'
import type { Attachment, Finding, Module } from '../module.ts'
import { createAudioModule } from './audio.ts'

const recording = (name: string, sizeBytes = 4): Attachment => ({
  id: name,
  name,
  mediaType: 'audio/mpeg',
  sizeBytes,
  read: async () => new TextEncoder().encode(name),
})

/** Hears the name of each recording, unless `hear` says something else. */
function moduleWith(hear: (name: string) => string = (name) => `Words of ${name}`): Module {
  const models: SpeechModels = {
    speaker: undefined,
    transcriber: {
      name: 'test/ears',
      model: {
        specificationVersion: 'v4',
        provider: 'test',
        modelId: 'ears',
        doGenerate: async ({ audio, abortSignal }) => {
          abortSignal?.throwIfAborted()
          const text = hear(new TextDecoder().decode(audio as Uint8Array))
          const response = { timestamp: new Date(), modelId: 'ears' }
          return { text, segments: [], language: 'en', durationInSeconds: 2, warnings: [], response }
        },
      },
    },
  }
  return createAudioModule(models)!
}

async function listen(module: Module, attachments: Attachment[], signal = new AbortController().signal) {
  const findings: Finding[] = []
  const task = testTask({ question: 'What do they say?', attachments })
  for await (const finding of module.run({ ...testCall(), signal }, task)) findings.push(finding)
  return findings
}
const ofType = <Type extends Finding['type']>(findings: Finding[], type: Type) =>
  findings.filter((finding): finding is Extract<Finding, { type: Type }> => finding.type === type)

it('hears each recording, and leaves pictures to others', async () => {
  const picture = { ...recording('cat.png'), mediaType: 'image/png' }
  const findings = await listen(moduleWith(), [recording('one.mp3'), picture, recording('two.mp3')])
  expect(ofType(findings, 'reading').map(({ reading }) => reading)).toEqual([
    { name: 'one.mp3', kind: 'audio', text: 'Words of one.mp3' },
    { name: 'two.mp3', kind: 'audio', text: 'Words of two.mp3' },
  ])
  expect(findings.at(-1)).toEqual({ type: 'report', model: 'test/ears', summary: 'Wrote down 2 of 2 recordings, 4 s' })
})

it('goes on without a recording that cannot be heard, and says which', async () => {
  const module = moduleWith((name) => {
    if (name === 'bad.mp3') throw new NitroError('model_failed', 'It is broken.')
    return name === 'quiet.mp3' ? ' ' : 'Hello'
  })
  const large = { ...recording('large.mp3', 26 * 1024 * 1024), read: () => Promise.reject(new Error('was read')) }
  const findings = await listen(module, [recording('bad.mp3'), large, recording('quiet.mp3'), recording('fine.mp3')])
  expect(ofType(findings, 'reading').map(({ reading }) => reading.name)).toEqual(['fine.mp3'])
  expect(ofType(findings, 'notice').map(({ message }) => message)).toEqual([
    'bad.mp3 could not be written down, so this answer was made without it. It is broken.',
    expect.stringContaining('large.mp3 has more than 25 MB'),
    'Nothing was said in quiet.mp3, or nothing that could be understood.',
  ])
  await expect(listen(module, [recording('bad.mp3')])).rejects.toMatchObject({ code: 'model_failed' })
  await expect(listen(module, [])).rejects.toMatchObject({ code: 'invalid_input' })
})

it('is down while its key is refused, and up again when it is not', async () => {
  let isRefused = true
  const module = moduleWith(() => {
    if (isRefused) throw new NitroError('model_unauthorized', 'The key was refused.')
    return 'Hello'
  })
  expect(await module.health()).toEqual({ status: 'ok', detail: 'test/ears' })
  await expect(module.test(testCall())).rejects.toMatchObject({ code: 'model_unauthorized' })
  expect(await module.health()).toEqual({ status: 'down', detail: 'The key was refused.' })
  isRefused = false
  expect(await module.test(testCall())).toBe('test/ears listened to a second of silence')
  expect((await module.health()).status).toBe('ok')
})

it('stops when the answer is stopped', async () => {
  const stopped = new Error('stopped')
  await expect(listen(moduleWith(), [recording('a'), recording('b')], AbortSignal.abort(stopped))).rejects.toBe(stopped)
})

it('is not there without a model', () => {
  expect(createAudioModule({ transcriber: undefined, speaker: undefined })).toBeUndefined()
})
