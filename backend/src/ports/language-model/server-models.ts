import { z } from 'zod'

const keptMs = 60_000
const timeoutMs = 3_000
const Listing = z.object({ data: z.array(z.object({ id: z.string().min(1).max(200) })).max(1_000) })

/** Which models an OpenAI-compatible server says it has; asked only when somebody wants to know. */
export function createServerModels({ baseUrl, apiKey }: { baseUrl: string; apiKey: string | undefined }) {
  let known: string[] = []
  let askedAt = -Infinity
  let asking: Promise<void> | undefined

  async function ask(): Promise<void> {
    try {
      const response = await fetch(`${baseUrl.replace(/\/+$/, '')}/models`, {
        headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      })
      if (response.ok) known = Listing.parse(await response.json()).data.map((model) => model.id)
      else await response.body?.cancel()
    } catch {
      // A server that is down keeps the models that it was known to have.
    }
    askedAt = performance.now()
  }

  return {
    known: () => known,
    /** Never rejects. Concurrent callers share one request. */
    refresh(): Promise<void> {
      if (performance.now() - askedAt < keptMs) return Promise.resolve()
      return (asking ??= ask().finally(() => (asking = undefined)))
    },
  }
}
