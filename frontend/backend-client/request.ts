import { NitroError } from '@nitroagi/shared/errors'
import type { z } from 'zod'
import { readAnswer } from './answer.ts'
import { signInAgainIfOut } from './sign-in-again.ts'

export type RequestOptions = {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  body?: unknown
  idempotencyKey?: string
  signal?: AbortSignal | undefined
}

/** Where the browser finds the backend: our own server, which adds who is asking. */
export const proxyBase = '/api/backend'

/** One question to the backend, through the proxy. Throws `NitroError` for whatever goes wrong. */
export async function request<Answer>(
  path: string,
  schema: z.ZodType<Answer>,
  { method = 'GET', body, idempotencyKey, signal }: RequestOptions = {},
  base = proxyBase,
): Promise<Answer> {
  const response = await fetch(base + path, {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
  }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause
    throw new NitroError('unavailable', 'The server cannot be reached. Check your connection and try again.', { cause })
  })
  return readAnswer(response, schema).catch((error: unknown) => {
    // Whatever was asked: a session that has ended is a matter of the whole page.
    if (base === proxyBase) signInAgainIfOut(error)
    throw error
  })
}
