import { APICallError, type TranscriptionModelV4 } from '@ai-sdk/provider'
import { fileTypeFromBuffer } from 'file-type'
import { NitroError } from '@nitroagi/shared/errors'
import type { Config } from '../../config.ts'
import { lateFailure, modelFailure, type ModelLabel } from './failures.ts'
import type { SpeakingModel, SpeechModels } from './speech-port.ts'

type Settings = Pick<Config['languageModel'], 'openai' | 'compatible' | 'timeoutSeconds'>

/** The models that the configuration allows. No SDK is loaded before the first call. */
export function createSpeechModels(names: Config['speech'], settings: Settings): SpeechModels {
  const { transcription, speech } = names
  return {
    transcriber:
      transcription === undefined
        ? undefined
        : { name: transcription, model: createTranscriber(labelOf(transcription), settings) },
    speaker:
      speech === undefined
        ? undefined
        : { name: speech, model: createSpeaker(labelOf(speech), settings), voice: names.voice },
  }
}

function createTranscriber(label: Label, settings: Settings): TranscriptionModelV4 {
  const { modelId, provider } = label
  return {
    specificationVersion: 'v4',
    provider,
    modelId,
    doGenerate: (options) =>
      guard(label, settings.timeoutSeconds, options.abortSignal, async (abortSignal) => {
        const model = (await openProvider(label, settings)).transcription(modelId)
        return model.doGenerate({ ...options, abortSignal })
      }),
  }
}

function createSpeaker(label: Label, settings: Settings): SpeakingModel {
  const { modelId, provider } = label
  return {
    specificationVersion: 'v4',
    provider,
    modelId,
    doGenerate: (options) =>
      guard(label, settings.timeoutSeconds, options.abortSignal, async (abortSignal) => {
        const model = (await openProvider(label, settings)).speech(modelId)
        const result = await model.doGenerate({ ...options, outputFormat: 'mp3', abortSignal })
        const audio = typeof result.audio === 'string' ? Buffer.from(result.audio, 'base64') : result.audio
        // Any body with status 200 counts as sound to the adapter.
        if ((await fileTypeFromBuffer(audio).catch(() => undefined))?.mime === 'audio/mpeg') return { ...result, audio }
        throw new NitroError(
          'model_failed',
          `${label.name} sent something that is not MP3. Try again, or choose another.`,
        )
      }),
  }
}

/** OpenAI's adapter for both: servers that speak its protocol have the same addresses, and no adapter of their own. */
async function openProvider({ provider }: Label, { openai, compatible }: Settings) {
  const { createOpenAI } = await import('@ai-sdk/openai')
  if (provider === 'openai' && openai) return createOpenAI({ apiKey: openai.apiKey, fetch: fetchWithoutRedirects })
  if (provider === 'compatible' && compatible) {
    // The adapter would look for a key of OpenAI's in the environment and send that.
    const apiKey = compatible.apiKey ?? 'none'
    return createOpenAI({ baseURL: compatible.baseUrl, apiKey, fetch: fetchWithoutSegments })
  }
  throw new NitroError('unavailable', `There is no provider ${provider}`)
}

async function guard<Result>(
  label: Label,
  seconds: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = AbortSignal.timeout(seconds * 1000)
  try {
    return await work(signal ? AbortSignal.any([signal, late]) : late)
  } catch (error) {
    signal?.throwIfAborted()
    if (late.aborted) throw lateFailure(label, 'did not answer', seconds)
    if (APICallError.isInstance(error) && error.statusCode === 413) {
      throw new NitroError('payload_too_large', `This is too much for ${label.name} at once. Send a shorter one.`)
    }
    throw modelFailure(label, error, { textBegun: false })
  }
}

type Label = ModelLabel & { modelId: string }

/** Only the first slash divides. */
function labelOf(name: string): Label {
  const at = name.indexOf('/')
  const provider = name.slice(0, at)
  return {
    name,
    provider,
    modelId: name.slice(at + 1),
    keyName: `${provider === 'openai' ? 'OPENAI' : 'OPENAI_COMPATIBLE'}_API_KEY`,
  }
}

/** A redirect would carry what was said, and the key, to where nobody has set them to go. */
const fetchWithoutRedirects: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'manual' })

/** The adapter insists on every field of OpenAI's segments. Other servers leave some out, and nobody here reads them. */
const fetchWithoutSegments: typeof fetch = async (input, init) => {
  const response = await fetchWithoutRedirects(input, init)
  if (!response.ok || !/\bjson\b/.test(response.headers.get('content-type') ?? '')) return response
  const text = await response.text()
  const { status, headers } = response
  return new Response(withoutSegments(text), { status, headers })
}

function withoutSegments(json: string): string {
  try {
    const { segments: _, words: __, ...rest } = JSON.parse(json) as Record<string, unknown>
    return JSON.stringify(rest)
  } catch {
    return json
  }
}
