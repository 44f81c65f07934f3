import type { NitroError } from '@nitroagi/shared/errors'
import { actAsHeader } from '@nitroagi/shared/operator'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../call.ts'
import type { Accounts } from '../services/accounts.ts'
import type { ApiKeys } from '../services/api-keys.ts'
import type { Tickets } from '../services/tickets.ts'
import { createAuthenticate, type Presented, uploadPath } from './authenticate.ts'
import type { WebTokens } from './web-tokens.ts'

const operatorKey = 'operator-key-of-this-machine-0123456789'
const collectionId = '11111111-1111-4111-8111-111111111111'
const uploads = `/api/v1/collections/${collectionId}/documents`
const me = '/api/v1/me'
const ada: Actor = { userId: 'ada', workspaceId: 'w1', role: 'member', via: 'session', scopes: ['read'] }
const signed = 'eyJhbGciOiJFZERTQSJ9.claims.signature'
const token = (prefix: string) => `${prefix}0123456789012345678901234567890123456789012`

function setUp({ isEmpty = false, ticket = {} as Partial<Actor> } = {}) {
  const asked: string[] = []
  const authenticate = createAuthenticate({
    tokens: {
      async person(given, { method, path }) {
        asked.push(`person ${given === signed} ${method} ${path}`)
        return { jti: 'j', sub: 'ada', wid: 'w1', sid: 's1', bh: 'hash' }
      },
      async service(given, { method, path }) {
        asked.push(`service ${given === signed} ${method} ${path}`)
        return { jti: 'j', sub: 'web', cip: '192.0.2.7', cua: 'A browser', bh: 'hash' }
      },
    } satisfies WebTokens,
    accounts: {
      async actor(who: object) {
        asked.push(`who ${JSON.stringify(who)}`)
        return ada
      },
      async operatorActor(email?: string) {
        asked.push(`operator ${email}`)
        return isEmpty ? undefined : ada
      },
    } as unknown as Accounts,
    apiKeys: {
      async actor(key: string) {
        asked.push(`key ${key.slice(0, 8)}`)
        return { ...ada, via: 'api-key' }
      },
    } as unknown as ApiKeys,
    tickets: {
      async consume(kind: string, given: string, origin: string | undefined) {
        asked.push(`ticket ${kind} ${given.slice(0, 3)} ${origin}`)
        return { ...ada, via: 'ticket', ...ticket }
      },
    } as unknown as Tickets,
    operatorKey,
  })
  const ask = (
    credential: string | undefined,
    {
      path = me,
      method = 'GET',
      headers = {},
      onSigned,
    }: Partial<Presented> & { headers?: Record<string, string> } = {},
  ) => {
    const all: Record<string, string | undefined> = {
      ...(credential === undefined ? {} : { authorization: credential }),
      ...headers,
    }
    return authenticate({ method, path, header: (name) => all[name], ...(onSigned ? { onSigned } : {}) })
  }
  const code = (...given: Parameters<typeof ask>) =>
    ask(...given).then(
      () => 'taken',
      (error: NitroError) => error.code,
    )
  return { ask, code, asked }
}

describe('a request', () => {
  it('shows one bearer credential', async () => {
    const { code, asked } = setUp()
    expect(await code(undefined)).toBe('unauthenticated')
    for (const wrong of [
      '',
      'Bearer',
      'Bearer ',
      `Basic ${token('nk_')}`,
      `Bearer ${'x'.repeat(19)}`,
      `Bearer ${'x'.repeat(4_097)}`,
      `Bearer ${token('nk_')}, Bearer ${token('nk_')}`,
      `Bearer ${token('nk_')} more`,
      `xBearer ${token('nk_')}`,
      `Bearer ${token('nk_')}!`,
      `Bearer${token('nk_')}`,
    ]) {
      expect(await code(wrong), wrong.slice(0, 40)).toBe('unauthenticated')
    }
    expect(asked).toEqual([])
    expect(await code(`bearer  ${token('nk_')}`)).toBe('taken')
    expect(await code(`Bearer nk_${'x'.repeat(17)}`)).toBe('taken')
    expect(await code(`Bearer nk_${'x'.repeat(4_093)}`)).toBe('taken')
  })

  it.each(['x-api-key', 'api-key', 'x-goog-api-key', 'proxy-authorization'])(
    'shows no second one, even an empty one: %s',
    async (name) => {
      const { code, asked } = setUp()
      expect(await code(`Bearer ${token('nk_')}`, { headers: { [name]: '' } })).toBe('bad_request')
      expect(asked).toEqual([])
    },
  )
})

