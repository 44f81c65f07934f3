import { randomUUID } from 'node:crypto'
import { limits } from '@nitroagi/shared/limits'
import { describe, expect, it } from 'vitest'
import { backendHeaders, backendPath, browserHeaders, checkSameOrigin, readBody, targetUrl } from './rules.ts'

const id = '01890a5d-ac96-774b-bcce-b302099a8057'

describe('what may be asked', () => {
  it.each([
    ['GET', '/api/backend/me', '/api/v1/me'],
    ['POST', `/api/backend/conversations/${id}/messages`, `/api/v1/conversations/${id}/messages`],
    ['GET', `/api/backend/runs/${id}/events`, `/api/v1/runs/${id}/events`],
    ['DELETE', '/api/backend/me/identities/github', '/api/v1/me/identities/github'],
    ['PATCH', `/api/backend/workspace/members/${id}`, `/api/v1/workspace/members/${id}`],
    ['PUT', `/api/backend/messages/${id}/feedback`, `/api/v1/messages/${id}/feedback`],
    ['GET', '/api/backend/modules/metrics', '/api/v1/modules/metrics'],
    ['PATCH', '/api/backend/modules/language', '/api/v1/modules/language'],
    ['POST', '/api/backend/modules/language/test', '/api/v1/modules/language/test'],
    ['GET', '/api/backend/documents/events', '/api/v1/documents/events'],
    ['DELETE', `/api/backend/attachments/${id}`, `/api/v1/attachments/${id}`],
    ['POST', '/api/backend/audio/speech', '/api/v1/audio/speech'],
    ['GET', `/api/backend/documents/${id}/pages/12`, `/api/v1/documents/${id}/pages/12`],
  ])('lets %s %s through', (method, path, expected) => {
    expect(backendPath(method, path)).toBe(expected)
  })

  it.each([
    '/api/backend/',
    '/api/backend',
    '/api/backend/nothing',
    '/api/backend/me/',
    '/api/backend//me',
    '/api/backend/./me',
    '/api/backend/../me',
    '/api/backend/conversations/../me',
    `/api/backend/conversations/${id}/../../me`,
    '/api/backend/conversations%2fme',
    '/api/backend/conversations/%2e%2e/me',
    '/api/backend/conversations/%5c..%5cme',
    '/api/backend/conversations\\me',
    '/api/backend/me%00',
    '/api/backend/ME',
    '/api/backend/https://evil.example/me',
    '/api/backend/@evil.example/me',
    `/api/backend/runs/${id.toUpperCase()}/events`,
    '/api/backend/runs/1/events',
    `/api/backend/documents/${id}/pages/0`,
    `/api/backend/documents/${id}/pages/-1`,
    '/api/backend/operator/users',
    '/api/backend/auth/sign-in',
    '/api/other/me',
  ])('knows nothing at %s', (path) => {
    expect(() => backendPath('GET', path)).toThrow(expect.objectContaining({ code: 'not_found' }))
  })

  it('refuses a method that the address does not take', () => {
    expect(() => backendPath('DELETE', '/api/backend/me')).toThrow(
      expect.objectContaining({ code: 'method_not_allowed' }),
    )
  })

  it('never asks another host than the one it was told', () => {
    expect(targetUrl('http://127.0.0.1:8000', '/api/v1/me', '?a=%2f..@evil').origin).toBe('http://127.0.0.1:8000')
    expect(() => targetUrl('http://127.0.0.1:8000', '@evil.example/me', '')).toThrow('cannot be forwarded')
    expect(() => targetUrl('http://127.0.0.1:8000', '', '@evil.example/')).toThrow('cannot be forwarded')
    expect(() => targetUrl('http://127.0.0.1:8000', '/api/v1/me/../you', '')).toThrow('cannot be forwarded')
    expect(targetUrl('http://backend.test/below', '/api/v1/me', '').href).toBe('http://backend.test/below/api/v1/me')
  })

  it('asks for no address that is longer than a server takes', () => {
    const ask = (length: number) => {
      const base = 'http://127.0.0.1:8000'
      return targetUrl(base, '/api/v1/me', `?${'a'.repeat(length - base.length - '/api/v1/me?'.length)}`)
    }
    expect(ask(limits.urlBytes).href).toHaveLength(limits.urlBytes)
    expect(() => ask(limits.urlBytes + 1)).toThrow('cannot be forwarded')
  })
})

