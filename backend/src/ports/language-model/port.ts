import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { ModelInfo } from '@nitroagi/shared/modules'

/** Which model answers to which name. The model itself is the AI SDK's `LanguageModelV4`; `doStream` is the hot path. */
export interface LanguageModels {
  /** `nitro-auto` and `nitro-offline` first, then each configured provider's as `provider/model`. */
  list(): ModelInfo[]
  /** What `nitro-auto` answers with: the first configured provider's model, otherwise `nitro-offline`. */
  readonly defaultModel: string
  /** Throws `model_not_found`, with the names that exist. `nitro-auto` gives the default model. */
  get(name: string): NamedModel
}

export interface NamedModel {
  info: ModelInfo
  model: LanguageModelV4
  /** Per million tokens; null when the price is not known. */
  price: { inputUsd: number; outputUsd: number } | null
}
