import type {
  SpeechModelV4,
  SpeechModelV4CallOptions,
  TranscriptionModelV4,
  TranscriptionModelV4CallOptions,
} from '@ai-sdk/provider'
import type { Payer } from './meter-port.ts'

/**
 * Models that listen and speak, as the AI SDK has them; undefined where none is configured. They fail with a `NitroError`
 * only and keep to a deadline. When the caller's own signal aborts, they fail with the signal's reason.
 */
export interface SpeechModels {
  readonly transcriber: { name: string; model: ListeningModel } | undefined
  /** `voice` is asked for where a caller names none. */
  readonly speaker: { name: string; model: SpeakingModel; voice: string | undefined } | undefined
}

export interface ListeningModel extends TranscriptionModelV4 {
  doGenerate(
    options: TranscriptionModelV4CallOptions & { payer?: Payer },
  ): ReturnType<TranscriptionModelV4['doGenerate']>
}

/** What it gives is MP3, which can be joined by putting one piece after the other. */
export interface SpeakingModel extends SpeechModelV4 {
  doGenerate(
    options: Omit<SpeechModelV4CallOptions, 'outputFormat'> & { payer?: Payer },
  ): PromiseLike<Awaited<ReturnType<SpeechModelV4['doGenerate']>> & { audio: Uint8Array }>
}
