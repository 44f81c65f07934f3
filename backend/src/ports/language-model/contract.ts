import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { NitroError, type ErrorCode } from '@nitroagi/shared/errors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NamedModel } from './port.ts'

/** What a provider can do to us. Those after `half-` have said a few words before. */
export const faults = {
  unauthorized: 'model_unauthorized',
  'rate-limited': 'model_rate_limited',
  'server-error': 'model_failed',
  'not-found': 'model_not_found',
  cut: 'model_failed',
  hang: 'model_timeout',
  empty: 'model_failed',
  'half-cut': 'model_interrupted',
  'half-hang': 'model_interrupted',
  'half-error': 'model_interrupted',
} as const satisfies Record<string, ErrorCode>
export type Fault = keyof typeof faults

export interface ModelUnderTest {
  healthy: NamedModel
  /** A model that breaks in this way, with deadlines of a second; its secret is `sk-scripted-secret`. */
  broken?(fault: Fault): NamedModel
  close?(): Promise<void>
}

const ask = (text: string): LanguageModelV4CallOptions => ({
  prompt: [{ role: 'user', content: [{ type: 'text', text }] }],
})

/** What every model behind the port does, whoever makes it. */
export function languageModelContract(name: string, open: () => Promise<ModelUnderTest>): void {
  describe(`${name} as a language model`, () => {
    let under: ModelUnderTest
    beforeAll(async () => {
      under = await open()
    })
    afterAll(() => under.close?.())

    it('streams its words and ends with a reason and its usage', async () => {
      const parts = await partsOf(under.healthy.model, ask('Hello?'))
      expect(textOf(parts)).not.toBe('')
      const last = parts.at(-1)
      expect(last).toMatchObject({ type: 'finish', finishReason: { unified: 'stop' } })
      expect(last).toHaveProperty('usage.inputTokens')
      expect(parts.filter((part) => part.type === 'text-start')).toHaveLength(1)
    })

    it('says the same when it is asked for everything at once', async () => {
      const { content } = await under.healthy.model.doGenerate(ask('Hello?'))
      const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
      expect(text).toBe(textOf(await partsOf(under.healthy.model, ask('Hello?'))))
    })

    it('does not begin when the caller has already gone', async () => {
      const gone = AbortSignal.abort(new Error('gone'))
      await expect(partsOf(under.healthy.model, { ...ask('Hello?'), abortSignal: gone })).rejects.toThrow('gone')
    })

    it('can be left in mid-answer', async () => {
      const { stream } = await under.healthy.model.doStream(ask('Hello?'))
      const reader = stream.getReader()
      await reader.read()
      await expect(reader.cancel()).resolves.toBeUndefined()
    })

    it.each(Object.entries(faults) as [Fault, ErrorCode][])(
      'turns %s into %s, in words that hold no secret',
      async (fault, code) => {
        if (!under.broken) return expect(under.healthy.info.isLanguageModel, 'only our own cannot break').toBe(false)
        const { text, error } = await heardBeforeFailure(under.broken(fault).model, ask('Hello?'))
        expect(error).toBeInstanceOf(NitroError)
        expect(error).toMatchObject({ code })
        expect(text === '').toBe(!fault.startsWith('half-'))
        if (fault === 'rate-limited') expect(error.retryAfterSeconds).toBe(7)
        expect(everythingSaidBy(error)).not.toContain('sk-scripted-secret')
        expect(error.message).toMatch(/[.!?]$/)
      },
    )
  })
}

export async function partsOf(
  model: LanguageModelV4,
  options: LanguageModelV4CallOptions,
): Promise<LanguageModelV4StreamPart[]> {
  const { stream } = await model.doStream(options)
  return Array.fromAsync(stream)
}

export const textOf = (parts: readonly LanguageModelV4StreamPart[]): string =>
  parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('')

export async function heardBeforeFailure(
  model: LanguageModelV4,
  options: LanguageModelV4CallOptions,
): Promise<{ text: string; error: NitroError }> {
  let text = ''
  try {
    for await (const part of (await model.doStream(options)).stream) if (part.type === 'text-delta') text += part.delta
  } catch (error) {
    return { text, error: error as NitroError }
  }
  throw new Error(`It did not fail, but said: ${text}`)
}

/** All that a log line or a page could show of an error. */
function everythingSaidBy(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? ''
  return [error.message, error.stack, JSON.stringify(error), everythingSaidBy(error.cause)].join('\n')
}