describe('the web app', () => {
  it('speaks for a person, whose rights are looked up, and again for answers that last', async () => {
    const { ask, asked } = setUp()
    let isSigned = false
    const { renew, ...identified } = await ask(`Bearer ${signed}`, { onSigned: () => (isSigned = true) })
    expect(identified).toEqual({ actor: ada, fromWebApp: true, bodyHash: 'hash' })
    expect(isSigned).toBe(true)
    const who = 'who {"userId":"ada","workspaceId":"w1","sessionId":"s1"}'
    expect(asked).toEqual([`person true GET ${me}`, who])
    expect(await renew?.()).toEqual(ada)
    expect(asked.at(-1)).toBe(who)
    await ask(`Bearer ${signed}`)
  })

  it('speaks for itself before somebody has signed in, and is nobody then', async () => {
    const { ask, asked } = setUp()
    let isSigned = false
    const path = '/api/v1/auth/sign-in'
    const identified = await ask(`Bearer ${signed}`, { path, method: 'POST', onSigned: () => (isSigned = true) })
    expect(identified).toEqual({
      actor: {
        userId: '00000000-0000-0000-0000-000000000000',
        workspaceId: '00000000-0000-0000-0000-000000000000',
        role: 'viewer',
        via: 'service',
        scopes: [],
      },
      fromWebApp: true,
      clientAddress: '192.0.2.7',
      clientAgent: 'A browser',
      bodyHash: 'hash',
    })
    expect([isSigned, asked]).toEqual([true, [`service true POST ${path}`]])
    await ask(`Bearer ${signed}`, { path })
  })

  it.each(['/v1/chat/completions', '/health', '/', '/api/v2/me', '/x/api/v1/me', '/API/v1/me'])(
    'is not let in elsewhere: %s',
    async (path) => {
      const { code, asked } = setUp()
      expect(await code(`Bearer ${signed}`, { path })).toBe('unauthenticated')
      expect(asked).toEqual([])
    },
  )
})

it('takes a key anywhere, and asks about it again for answers that last', async () => {
  const { ask, asked } = setUp()
  const { actor, renew, fromWebApp } = await ask(`Bearer ${token('nk_live_')}`, { path: '/v1/chat/completions' })
  expect([actor.via, fromWebApp]).toEqual(['api-key', false])
  await renew?.()
  expect(asked).toEqual(['key nk_live_', 'key nk_live_'])
})

