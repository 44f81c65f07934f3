import { NitroError } from '@nitroagi/shared/errors'
import { z } from 'zod'
import type { Reranker } from './port.ts'

export interface HttpRerankerSettings {
  /** Where `/rerank` is, such as `http://127.0.0.1:8080/v1`. */
  url: string
  model: string
  apiKey?: string | undefined
}

const Reply = z.object({
  results: z.array(z.object({ index: z.number().int().nonnegative(), relevance_score: z.number() })),
})

/** The `/rerank` of Cohere, Jina, Voyage-like proxies, vLLM, llama.cpp and LocalAI, which all speak alike. */
export function createHttpReranker({ url, model, apiKey }: HttpRerankerSettings): Reranker {
  const address = `${url.replace(/\/+$/, '')}/rerank`
  return {
    id: model,
    async rerank(question, texts, signal) {
      try {
        const response = await fetch(address, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}) },
          body: JSON.stringify({ model, query: question, documents: texts, top_n: texts.length }),
          signal,
        })
        if (!response.ok) throw new Error(`It answered ${response.status}.`)
        const scores = new Map<number, number>()
        for (const { index, relevance_score } of Reply.parse(await response.json()).results)
          scores.set(index, relevance_score)
        return texts.map((_, index) => {
          const score = scores.get(index)
          if (score === undefined) throw new Error(`It gave no score for passage ${index + 1} of ${texts.length}.`)
          return score
        })
      } catch (cause) {
        throw new NitroError('unavailable', `The reranker ${model} could not be used.`, { cause })
      }
    },
  }
}
