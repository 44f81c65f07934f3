import { createHash } from 'node:crypto'
import { limits } from '@nitroagi/shared/limits'
import { describe, expect, it, vi } from 'vitest'
import { readBody } from './body.ts'
import { answerFailure, toFailure } from './errors.ts'
import { createRoutes } from './routes.ts'

const path = '/api/v1/echo'
const upload = '/api/v1/attachments'
const completions = '/v1/chat/completions'
const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url')

interface Sent {
  path?: string
  method?: string
  headers?: Record<string, string>
  body?: string | Uint8Array<ArrayBuffer> | ReadableStream
  /** Of the one body that the credential is good for. */
  bodyHash?: string
}

function request({ path: to = path, method = 'POST', headers = {}, body, bodyHash }: Sent) {
  const app = createRoutes()
  app.onError((error, c) => answerFailure(c, toFailure(error)))
  app.use((c, next) => {
    c.set('bodyHash', bodyHash)
    return next()
  })
  app.use(readBody())
  app.all('*', async (c) => c.text(await c.req.text()))
  const whole = body === undefined ? {} : { body, duplex: 'half' }
  return app.request(new Request(`http://backend${to}`, { method, headers, ...whole } as RequestInit))
}

async function outcome(sent: Sent): Promise<string> {
  const answer = await request(sent)
  if (answer.ok) return `read: ${await answer.text()}`
  const { error } = (await answer.json()) as { error: { code: string } }
  return error.code
}

const pieces = (...parts: (string | Error)[]) =>
  new ReadableStream({
    pull(controller) {
      const part = parts.shift()
      if (part === undefined) controller.close()
      else if (part instanceof Error) controller.error(part)
      else controller.enqueue(new TextEncoder().encode(part))
    },
  })
const withLength = (text: string) => ({ body: text, headers: { 'content-length': String(Buffer.byteLength(text)) } })

describe('a body', () => {
  it('is read whether its length was said or not', async () => {
    expect(await outcome(withLength('{"a":1}'))).toBe('read: {"a":1}')
    expect(await outcome({ body: pieces('{"a"', ':1}') })).toBe('read: {"a":1}')
    expect(await outcome({ method: 'DELETE' })).toBe('read: ')
    const both = { body: pieces('{"a":1}'), headers: { 'content-length': '3', 'transfer-encoding': 'chunked' } }
    expect(await outcome(both)).toBe('read: {"a":1}')
  })

  it.each<[string, Sent]>([
    ['compressed', { headers: { 'content-encoding': 'gzip' }, body: 'x' }],
    ['compressed twice', { headers: { 'content-encoding': 'identity, gzip' }, body: 'x' }],
  ])('is refused when it is %s', async (_, sent) => expect(await outcome(sent)).toBe('unsupported_media_type'))

  it('may say that it is not compressed', async () => {
    expect(await outcome({ headers: { 'content-encoding': 'Identity' }, body: 'x' })).toBe('read: x')
  })

  it.each(['gzip, chunked', 'identity', 'chunked, chunked', ''])('is refused in other codings: %s', async (coding) =>
    expect(await outcome({ headers: { 'transfer-encoding': coding }, body: 'x' })).toBe('bad_request'),
  )

  it('may be chunked, however that is spelt', async () => {
    expect(await outcome({ headers: { 'transfer-encoding': 'Chunked' }, body: pieces('x') })).toBe('read: x')
  })

  it.each(['GET', 'HEAD'])('does not belong to a request that only reads: %s', async (method) => {
    const status = async (headers: Record<string, string>) => (await request({ method, headers })).status
    expect(await status({})).toBe(200)
    expect(await status({ 'content-length': '0' })).toBe(200)
    expect(await status({ 'content-length': '1' })).toBe(400)
    expect(await status({ 'transfer-encoding': 'chunked' })).toBe(400)
  })

  it('that breaks off is no failure of ours', async () => {
    expect(await outcome({ body: pieces('{"a"', new Error('gone')) })).toBe('bad_request')
  })

  it('that does not come in half a minute is waited for no longer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const waiting = outcome({ body: new ReadableStream() })
      await vi.advanceTimersByTimeAsync(29_999)
      const early = await Promise.race([waiting, Promise.resolve('still waiting')])
      expect(early).toBe('still waiting')
      await vi.advanceTimersByTimeAsync(1)
      expect(await waiting).toBe('bad_request')
    } finally {
      vi.useRealTimers()
    }
  })

  it('leaves no clock behind once it is here', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await outcome(withLength('{}'))
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('how much', () => {
  it.each([
    [path, limits.jsonBodyBytes],
    [completions, limits.completionBodyBytes],
  ])('is counted, said or not: %s', async (to, bytes) => {
    const length = async (text: string) => (await outcome({ path: to, ...withLength(text) })).length
    expect(await length('x'.repeat(bytes))).toBe('read: '.length + bytes)
    expect(await outcome({ path: to, ...withLength('x'.repeat(bytes + 1)) })).toBe('payload_too_large')
    const half = 'x'.repeat(bytes / 2)
    expect(await outcome({ path: to, body: pieces(half, half) })).toBe(`read: ${half}${half}`)
    expect(await outcome({ path: to, body: pieces(half, half, 'x') })).toBe('payload_too_large')
  })

  it('is told in megabytes', async () => {
    const { error } = (await (await request(withLength('x'.repeat(limits.jsonBodyBytes + 1)))).json()) as {
      error: { message: string }
    }
    expect(error.message).toBe(`A request holds at most ${limits.jsonBodyBytes / 1024 / 1024} MB`)
  })

  it('is read no further than that, and whoever sends on is told to stop', async () => {
    let stopped = false
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(limits.jsonBodyBytes)),
      cancel: () => {
        stopped = true
        return Promise.reject(new Error('is not listening'))
      },
    })
    expect(await outcome({ body: endless })).toBe('payload_too_large')
    expect(stopped).toBe(true)
  })
})

