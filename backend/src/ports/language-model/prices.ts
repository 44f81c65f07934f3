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

export function priceOf(provider: string, modelId: string): Price | null {
  const table: Record<string, Record<string, Price>> = prices
  return table[provider]?.[modelId] ?? null
}