describe('a ticket', () => {
  const post = { method: 'POST', path: uploads, headers: { origin: 'https://nitro.example' } }

  it('uploads to the collection that it is for', async () => {
    const { ask, asked } = setUp({ ticket: { collectionId } })
    const identified = await ask(`Bearer ${token('nt_')}`, {
      ...post,
      path: uploads.toUpperCase().replace('/API/V1/COLLECTIONS', '/api/v1/collections'),
    })
    expect(identified).toMatchObject({ actor: { via: 'ticket' }, fromWebApp: false })
    expect(identified.renew).toBeUndefined()
    expect(asked).toEqual(['ticket upload nt_ https://nitro.example'])
  })

  it.each(['/api/v1/attachments', '/api/v1/audio/transcriptions'])('brings files to a message: %s', async (path) => {
    const { ask, asked } = setUp()
    await ask(`Bearer ${token('nt_')}`, { ...post, path })
    expect(asked).toEqual(['ticket attachment nt_ https://nitro.example'])
  })

  it.each([
    [uploads, {}],
    [uploads, { collectionId: collectionId.replace('1', '2') }],
    ['/api/v1/attachments', { collectionId }],
  ])('is refused for another collection than its own: %s %o', async (path, ticket) => {
    expect(await setUp({ ticket }).code(`Bearer ${token('nt_')}`, { ...post, path })).toBe('unauthenticated')
  })

  it.each([
    ['GET', uploads],
    ['PUT', uploads],
    ['POST', me],
    ['POST', `${uploads}/x`],
    ['POST', `/x${uploads}`],
    ['POST', '/api/v1/auth/sign-in'],
    ['POST', '/api/v1/collections/documents'],
  ])('opens nothing else, and is not spent there: %s %s', async (method, path) => {
    const { code, asked } = setUp({ ticket: { collectionId } })
    expect(await code(`Bearer ${token('nt_')}`, { ...post, method, path })).toBe('unauthenticated')
    expect(asked).toEqual([])
  })
})

describe('the operator', () => {
  const bearer = `Bearer ${operatorKey}`

  it.each([
    '/api/v1/operator/users',
    '/api/v1/operator/x/y',
    '/api/v1/system',
    '/api/v1/openapi.json',
    '/health',
    '/metrics',
  ])('looks after the machine as nobody, without a database: %s', async (path) => {
    const { ask, asked } = setUp()
    const { actor, fromWebApp, renew } = await ask(bearer, { path })
    expect(actor).toEqual({
      userId: '00000000-0000-0000-0000-000000000000',
      workspaceId: '00000000-0000-0000-0000-000000000000',
      role: 'owner',
      via: 'operator',
      scopes: ['read', 'chat', 'knowledge', 'admin'],
    })
    expect([fromWebApp, renew, asked]).toEqual([false, undefined, []])
  })

  it.each([
    me,
    '/api/v1/operator',
    '/api/v1/systems',
    '/x/health',
    '/api/v1/openapi_json',
    '/healthy',
    '/x/api/v1/system',
  ])('acts for the first owner elsewhere: %s', async (path) => {
    const { ask, asked } = setUp()
    expect((await ask(bearer, { path })).actor).toEqual(ada)
    expect(asked).toEqual(['operator undefined'])
  })

  it('acts for whom they name, by an address', async () => {
    const { ask, code, asked } = setUp()
    await ask(bearer, { headers: { [actAsHeader]: ' Ada@Example.com ' } })
    expect(asked).toEqual(['operator ada@example.com'])
    expect(await code(bearer, { headers: { [actAsHeader]: 'ada' } })).toBe('invalid_input')
    expect(await code(bearer, { headers: { [actAsHeader]: '' } })).toBe('invalid_input')
    expect(asked).toHaveLength(1)
  })

  it('is told what to do while there is nobody to act for', async () => {
    await expect(setUp({ isEmpty: true }).ask(bearer)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('is known by the whole key', async () => {
    const { code } = setUp()
    const asked = await code(`Bearer ${operatorKey}x`, { path: '/metrics' })
    expect(asked).toBe('unauthenticated')
    expect(await code(`Bearer ${operatorKey.slice(0, -1)}`, { path: '/metrics' })).toBe('unauthenticated')
  })
})

it('knows where files come in, in one spelling', () => {
  const comeIn = (path: string) => uploadPath.test(path)
  expect([uploads, '/api/v1/attachments', '/api/v1/audio/transcriptions'].map(comeIn)).toEqual([true, true, true])
  expect(['/api/v1/attachments/', '/api/v1/attachmentsx', 'x/api/v1/attachments', '/api/v1/audio'].map(comeIn)).toEqual(
    [false, false, false, false],
  )
})
