import { setTimeout as sleep } from 'node:timers/promises'
import { ErrorEnvelope } from '@nitroagi/shared/errors'
import { actAsHeader } from '@nitroagi/shared/operator'
import type { z } from 'zod'
import { CliError } from './cli-error.ts'
import type { Connection } from './config.ts'

export type Client = ReturnType<typeof createClient>

interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  body?: unknown
  headers?: Record<string, string>
  /** A status beside 2xx whose answer is one too. */
  acceptStatus?: number
  signal?: AbortSignal
}

const rateLimitTries = 5

/** Speaks to our API; every failure becomes a `CliError`. */
export function createClient({ url, key, actAs }: Connection) {
  const identity = { authorization: `Bearer ${key}`, ...(actAs ? { [actAsHeader]: actAs } : {}) }

  return {
    url,

    /** Sends and reads JSON; `path` starts with a slash. */
    async request<Schema extends z.ZodType>(
      path: string,
      schema: Schema,
      options: RequestOptions = {},
    ): Promise<z.output<Schema>> {
      const response = await send(path, options)
      const parsed = schema.safeParse(
        response.status === 204 ? undefined : await response.json().catch(() => undefined),
      )
      if (parsed.success) return parsed.data
      throw new CliError('internal', `${url} answered something else than NitroAGI does; is it another version?`)
    },

    /** Hands the answer over unread. */
    open: send,
  }

  async function send(path: string, options: RequestOptions): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const response = await reach(path, options)
      if (response.ok || response.status === options.acceptStatus) return response
      const waitSeconds = Number(response.headers.get('retry-after') ?? Number.NaN)
      const isWorthWaiting = response.status === 429 && waitSeconds <= 60 && attempt < rateLimitTries
      if (!isWorthWaiting) throw await failureOf(response)
      await response.body?.cancel()
      await sleep(Math.max(waitSeconds, 0.1) * 1000, undefined, options.signal ? { signal: options.signal } : {})
    }
  }

  async function reach(path: string, { method = 'GET', body, headers, signal }: RequestOptions): Promise<Response> {
    const isBytes = body instanceof Blob
    try {
      return await fetch(url + path, {
        method,
        headers: {
          ...identity,
          accept: 'application/json',
          ...(body === undefined || isBytes ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: isBytes ? body : JSON.stringify(body) }),
        redirect: 'manual',
        ...(signal ? { signal } : {}),
      })
    } catch (error) {
      if (signal?.aborted) throw error
      throw new CliError(
        'unreachable',
        `The backend at ${url} cannot be reached (${causeOf(error)}). Is it running?`,
        3,
      )
    }
  }
}

async function failureOf(response: Response): Promise<CliError> {
  const parsed = ErrorEnvelope.safeParse(await response.json().catch(() => undefined))
  if (!parsed.success) {
    // What a host in front says while no backend stands behind it.
    const code = response.status >= 502 && response.status <= 504 ? 'unavailable' : 'internal'
    return new CliError(code, `The backend answered with status ${response.status}`)
  }
  return new CliError(parsed.data.error.code, parsed.data.error.message)
}

// fetch says "fetch failed"; what really happened is the cause.
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error) return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
  return error instanceof Error ? error.message : String(error)
}
