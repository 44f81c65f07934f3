import type { Price } from './port.ts'

/**
 * The providers' published list prices in USD per million tokens, short context, as of 2026-11-21. The first of each
 * provider is its default. What is not here has no known price, and is shown so.
 */
const prices = {
  openai: {
    'gpt-6.1-sol': { inputUsd: 2, outputUsd: 10 },
    'gpt-6-luna': { inputUsd: 0.1, outputUsd: 0.5 },
    'gpt-5.5': { inputUsd: 5, outputUsd: 30 },
    'gpt-5.4': { inputUsd: 2.5, outputUsd: 15 },
    'gpt-5.4-mini': { inputUsd: 0.75, outputUsd: 4.5 },
    'gpt-5.4-nano': { inputUsd: 0.2, outputUsd: 1.25 },
  },
  anthropic: {
    'claude-sonnet-5-5': { inputUsd: 2, outputUsd: 10 },
    'claude-haiku-5-5': { inputUsd: 0.1, outputUsd: 0.5 },
    'claude-opus-5-5': { inputUsd: 4, outputUsd: 20 },
  },
  google: {
    'gemini-3.8-flash': { inputUsd: 0.75, outputUsd: 3.75 },
  },
} as const satisfies Record<string, Record<string, Price>>

export type PricedProvider = keyof typeof prices

export const wellKnownModels = (provider: PricedProvider): string[] => Object.keys(prices[provider])

/** What the operator has set, by `provider/model` or `provider/*`. */
export type SetPrices = Readonly<Record<string, Price>>

const setPriceOf = (provider: string, modelId: string, set: SetPrices): Price | undefined =>
  set[`${provider}/${modelId}`] ?? set[`${provider}/*`]

/** The operator's own word counts before the table. */
export function priceOf(provider: string, modelId: string, set: SetPrices = {}): Price | null {
  const table: Record<string, Record<string, Price>> = prices
  return setPriceOf(provider, modelId, set) ?? table[provider]?.[modelId] ?? null
}

/** Of texts that are embedded, in USD per million tokens. */
const embeddingPrices: Record<string, number> = {
  'openai/text-embedding-3-small': 0.02,
  'openai/text-embedding-3-large': 0.13,
  'openai/text-embedding-ada-002': 0.1,
  'google/gemini-embedding-001': 0.15,
}

export function embeddingPriceOf(name: string, set: SetPrices = {}): Price | null {
  const own = setPriceOf(...halves(name), set)
  const inputUsd = own?.inputUsd ?? embeddingPrices[name]
  return inputUsd === undefined ? null : { inputUsd, outputUsd: 0 }
}

/** Of recordings and speech, in USD per minute. */
const minutePrices: Record<string, number> = {
  'openai/gpt-4o-mini-transcribe': 0.003,
  'openai/gpt-4o-transcribe': 0.006,
  'openai/whisper-1': 0.006,
  'openai/gpt-4o-mini-tts': 0.015,
}

export const minutePriceOf = (name: string, set: SetPrices = {}): number | null =>
  setPriceOf(...halves(name), set)?.inputUsd ?? minutePrices[name] ?? null

function halves(name: string): [string, string] {
  const at = name.indexOf('/')
  return [name.slice(0, at), name.slice(at + 1)]
}
