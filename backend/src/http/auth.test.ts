import { NitroError } from '@nitroagi/shared/errors'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../call.ts'
import type { Identified, Presented } from '../identity/authenticate.ts'
import { silentLog } from '../log.ts'
import type { Stranger } from '../services/refused-credentials.ts'
import { requireCredential } from './auth.ts'
import { answerFailure, toFailure } from './errors.ts'
import { createRoutes } from './routes.ts'

const ada: Actor = { userId: 'ada', workspaceId: 'w1', role: 'member', via: 'session', scopes: ['read'] }
const ourId = '11111111-1111-4111-8111-111111111111'
const theirId = '22222222-2222-4222-8222-222222222222'

function setUp(identified: Partial<Identified> = {}) {
  const asked: Presented[] = []
  const watched: Stranger[] = []
  const app = createRoutes()
  app.onError((error, c) => answerFailure(c, toFailure(error)))
  app.use((c, next) => {
    c.set('requestId', ourId)
    return next()
  })
  app.use(
    requireCredential({
      async authenticate(request) {
        asked.push(request)
        if (request.header('authorization') === undefined) throw new NitroError('unauthenticated', 'Send a credential')
        request.onSigned?.()
        return { actor: ada, fromWebApp: false, ...identified }
      },
      log: silentLog,
      refusedCredentials: {
        watch(stranger, prove) {
          watched.push(stranger)
          return prove(() => {})
        },
      },
      trustedProxies: 0,
      selfAuthenticated: ['/ws'],
    }),
  )
  app.all('*', (c) =>
    c.json({
      who: c.get('call')?.actor.userId,
      requestId: c.get('requestId'),
      address: c.get('clientAddress'),
      agent: c.get('clientAgent'),
      bodyHash: c.get('bodyHash'),
    }),
  )
  const ask = async (path: string, { method = 'GET', headers = {} }: RequestInit = {}) => {
    const answer = await app.request(path, {
      method,
      headers: { authorization: 'Bearer  credential', ...(headers as Record<string, string>) },
    })
    return { status: answer.status, body: answer.status === 200 ? await answer.json() : undefined }
  }
  const askBare = async (path: string, method = 'GET') => (await app.request(path, { method })).status
  return { ask, askBare, asked, watched }
}

describe('without a credential', () => {
  it('nothing is there but whether the machine lives, and what checks for itself, to be read', async () => {
    const { askBare, asked } = setUp()
    expect(await Promise.all(['/health/live', '/health/ready', '/ws'].map((path) => askBare(path)))).toEqual([
      200, 200, 200,
    ])
    expect(await askBare('/ws', 'HEAD')).toBe(200)
    expect(asked).toEqual([])
    for (const path of ['/health', '/health/live/', '/health/%6cive', '/HEALTH/LIVE', '/ws/x', '/', '/api/v1/me']) {
      expect(await askBare(path), path).toBe(401)
    }
    expect(await askBare('/health/live', 'POST')).toBe(401)
    expect(await askBare('/ws', 'DELETE')).toBe(401)
  })

  it('nobody is counted as a stranger who shows nothing', async () => {
    const { askBare, watched } = setUp()
    await askBare('/api/v1/me')
    expect(watched).toEqual([])
  })
})

it('checks what was sent, as it was sent, and counts it by the credential alone', async () => {
  const { ask, asked, watched } = setUp()
  expect((await ask('/api/v1/%6de?x=1', { method: 'POST' })).body).toMatchObject({ who: 'ada' })
  expect(asked[0]).toMatchObject({ method: 'POST', path: '/api/v1/%6de' })
  expect(asked[0]?.header('x-nothing')).toBeUndefined()
  expect(watched).toEqual([{ address: undefined, credential: 'credential' }])
})

describe('what a request says of itself', () => {
  it('is taken over from the web app alone', async () => {
    const headers = { 'x-request-id': theirId }
    expect((await setUp().ask('/x', { headers })).body).toMatchObject({ requestId: ourId })
    expect((await setUp({ fromWebApp: true }).ask('/x', { headers })).body).toMatchObject({ requestId: theirId })
  })

  it('is an id, or is not taken over', async () => {
    const odd = setUp({ fromWebApp: true })
    expect((await odd.ask('/x', { headers: { 'x-request-id': 'line\\nbreak' } })).body).toMatchObject({
      requestId: ourId,
    })
    expect((await odd.ask('/x')).body).toMatchObject({ requestId: ourId })
  })

  it('is what the credential says, not what a header does', async () => {
    const said = { clientAddress: '192.0.2.7', clientAgent: 'A browser', bodyHash: 'hash' }
    const headers = { 'x-forwarded-for': '203.0.113.1', 'user-agent': 'Another' }
    expect((await setUp(said).ask('/x', { headers })).body).toMatchObject({
      address: '192.0.2.7',
      agent: 'A browser',
      bodyHash: 'hash',
    })
    expect((await setUp().ask('/x', { headers })).body).not.toHaveProperty('address')
  })
})

describe('somebody whose workspace asks for a second factor that they have not set up', () => {
  const waiting = () => setUp({ actor: { ...ada, needsSecondFactor: true } })

  it.each(['/api/v1/me', '/api/v1/me/second-factor', '/api/v1/me/second-factor/confirm', '/api/v1/sessions/current'])(
    'can reach what is their own: %s',
    async (path) => expect((await waiting().ask(path)).status).toBe(200),
  )

  it.each([
    '/api/v1/conversations',
    '/api/v1/me/other',
    '/x/api/v1/me',
    '/api/v1/mex',
    '/api/v1/workspaces/w1',
    '/v1/models',
  ])('can reach nothing else: %s', async (path) => expect((await waiting().ask(path)).status).toBe(403))
})
