import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'
import { NitroError } from '@nitroagi/shared/errors'
import type { ModelInfo, ProviderState } from '@nitroagi/shared/modules'
import type { Payer } from './meter-port.ts'

/** Which model answers to which name. The model itself is the AI SDK's `LanguageModelV4`; `doStream` is the hot path. */
export interface LanguageModels {
  /** `nitro-auto` and `nitro-offline` first, then each configured provider's as `provider/model`. */
  list(): ModelInfo[]
  /**
   * Asks the servers that can tell which models they have, so that `list` is complete. The answer is kept for a
   * minute; a server that is slow or down is left out, never an error.
   */
  refresh(): Promise<void>
  /** What `nitro-auto` answers with: the first configured provider's model, otherwise `nitro-offline`. */
  readonly defaultModel: string
  /**
   * Throws `model_not_found`, with the names that exist. `nitro-auto` gives the default model. Named without a payer, a
   * model can be looked at and, unless it costs nothing, not be asked.
   */
  get(name: string, payer?: Payer): NamedModel
  /**
   * Names of models of other providers that may answer in place of the default one and are not failing. Asked for as
   * `nitro-auto/<name>`, such a model has stand-ins like the default one. None where the operator allows no stand-ins.
   */
  alternatives?(): string[]
  /** How each configured provider has been doing, as far as calls have shown it; asks nobody. */
  providers(): ProviderState[]
  /** Stops looking after providers that fail. */
  close(): void
}

export interface NamedModel {
  info: ModelInfo
  /**
   * Fails with a `NitroError` only, whether `doStream` rejects or its stream breaks: `model_interrupted` once text has
   * begun, and before that what went wrong. Its stream never holds an `error` part. Keeps to its deadlines.
   * When the caller's own signal aborts, it fails with the signal's reason.
   *
   * `doStream` resolves with the first content. Until then it may wait for a place, try again, ask twice, or, when
   * nobody insists on this model, turn to another; after it, never. `answered` says what came of that.
   */
  model: AnsweringModel
  /** Per million tokens; null when the price is not known. */
  price: Price | null
  /** Of all that may answer in its place, as far as it is known; absent where nobody may. */
  dearest?: Price
}

export interface AnsweringModel extends LanguageModelV4 {
  doStream(options: LanguageModelV4CallOptions): PromiseLike<LanguageModelV4StreamResult & { answered?: Answered }>
  doGenerate(options: LanguageModelV4CallOptions): PromiseLike<LanguageModelV4GenerateResult & { answered?: Answered }>
}

/** Who answered in the end; absent on models that nothing can stand in for. */
export interface Answered {
  model: string
  price: Price | null
  /** The models that were asked before and did not answer. */
  detours: { model: string; reason: string }[]
  /** Calls whose prompt was sent and whose answer nobody waited for: they cost something, and nobody says how much. */
  abandonedCalls: number
}

/** "openai/a was rate limited; answered by anthropic/b." */
export const detourSentence = ({ model, detours }: Pick<Answered, 'model' | 'detours'>): string =>
  `${detours.map((detour) => `${detour.model} ${detour.reason}`).join(', ')}; answered by ${model}.`

/** Whether a model failed because it, or its server, takes no images. */
export const refusesImages = (error: unknown): boolean =>
  error instanceof NitroError && (error.details as { refused?: unknown } | undefined)?.refused === 'images'

export interface Price {
  inputUsd: number
  outputUsd: number
}

/**
 * What travels to a model under `providerOptions.nitro`: the evidence in its own shape, beside the same evidence in the
 * prompt's words. `nitro-offline` answers from it; every other model leaves it alone.
 */
export interface EvidenceOptions {
  question: string
  /** In the order of their numbers: the first is [1]. With what the search's legs said of each, where it was searched for. */
  passages: { title: string; text: string; scores?: { lexical: number | null; vector: number | null } }[]
  /** `passages` are the numbers of those that the fact was computed from. */
  facts: { statement: string; value: string; passages?: number[] }[]
  /** What was read in pictures or heard in recordings. */
  readings?: { name: string; text: string }[]
  /** The beginning of an answer that was cut off; the rest of it is wanted. */
  continueFrom?: string
  /** Work that nobody waits for lets people go first. */
  priority?: 'background'
  /**
   * The tools, and the form that the answer is to have, are an aid: a model whose server refuses them is asked without.
   * A call whose arguments are not JSON comes through when the stream ends well, so that the model can be told.
   */
  mayLeaveOutAids?: boolean
}

/** What `nitro-offline` says about its answer, under `providerMetadata.nitro` of its `finish` part. */
export interface OfflineAccount {
  /** `quoted` from documents, `computed` from checked facts, `refused` for want of support, `spoke` about itself. */
  outcome: 'quoted' | 'computed' | 'refused' | 'spoke'
  /** How often such a first sentence held the answer when that was measured, 0..1; null when nothing was quoted. */
  confidence: number | null
}