describe('who may ask', () => {
  const request = (method: string, headers: Record<string, string>) => ({ method, headers: new Headers(headers) })

  it('lets every page read with GET, and only our own pages change something', () => {
    for (const method of ['GET', 'HEAD'])
      expect(() => checkSameOrigin(request(method, { 'sec-fetch-site': 'cross-site' }))).not.toThrow()
    expect(() => checkSameOrigin(request('POST', { 'sec-fetch-site': 'same-origin' }))).not.toThrow()
    for (const site of ['cross-site', 'same-site', 'none']) {
      expect(() => checkSameOrigin(request('POST', { 'sec-fetch-site': site }))).toThrow('did not come from this site')
    }
  })

  it('falls back to Origin for a browser that does not say where it comes from', () => {
    const ours = { origin: 'https://nitro.example', host: 'nitro.example' }
    expect(() => checkSameOrigin(request('DELETE', ours))).not.toThrow()
    expect(() => checkSameOrigin(request('DELETE', ours), 'https://nitro.example')).not.toThrow()
    expect(() => checkSameOrigin(request('DELETE', { ...ours, origin: 'https://evil.example' }))).toThrow()
    expect(() => checkSameOrigin(request('DELETE', { ...ours, origin: 'null' }))).toThrow()
    expect(() => checkSameOrigin(request('DELETE', { host: 'nitro.example' }))).toThrow()
    const forgedHost = { origin: 'https://evil.example', host: 'evil.example' }
    expect(() => checkSameOrigin(request('DELETE', forgedHost), 'https://nitro.example')).toThrow()
  })
})

describe('what is handed on', () => {
  it('hands on five headers of a request and none of two hundred others', () => {
    const from = new Headers({
      accept: 'application/json',
      'accept-language': 'en',
      'content-type': 'application/json',
      'idempotency-key': 'k',
      'last-event-id': '7',
      cookie: 'session=secret',
      authorization: 'Bearer forged',
      'x-forwarded-for': '10.0.0.1',
      'x-user-id': 'somebody-else',
      'x-middleware-subrequest': 'proxy',
    })
    for (let count = 0; count < 200; count++) from.set(`x-${randomUUID()}`, 'anything')
    const headers = Object.fromEntries(backendHeaders(from, 'ours'))
    expect(Object.keys(headers).sort()).toEqual([
      'accept',
      'accept-language',
      'authorization',
      'content-type',
      'idempotency-key',
      'last-event-id',
      'x-request-id',
    ])
    expect(headers['authorization']).toBe('Bearer ours')
    expect([...backendHeaders(new Headers(), 'ours').keys()]).toEqual(['authorization', 'x-request-id'])
  })

  it('keeps the backend’s own affairs out of the answer, and no cache may keep it', () => {
    const headers = browserHeaders(
      new Headers({
        'content-type': 'application/json',
        'retry-after': '3',
        'set-cookie': 'a=b',
        server: 'x',
        location: 'http://internal:8000/',
        'access-control-allow-origin': '*',
        'cache-control': 'public, max-age=600',
        'content-encoding': 'gzip',
        'content-security-policy': 'sandbox',
      }),
    )
    expect(Object.fromEntries(headers)).toEqual({
      'content-type': 'application/json',
      'content-security-policy': 'sandbox',
      'retry-after': '3',
      'cache-control': 'private, no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    })
  })

  it('takes JSON up to a megabyte and nothing else', async () => {
    const post = (body: BodyInit, type = 'application/json', extra: Record<string, string> = {}) =>
      readBody(new Request('http://x/', { method: 'POST', body, headers: { 'content-type': type, ...extra } }))
    expect(new TextDecoder().decode(await post('{"a":1}', 'application/json; charset=utf-8'))).toBe('{"a":1}')
    expect(await readBody(new Request('http://x/', { method: 'POST' }))).toBeUndefined()
    await expect(post('a=1', 'application/x-www-form-urlencoded')).rejects.toMatchObject({
      code: 'unsupported_media_type',
    })
    await expect(post('{}', 'text/plain')).rejects.toMatchObject({ code: 'unsupported_media_type' })
    await expect(post('x'.repeat(1024 * 1024 + 1))).rejects.toMatchObject({ code: 'payload_too_large' })
    expect(await post('x'.repeat(1024 * 1024))).toHaveLength(1024 * 1024)
  })

  it('does not begin to read a body that says that it is too large, and takes one of nothing for none', async () => {
    const declared = { 'content-type': 'application/json', 'content-length': `${1024 * 1024 + 1}` }
    const large = new Request('http://x/', { method: 'POST', body: '{}', headers: declared })
    await expect(readBody(large)).rejects.toMatchObject({ code: 'payload_too_large' })
    expect(large.bodyUsed).toBe(false)
    const exactly = { ...declared, 'content-length': `${1024 * 1024}` }
    expect(await readBody(new Request('http://x/', { method: 'POST', body: '{}', headers: exactly }))).toHaveLength(2)
    const nothing = new Request('http://x/', { method: 'POST', body: new Uint8Array(0) })
    expect(await readBody(nothing)).toBeUndefined()
  })

  it('stops reading a body that is larger than it says', async () => {
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536
        controller.enqueue(new Uint8Array(65_536))
      },
    })
    const request = new Request('http://x/', {
      method: 'POST',
      body: endless,
      duplex: 'half',
      headers: { 'content-type': 'application/json', 'content-length': '2' },
    } as RequestInit)
    await expect(readBody(request)).rejects.toMatchObject({ code: 'payload_too_large' })
    expect(sent).toBeLessThan(2 * 1024 * 1024)
  })
})
