import { headers } from 'next/headers'
import { NitroError } from '@nitroagi/shared/errors'
import { z } from 'zod'
import { getConfig } from '../config.ts'
import { socketAddress } from '../socket-address.ts'
import { visitorAddress } from '../visitor-address.ts'
import { signForPerson, signForService, type SessionIdentity, type Visitor } from '../web-token.ts'
import { readAnswer } from './answer.ts'

/** Calls of the Next server itself, before there is a person to speak for. */
export async function requestService<Answer>(
  method: 'GET' | 'POST',
  path: string,
  schema: z.ZodType<Answer>,
  body?: unknown,
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  return send(await signForService({ method, path, body: text }, await visitor()), method, path, schema, text)
}

/** Reads for a person while their page is rendered. */
export async function readForPerson<Answer>(
  identity: SessionIdentity,
  path: string,
  schema: z.ZodType<Answer>,
): Promise<Answer> {
  return send(await signForPerson(identity, { method: 'GET', path }), 'GET', path, schema)
}

/** Ends the session that a person signs out of. */
export async function endSession(identity: SessionIdentity): Promise<void> {
  const path = '/api/v1/sessions/current'
  await send(await signForPerson(identity, { method: 'DELETE', path }), 'DELETE', path, z.unknown())
}

async function visitor(): Promise<Visitor> {
  const from = await headers()
  const address = visitorAddress(from, socketAddress(from), getConfig().visitors)
  const agent = from.get('user-agent')?.slice(0, 400)
  return { ...(address === undefined ? {} : { address }), ...(agent ? { agent } : {}) }
}

async function send<Answer>(token: string, method: string, path: string, schema: z.ZodType<Answer>, body?: string) {
  const response = await fetch(getConfig().backendUrl + path, {
    method,
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      'x-request-id': crypto.randomUUID(),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body ?? null,
    cache: 'no-store',
    redirect: 'manual',
    signal: AbortSignal.timeout(15_000),
  }).catch((cause: unknown) => {
    throw new NitroError('unavailable', 'The backend cannot be reached', { cause })
  })
  return readAnswer(response, schema)
}
