import { lookup } from 'node:dns/promises'
import { Readable, pipeline } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { buildConnector, Client, type Dispatcher, errors } from 'undici'
import { NitroError } from '@nitroagi/shared/errors'
import { isPublicAddress, notPublic, type Target, targetOf } from './address-rules.ts'
import type { OutboundClient, OutboundRequest, OutboundResponse } from './port.ts'

interface Options {
  /** `host:port`, exactly; these may be inside. */
  allowedPrivateHosts: readonly string[]
  /** Every address that a name stands for. */
  resolve?: (hostname: string) => Promise<string[]>
  /** Opens a socket to an address that was checked. */
  connect?: buildConnector.connector
}

/** Sites name it in their robots.txt. */
const userAgent = 'NitroAGI/1.0'
const redirectsAtMost = 3
const connectMs = 5_000
const headersMs = 10_000
const silenceMs = 10_000
const totalSeconds = 30
const headerBytes = 32 * 1024
const redirects = new Set([301, 302, 303, 307, 308])

export function createOutboundClient({ allowedPrivateHosts, ...rest }: Options): OutboundClient {
  const allowed = new Set(allowedPrivateHosts)
  const resolve = rest.resolve ?? everyAddress
  const connect = rest.connect ?? buildConnector({ timeout: connectMs, allowH2: false, maxCachedSessions: 0 })

  /** Resolved once: a name that stands for something else a moment later changes nothing any more. */
  async function addressesOf(target: Target, signal: AbortSignal): Promise<string[]> {
    if (target.literal !== undefined) return [target.literal]
    const found = await untilAborted(resolve(target.hostname), signal).catch((cause: unknown) => {
      throw signal.aborted
        ? cause
        : new NitroError('fetch_failed', `There is no host ${target.hostname}, or it cannot be looked up now`, {
            cause,
          })
    })
    if (found.length === 0) throw new NitroError('fetch_failed', `There is no host ${target.hostname}`)
    if (!target.isAllowedInside && !found.every(isPublicAddress)) throw notPublic()
    return found
  }

  async function ask(target: Target, request: OutboundRequest, mayKnow: boolean, signal: AbortSignal) {
    const addresses = await addressesOf(target, signal)
    const client = new Client(target.url.origin, {
      connect: connectTo(addresses, target, connect),
      headersTimeout: headersMs,
      bodyTimeout: silenceMs,
      maxHeaderSize: headerBytes,
      maxResponseSize: request.maxBytes,
      allowH2: false,
    })
    try {
      const response = await client.request({
        method: 'GET',
        path: target.url.pathname + target.url.search,
        headers: {
          ...(mayKnow ? request.headers : {}),
          accept: request.accept ?? '*/*',
          'accept-encoding': 'gzip, deflate, br',
          'user-agent': userAgent,
        },
        signal,
      })
      return { client, response }
    } catch (error) {
      void client.destroy().catch(() => {})
      throw failureOf(error, target.hostname, signal)
    }
  }

  return {
    async open(url, request) {
      const signal = AbortSignal.any([
        request.signal,
        AbortSignal.timeout((request.totalSeconds ?? totalSeconds) * 1000),
      ])
      const first = targetOf(url, allowed)
      let target = first
      for (let redirected = 0; ; redirected++) {
        const mayKnow = target.url.origin === first.url.origin
        const { client, response } = await ask(target, request, mayKnow, signal).catch((error: unknown) => {
          throw request.signal.aborted ? request.signal.reason : error
        })
        const next = redirects.has(response.statusCode) ? headerOf(response, 'location') : null
        if (next === null) return responseOf({ client, response, target, request, signal })
        discard(client, response)
        if (redirected >= redirectsAtMost) {
          throw new NitroError('fetch_failed', `The page leads on more than ${redirectsAtMost} times`)
        }
        target = targetOf(URL.parse(next, target.url.href)?.href ?? next, allowed)
      }
    },

    async check(url, signal) {
      await addressesOf(targetOf(url, allowed), signal)
    },
  }
}

const everyAddress = async (hostname: string) => (await lookup(hostname, { all: true })).map(({ address }) => address)

