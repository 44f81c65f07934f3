import { EventEmitter } from 'node:events'
import { NitroError } from '@nitroagi/shared/errors'
import { describe, expect, it } from 'vitest'
import { testCall } from '../../test/test-call.ts'
import type { Admission } from '../services/rate-limits.ts'
import { answerFailure, toFailure } from './errors.ts'
import { addressBehind, clientAddress, limitRequests } from './rate-limits.ts'
import { createRoutes } from './routes.ts'

interface Given {
  isKnown?: boolean
  isCounted?: boolean
  refusal?: NitroError
  outgoing?: EventEmitter & { closed?: boolean }
}

function setUp({ isKnown = true, isCounted = true, refusal, outgoing }: Given = {}) {
  const state = { admitted: 0, released: 0, reached: 0 }
  const admission: Admission = {
    limit: 60,
    remaining: 7,
    resetAtMs: 1_700_000_000_001,
    refusal,
    release: () => void state.released++,
  }
  const app = createRoutes()
  app.onError((error, c) => answerFailure(c, toFailure(error)))
  app.use((c, next) => {
    c.set('requestId', '11111111-1111-4111-8111-111111111111')
    if (isKnown) c.set('call', testCall())
    return next()
  })
  app.use(
    limitRequests({
      admit: async () => (state.admitted++, isCounted ? admission : undefined),
      count: async () => {},
      close() {},
    }),
  )
  app.get('/broken', () => {
    throw new Error('broken')
  })
  app.get('/own-head', () => new Response('fine', { headers: { 'x-ratelimit-limit': 'mine' } }))
  app.all('*', (c) => (state.reached++, c.text('fine')))
  const ask = async (path = '/api/v1/me') => {
    const bindings = outgoing ? { outgoing } : undefined
    const { status, headers } = await app.request(path, {}, bindings)
    return { status, told: ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}`)) }
  }
  return { ask, state }
}

const told = ['60', '7', '1700000001']
const nothing = [null, null, null]

describe('a request', () => {
  it('is counted until its answer is out, and says what is left', async () => {
    const { ask, state } = setUp()
    expect(await ask()).toEqual({ status: 200, told })
    expect(state).toEqual({ admitted: 1, released: 1, reached: 1 })
  })

  it('is counted until the last byte is out, whoever ends it', async () => {
    const outgoing = Object.assign(new EventEmitter(), { closed: false })
    const { ask, state } = setUp({ outgoing })
    await ask()
    expect(state.released).toBe(0)
    outgoing.emit('close')
    expect(state.released).toBe(1)
  })

  it('is counted no longer when its reader left before there was an answer', async () => {
    const { ask, state } = setUp({ outgoing: Object.assign(new EventEmitter(), { closed: true }) })
    await ask()
    expect(state.released).toBe(1)
  })

  it('is counted no longer when it failed, and says what is left all the same', async () => {
    const { ask, state } = setUp()
    expect(await ask('/broken')).toEqual({ status: 500, told })
    expect(state.released).toBe(1)
  })

  it('says what is left where an answer has a head of its own', async () => {
    expect(await setUp().ask('/own-head')).toEqual({ status: 200, told })
  })

  it('that is one too many does nothing, and says when there will be more', async () => {
    const { ask, state } = setUp({ refusal: new NitroError('rate_limited', 'Wait') })
    expect(await ask()).toEqual({ status: 429, told })
    expect(state.reached).toBe(0)
  })

  it('of nobody who is known here, or for whom nothing is counted, goes on', async () => {
    const stranger = setUp({ isKnown: false })
    expect(await stranger.ask()).toEqual({ status: 200, told: nothing })
    expect(stranger.state.admitted).toBe(0)
    expect(await setUp({ isCounted: false }).ask()).toEqual({ status: 200, told: nothing })
  })

  it.each(['/health', '/health/live', '/health/ready', '/metrics', '/metrics?limit=1'])(
    'of whoever watches the machine is not counted: %s',
    async (path) => {
      const { ask, state } = setUp()
      expect(await ask(path)).toEqual({ status: 200, told: nothing })
      expect(state.admitted).toBe(0)
    },
  )
})

describe('the address of a request', () => {
  it.each([
    ['nobody is trusted', 0, '203.0.113.9, 198.51.100.7', '10.0.0.1'],
    ['one proxy stands in front', 1, '203.0.113.9, 198.51.100.7', '198.51.100.7'],
    ['two do', 2, '203.0.113.9, 198.51.100.7', '203.0.113.9'],
    ['fewer do than was said', 3, '203.0.113.9, 198.51.100.7', '10.0.0.1'],
    ['the header holds no address', 1, '203.0.113.9, unknown', '10.0.0.1'],
    ['there is nothing around the comma', 1, '203.0.113.9,198.51.100.7  ', '198.51.100.7'],
    ['it is of version 6', 1, '2001:db8::7', '2001:db8::7'],
    ['there is no header', 1, undefined, '10.0.0.1'],
  ])('is right when %s', (_, trusted, header, expected) => {
    expect(addressBehind(trusted, '10.0.0.1', header)).toBe(expected)
  })

  it('is read from the socket and the header', async () => {
    const app = createRoutes()
    app.get('/:trusted', (c) => c.json(clientAddress(c, Number(c.req.param('trusted'))) ?? null))
    const ask = async (trusted: number, header: string | undefined, remoteAddress: string | undefined) => {
      const headers = header === undefined ? {} : { 'x-forwarded-for': header }
      return (await app.request(`/${trusted}`, { headers }, { incoming: { socket: { remoteAddress } } })).json()
    }
    expect(await ask(0, '203.0.113.9', '10.0.0.1')).toBe('10.0.0.1')
    expect(await ask(1, '203.0.113.9', '10.0.0.1')).toBe('203.0.113.9')
    expect(await ask(1, undefined, '10.0.0.1')).toBe('10.0.0.1')
    expect(await ask(1, undefined, undefined)).toBe(null)
    expect(await (await app.request('/0')).json()).toBe(null)
  })
})
