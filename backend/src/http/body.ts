import { createHash } from 'node:crypto'
import { NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { uploadPath } from '../identity/authenticate.ts'
import { requestPath } from './request-path.ts'
import type { Env } from './routes.ts'

const bodySeconds = 30

/**
 * Reads the body once, counted and checked, and leaves it where Hono's validators look for it. The body of an
 * upload or a recording is left alone: its route streams it.
 */
export const readBody = () =>
  createMiddleware<Env>(async (c, next) => {
    const { headers } = c.req.raw
    const encoding = headers.get('content-encoding')
    if (encoding !== null && encoding.toLowerCase() !== 'identity') {
      throw new NitroError('unsupported_media_type', 'Send the body without Content-Encoding')
    }
    // Of several codings, two servers in a row may each believe another one.
    if ((headers.get('transfer-encoding') ?? 'chunked').toLowerCase() !== 'chunked') {
      throw new NitroError('bad_request', 'Send the body as it is, or chunked')
    }
    const bodyHash = c.get('bodyHash')
    if (c.req.method === 'POST' && uploadPath.test(requestPath(c.req.raw.url))) {
      // What is streamed is known only when it is too late to refuse it; files come with tickets and keys.
      if (bodyHash !== undefined) throw otherBody()
      return next()
    }

    if (c.req.method === 'GET' || c.req.method === 'HEAD') {
      if (Number(headers.get('content-length') ?? 0) > 0 || headers.has('transfer-encoding')) {
        throw new NitroError('bad_request', `A ${c.req.method} request has no body`)
      }
      return next()
    }
    const bytes = await inTime(readCounted(c)).catch(brokeOff)
    if (bodyHash !== undefined && bodyHash !== hashOf(bytes)) throw otherBody()
    if (bytes) c.req.bodyCache.text = Promise.resolve(decode(bytes)) as never
    return next()
  })

const hashOf = (bytes: Uint8Array = new Uint8Array()) => createHash('sha256').update(bytes).digest('base64url')

const otherBody = () => new NitroError('unauthenticated', 'This credential is not valid')

async function readCounted(c: Context<Env>): Promise<Uint8Array | undefined> {
  const { raw } = c.req
  const bytesAtMost =
    requestPath(raw.url) === '/v1/chat/completions' ? limits.completionBodyBytes : limits.jsonBodyBytes
  const declared = raw.headers.get('content-length')
  if (Number(declared ?? 0) > bytesAtMost) throw tooLarge(bytesAtMost)
  // A declared length is kept by Node's parser, and this way no stream has to be made.
  if (declared !== null && !raw.headers.has('transfer-encoding')) return new Uint8Array(await raw.arrayBuffer())
  if (!raw.body) return undefined

  const pieces: Uint8Array[] = []
  let size = 0
  const reader = raw.body.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    size += read.value.byteLength
    if (size > bytesAtMost) {
      // Not awaited: an endless body would have to end first.
      void reader.cancel().catch(() => {})
      throw tooLarge(bytesAtMost)
    }
    pieces.push(read.value)
  }
  return Buffer.concat(pieces)
}

function decode(bytes: Uint8Array): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new NitroError('invalid_input', 'The request is not valid UTF-8', { cause })
  }
  // PostgreSQL's text holds any character but this one. An escaped backslash before it makes it ordinary text.
  if (text.includes('\\u0000') && /(?<!\\)(?:\\\\)*\\u0000/.test(text)) {
    throw new NitroError('invalid_input', 'The request holds a NUL character')
  }
  if (/\\ud[89a-f]/i.test(text) && text.replaceAll(wholeEscape, '').match(/\\ud[89a-f]/i)) {
    throw new NitroError('invalid_input', 'The request holds half a character (a lone surrogate)')
  }
  return text
}

/** A pair of surrogates, or any other escape but one of them: with these taken out, those that stand alone are left. */
const wholeEscape = /\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|\\(?!ud[89a-f])[^]/gi

/** Our own refusals go on; the rest is a client that went away in mid-sentence, which is no failure of ours. */
function brokeOff(cause: unknown): never {
  if (cause instanceof NitroError) throw cause
  throw new NitroError('bad_request', 'The request broke off', { cause })
}

const tooLarge = (bytesAtMost: number) =>
  new NitroError('payload_too_large', `A request holds at most ${bytesAtMost / 1024 / 1024} MB`)

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new NitroError('bad_request', 'The request did not arrive in time')),
      bodySeconds * 1000,
    )
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
