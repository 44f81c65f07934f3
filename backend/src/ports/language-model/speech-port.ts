import type { SpeechModelV4, SpeechModelV4CallOptions, TranscriptionModelV4 } from '@ai-sdk/provider'

/**
 * Models that listen and speak, as the AI SDK has them; undefined where none is configured. They fail with a `NitroError`
 * only and keep to a deadline. When the caller's own signal aborts, they fail with the signal's reason.
 */
export interface SpeechModels {
  readonly transcriber: { name: string; model: TranscriptionModelV4 } | undefined
  /** `voice` is asked for where a caller names none. */
  readonly speaker: { name: string; model: SpeakingModel; voice: string | undefined } | undefined
}

/** What it gives is MP3, which can be joined by putting one piece after the other. */
export interface SpeakingModel extends SpeechModelV4 {
  doGenerate(
    options: Omit<SpeechModelV4CallOptions, 'outputFormat'>,
  ): PromiseLike<Awaited<ReturnType<SpeechModelV4['doGenerate']>> & { audio: Uint8Array }>
}
