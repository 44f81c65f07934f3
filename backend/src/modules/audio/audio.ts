import { NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import type { ModuleHealth } from '@nitroagi/shared/modules'
import type { Call } from '../../call.ts'
import type { SpeechModels } from '../../ports/language-model/speech-port.ts'
import type { Attachment, Module } from '../module.ts'
import { quietSecond } from './quiet-second.ts'

/** Writes down what was said in recordings, and reads answers aloud; undefined when no provider can do either. */
export function createAudioModule({ transcriber, speaker }: SpeechModels): Module | undefined {
  if (!transcriber && !speaker) return undefined
  const models = [transcriber, speaker].flatMap((model) => model?.name ?? [])
  /** What stays wrong until somebody mends it. */
  let trouble: string | undefined

  async function watched<Result>(work: PromiseLike<Result>): Promise<Result> {
    try {
      const result = await work
      trouble = undefined
      return result
    } catch (error) {
      if (error instanceof NitroError && /^model_(unauthorized|not_found)$/.test(error.code)) trouble = error.message
      throw error
    }
  }

  async function transcribe(call: Call, audio: Uint8Array, mediaType: string) {
    if (!transcriber) throw new NitroError('unavailable', 'No model that transcribes recordings is configured.')
    return watched(transcriber.model.doGenerate({ audio, mediaType, abortSignal: call.signal, payer: call }))
  }

  async function read(call: Call, { name, mediaType, sizeBytes, ...attachment }: Attachment) {
    if (sizeBytes > limits.recordingBytes) {
      throw new NitroError('payload_too_large', `${name} has more than ${limits.recordingBytes / 1024 / 1024} MB`)
    }
    return transcribe(call, await attachment.read(), mediaType)
  }

  return {
    manifest: {
      name: 'audio',
      description: 'Writes down what was said in recordings, and reads answers aloud.',
      capabilities: [...(transcriber ? ['transcribe'] : []), ...(speaker ? ['speak'] : [])],
      cost: 'cheap',
      latency: 'slow',
      needs: ['a provider that can listen or speak'],
    },
    health: async (): Promise<ModuleHealth> =>
      trouble === undefined ? { status: 'ok', detail: models.join(', ') } : { status: 'down', detail: trouble },

    async *run(call, task) {
      const recordings = task.attachments.filter(({ mediaType }) => mediaType.startsWith('audio/'))
      if (recordings.length === 0) throw new NitroError('invalid_input', 'No recording came with this message.')
      const failures: unknown[] = []
      let seconds: number | undefined = 0
      for (const recording of recordings) {
        try {
          const { text, durationInSeconds } = await read(call, recording)
          seconds = seconds === undefined || durationInSeconds === undefined ? undefined : seconds + durationInSeconds
          if (text.trim() !== '') {
            yield { type: 'reading', reading: { name: recording.name, kind: 'audio', text: text.trim() } }
          } else {
            const message = `Nothing was said in ${recording.name}, or nothing that could be understood.`
            yield { type: 'notice', level: 'info', code: 'nothing_heard', message }
          }
        } catch (error) {
          call.signal.throwIfAborted()
          failures.push(error)
          if (failures.length === recordings.length) throw error
          const why = error instanceof NitroError ? error.message : 'It failed.'
          const message = `${recording.name} could not be written down, so this answer was made without it. ${why}`
          yield { type: 'notice', level: 'warning', code: 'recording_left_out', message }
        }
      }
      const done = recordings.length - failures.length
      const length = seconds ? `, ${Math.round(seconds)} s` : ''
      yield {
        type: 'report',
        ...(transcriber ? { model: transcriber.name } : {}),
        summary: `Wrote down ${done} of ${recordings.length === 1 ? '1 recording' : `${recordings.length} recordings`}${length}`,
      }
    },

    async test(call) {
      const word = 'Nitro'
      const spoken = speaker && (await watched(speaker.model.doGenerate(speakOptions(word, speaker.voice, call))))
      if (!spoken) {
        await transcribe(call, quietSecond(), 'audio/wav')
        return `${transcriber!.name} listened to a second of silence`
      }
      const audio = spoken.audio
      if (!transcriber) return `${speaker.name} spoke a word in ${audio.length} bytes`
      const { text } = await transcribe(call, audio, 'audio/mpeg')
      return `${speaker.name} said "${word}", and ${transcriber.name} heard "${text.trim().slice(0, 100)}"`
    },
  }
}

const speakOptions = (text: string, voice: string | undefined, call: Call) => ({
  text,
  abortSignal: call.signal,
  payer: call,
  ...(voice === undefined ? {} : { voice }),
})
