import type { Transcription, Speak } from '@nitroagi/shared/audio'
import { NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import { textOf } from '@nitroagi/shared/message-parts'
import type { Call } from '../call.ts'
import { identifyAttachment } from '../ingestion/attachment-type.ts'
import { bytesInMemory } from '../ingestion/byte-source.ts'
import type { MessagesRepository } from '../ports/database/messages-port.ts'
import type { SpeechModels } from '../ports/language-model/speech-port.ts'
import type { ModuleSettings } from './module-settings.ts'
import { piecesOf, spokenText } from './spoken-text.ts'

export type Audio = ReturnType<typeof createAudio>

/** Recordings are held in memory while they are written down: of all callers together, no more than this. */
const heldBytesAtMost = 2 * limits.recordingBytes
const arrivalSeconds = 120
/** About an hour of speech. */
const charactersAtMost = 50_000

interface Dependencies {
  models: SpeechModels
  messages: MessagesRepository
  settings: Pick<ModuleSettings, 'disabled'>
}

/** Listening and speaking outside of an answer: what somebody dictates, and what is read to them. */
export function createAudio({ models, messages, settings }: Dependencies) {
  let heldBytes = 0

  async function checkIsOn(call: Call): Promise<void> {
    if (!(await settings.disabled(call)).has('audio')) return
    throw new NitroError('unavailable', 'The audio module is off here. An owner or admin can turn it on under Modules.')
  }

  async function textToSpeak(call: Call, { messageId, text }: Speak): Promise<string> {
    if (messageId === undefined) return text!
    const message = await messages.find(call, messageId)
    if (!message) throw new NitroError('not_found', 'This message does not exist')
    const words = message.role === 'assistant' ? spokenText(textOf(message.parts)) : textOf(message.parts).trim()
    if (words === '') throw new NitroError('invalid_input', 'There is nothing to read aloud in this message')
    if (words.length <= charactersAtMost) return words
    throw new NitroError(
      'invalid_input',
      `This has ${words.length.toLocaleString('en')} characters; at most ${charactersAtMost.toLocaleString('en')} are read aloud.`,
    )
  }

  return {
    async transcribe(call: Call, body: ReadableStream<Uint8Array>): Promise<Transcription> {
      const { transcriber } = models
      if (!transcriber) throw missing('transcribe recordings', 'NITRO_TRANSCRIPTION_MODEL')
      await checkIsOn(call)
      let own = 0
      const hold = (bytes: number) => {
        own += bytes
        heldBytes += bytes
        if (own > limits.recordingBytes) throw tooLarge()
        if (heldBytes > heldBytesAtMost) throw busy()
      }
      try {
        const audio = await readRecording(body, hold)
        const mediaType = await soundIn(audio)
        const { model, name } = transcriber
        const heard = await model.doGenerate({ audio, mediaType, abortSignal: call.signal, payer: call })
        return {
          text: heard.text.trim(),
          language: heard.language ?? null,
          durationSeconds: heard.durationInSeconds ?? null,
          model: name,
        }
      } finally {
        heldBytes -= own
      }
    },

    /** MP3, piece by piece as it is spoken; rejects before the first piece when that cannot be had. */
    async speak(call: Call, request: Speak): Promise<AsyncIterable<Uint8Array>> {
      const { speaker } = models
      if (!speaker) throw missing('read aloud', 'NITRO_SPEECH_MODEL')
      await checkIsOn(call)
      const pieces = piecesOf(await textToSpeak(call, request), limits.speechCharacters)
      const voice = request.voice ?? speaker.voice
      const say = async (text: string) => {
        const options = { text, abortSignal: call.signal, payer: call, ...(voice === undefined ? {} : { voice }) }
        return (await speaker.model.doGenerate(options)).audio
      }
      const [first, ...rest] = pieces
      if (first === undefined) throw new NitroError('invalid_input', 'There is nothing to read aloud')
      const begun = await say(first)
      return (async function* () {
        yield begun
        for (const piece of rest) {
          call.signal.throwIfAborted()
          yield await say(piece)
        }
      })()
    },
  }
}

const missing = (what: string, setting: string) =>
  new NitroError(
    'unavailable',
    `No model that can ${what} is configured. Set OPENAI_API_KEY, or ${setting} to a model of your own server such as compatible/name.`,
  )

/** `hold` is told of each piece as it comes, and may refuse it. */
async function readRecording(body: ReadableStream<Uint8Array>, hold: (bytes: number) => void): Promise<Buffer> {
  const reader = body.getReader()
  const late = setTimeout(() => void reader.cancel().catch(() => {}), arrivalSeconds * 1000)
  const startedAt = performance.now()
  const pieces: Uint8Array[] = []
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      hold(read.value.byteLength)
      pieces.push(read.value)
    }
  } catch (cause) {
    // Not awaited: an endless body would have to end first.
    void reader.cancel().catch(() => {})
    if (cause instanceof NitroError) throw cause
    throw new NitroError('bad_request', 'The recording broke off on its way', { cause })
  } finally {
    clearTimeout(late)
  }
  if (performance.now() - startedAt > arrivalSeconds * 1000) {
    throw new NitroError('bad_request', 'The recording did not arrive in time')
  }
  return Buffer.concat(pieces)
}

const busy = () =>
  new NitroError('rate_limited', 'Many recordings are being written down. Try again in a moment.', {
    retryAfterSeconds: 5,
  })

export const tooLarge = () =>
  new NitroError('payload_too_large', `A recording may have at most ${limits.recordingBytes / 1024 / 1024} MB`)

async function soundIn(audio: Buffer): Promise<string> {
  const notSound = () =>
    new NitroError('unsupported_media_type', 'This is no recording that can be read. Send MP3, M4A, WAV, WebM or Ogg.')
  if (audio.length === 0) throw new NitroError('invalid_input', 'This recording is empty: it has 0 bytes')
  const { mediaType } = await identifyAttachment(bytesInMemory(audio)).catch((error: unknown) => {
    throw error instanceof NitroError ? notSound() : error
  })
  if (mediaType.startsWith('audio/')) return mediaType
  throw notSound()
}