describe('a credential for one body', () => {
  it('is good for that one alone', async () => {
    expect(await outcome({ ...withLength('{"a":1}'), bodyHash: hashOf('{"a":1}') })).toBe('read: {"a":1}')
    expect(await outcome({ ...withLength('{"a":2}'), bodyHash: hashOf('{"a":1}') })).toBe('unauthenticated')
    expect(await outcome({ method: 'DELETE', bodyHash: hashOf('') })).toBe('read: ')
    expect(await outcome({ method: 'DELETE', bodyHash: hashOf('x') })).toBe('unauthenticated')
  })

  it('is good for no file: that is streamed, and would be known too late', async () => {
    expect(await outcome({ path: upload, body: 'file', bodyHash: hashOf('file') })).toBe('unauthenticated')
    expect(await outcome({ path: `${upload}?x=1`, body: 'file', bodyHash: hashOf('file') })).toBe('unauthenticated')
  })
})

it('leaves a file to its route, however long it is', async () => {
  const file = 'x'.repeat(limits.jsonBodyBytes + 1)
  expect(await outcome({ path: upload, ...withLength(file) })).toBe(`read: ${file}`)
  expect(await outcome({ path: upload, method: 'PUT', ...withLength(file) })).toBe('payload_too_large')
})

describe('text', () => {
  it('is UTF-8', async () => {
    expect(await outcome({ body: new Uint8Array([0x7b, 0xff, 0x7d]) })).toBe('invalid_input')
  })

  it.each([
    ['"\\u0000"', 'invalid_input'],
    ['"a\\\\\\u0000"', 'invalid_input'],
    ['"\\\\u0000"', 'taken'],
    ['"\\u0001"', 'taken'],
    ['"\\ud83d\\ude00"', 'taken'],
    ['"\\uD83D\\uDE00"', 'taken'],
    ['"\\ud83d"', 'invalid_input'],
    ['"\\ude00"', 'invalid_input'],
    ['"\\ud83d\\ud83d\\ude00"', 'invalid_input'],
    ['"\\ude00\\ud83d"', 'invalid_input'],
    ['"\\ud83dx\\ude00"', 'invalid_input'],
    ['"\\\\ud83d"', 'taken'],
    ['"\\\\\\ud83d"', 'invalid_input'],
    ['"\\ud7ff"', 'taken'],
    ['"\\n\\ud83d\\ude00\\n"', 'taken'],
  ])('holds no character that PostgreSQL does not take: %s', async (text, result) => {
    const got = await outcome(withLength(text))
    expect(got).toBe(result === 'taken' ? `read: ${text}` : result)
  })
})