/** One after the other, IPv4 first, because a machine without IPv6 may wait for an answer that never comes. */
function connectTo(addresses: string[], target: Target, connect: buildConnector.connector): buildConnector.connector {
  const inOrder = addresses.toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':')))
  return ({ protocol }, callback) => {
    const attempt = (at: number) => {
      const options: buildConnector.Options = {
        hostname: inOrder[at]!,
        host: target.url.host,
        protocol,
        port: String(target.port),
        // The certificate must be that of the name, whatever address it stands for.
        ...(protocol === 'https:' && target.literal === undefined ? { servername: target.hostname } : {}),
      }
      connect(options, (error, socket) => {
        if (error === null) callback(null, socket)
        else if (at + 1 < inOrder.length) attempt(at + 1)
        else callback(error, null)
      })
    }
    attempt(0)
  }
}

interface Answer {
  client: Client
  response: Dispatcher.ResponseData
  target: Target
  request: OutboundRequest
  signal: AbortSignal
}

function responseOf(answer: Answer): OutboundResponse {
  const { client, response, target } = answer
  const body = Readable.from(readBody(answer), { objectMode: false })
  return {
    url: target.url.href,
    status: response.statusCode,
    mediaType: headerOf(response, 'content-type')?.split(';')[0]?.trim().toLowerCase() || null,
    header: (name) => headerOf(response, name),
    body,
    close() {
      body.destroy()
      discard(client, response)
    },
  }
}

function discard(client: Client, response: Dispatcher.ResponseData): void {
  response.body.on('error', () => {})
  response.body.destroy()
  void client.destroy().catch(() => {})
}

async function* readBody({ client, response, target, request, signal }: Answer): AsyncGenerator<Buffer> {
  const failure: { error?: unknown } = {}
  let bytes = 0
  try {
    const unpacked = unpack(response, (error) => (failure.error ??= error))
    // What unpacks to more than it may be is stopped as it comes, however little of it was sent.
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > request.maxBytes) throw tooLarge(request.maxBytes)
      yield chunk
    }
  } catch (error) {
    if (request.signal.aborted) throw request.signal.reason
    throw failureOf(failure.error ?? error, target.hostname, signal, request.maxBytes)
  } finally {
    discard(client, response)
  }
}

function unpack(response: Dispatcher.ResponseData, onError: (error: unknown) => void): Readable {
  const encoding = (headerOf(response, 'content-encoding') ?? 'identity').trim().toLowerCase()
  const unpacker = unpackers[encoding]
  if (encoding === 'identity' || encoding === '') return response.body
  if (!unpacker) throw new NitroError('fetch_failed', 'The page comes packed in a way that is not known here')
  return pipeline(response.body, unpacker(), (error) => error && onError(error))
}

const unpackers: Record<string, (() => NodeJS.ReadWriteStream & Readable) | undefined> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

function headerOf({ headers }: Dispatcher.ResponseData, name: string): string | null {
  const value = headers[name.toLowerCase()]
  return (Array.isArray(value) ? value[0] : value) ?? null
}

function failureOf(error: unknown, hostname: string, signal: AbortSignal, maxBytes = 0): NitroError {
  if (error instanceof NitroError) return error
  const late = [errors.HeadersTimeoutError, errors.BodyTimeoutError, errors.ConnectTimeoutError]
  if (signal.aborted || late.some((kind) => error instanceof kind)) {
    return new NitroError('fetch_timeout', `${hostname} took too long to answer`, { cause: error })
  }
  if (error instanceof errors.ResponseExceededMaxSizeError) return tooLarge(maxBytes)
  const isUntrusted = /CERT|SELF_SIGNED/.test(codeOf(error))
  const reason = isUntrusted ? 'has a certificate that is not valid' : 'cannot be reached, or broke off'
  return new NitroError('fetch_failed', `${hostname} ${reason}`, { cause: error })
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '')

const tooLarge = (maxBytes: number) =>
  new NitroError(
    'fetch_too_large',
    `It is larger than the ${Math.max(1, Math.floor(maxBytes / 1024 / 1024))} MB that are fetched`,
  )

function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
