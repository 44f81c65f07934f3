import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { createTestWeb, personClaims, serviceClaims } from '../../test/test-web.ts'
import { createWebTokens } from './web-tokens.ts'
import { readWebKeys } from './web-keys.ts'

const web = createTestWeb()
const tokens = createWebTokens({ keys: readWebKeys([web.publicKeyPem]) })
const who = { userId: randomUUID(), workspaceId: randomUUID(), sessionId: randomUUID() }
const path = '/api/v1/me'
const get = { method: 'GET', path }
const now = () => Math.floor(Date.now() / 1000)

const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'taken',
    (error: { code?: string }) => error.code ?? error,
  )
const person = async (changes: Record<string, unknown> = {}, target = get, header = {}) =>
  outcome(
    tokens.person(await web.sign({ ...personClaims(who, target.method, target.path), ...changes }, header), target),
  )

it('says for whom a token of the web app speaks', async () => {
  const claims = await tokens.person(await web.person(who, 'GET', path), get)
  expect(claims).toMatchObject({ sub: who.userId, wid: who.workspaceId, sid: who.sessionId })
  const token = await web.service('GET', path, { clientAddress: '192.0.2.7' })
  expect(await tokens.service(token, get)).toMatchObject({ sub: 'web', cip: '192.0.2.7' })
})

it('takes a token of one kind for no other', async () => {
  expect(await outcome(tokens.service(await web.person(who, 'GET', path), get))).toBe('unauthenticated')
  expect(await outcome(tokens.person(await web.service('GET', path), get))).toBe('unauthenticated')
  const mixed = await web.sign({ ...personClaims(who, 'GET', path), aud: 'nitroagi-backend-service' })
  expect(await outcome(tokens.person(mixed, get))).toBe('unauthenticated')
  const typed = await web.sign(serviceClaims('GET', path), { typ: 'nitro-int+jwt' })
  expect(await outcome(tokens.service(typed, get))).toBe('unauthenticated')
})

it.each<[string, () => Record<string, unknown>, string]>([
  ['as it is', () => ({}), 'taken'],
  ['exactly a minute', () => ({ iat: now(), exp: now() + 60 }), 'taken'],
  ['longer than a minute', () => ({ iat: now(), exp: now() + 61 }), 'unauthenticated'],
  ['made a little later than it is here', () => ({ iat: now() + 4, exp: now() + 60 }), 'taken'],
  ['made much later', () => ({ iat: now() + 20, exp: now() + 60 }), 'unauthenticated'],
  ['expired within the leeway', () => ({ iat: now() - 62, nbf: now() - 62, exp: now() - 2 }), 'taken'],
  ['expired beyond it', () => ({ iat: now() - 70, nbf: now() - 70, exp: now() - 10 }), 'unauthenticated'],
  ['not good yet', () => ({ nbf: now() + 20 }), 'unauthenticated'],
  ['of another issuer', () => ({ iss: 'elsewhere' }), 'unauthenticated'],
  ['for two audiences', () => ({ aud: ['nitroagi-backend', 'x'] }), 'unauthenticated'],
  ['for another method', () => ({ htm: 'HEAD' }), 'unauthenticated'],
  ['for another path', () => ({ htu: '/api/v1/me/' }), 'unauthenticated'],
  ['with no id', () => ({ jti: '' }), 'unauthenticated'],
  ['with a long id', () => ({ jti: 'x'.repeat(100) }), 'taken'],
  ['with too long an id', () => ({ jti: 'x'.repeat(101) }), 'unauthenticated'],
  ['for who is no person', () => ({ sub: 'web' }), 'unauthenticated'],
  ['with half a hash', () => ({ bh: 'short' }), 'unauthenticated'],
  ['with more than a hash', () => ({ bh: `${'A'.repeat(43)}=` }), 'unauthenticated'],
  ['with something before a hash', () => ({ bh: `=${'A'.repeat(43)}` }), 'unauthenticated'],
  ['without a time of its making', () => ({ iat: undefined }), 'unauthenticated'],
  ['without an end', () => ({ exp: undefined }), 'unauthenticated'],
  ['without a beginning', () => ({ nbf: undefined }), 'unauthenticated'],
])('a token %s', async (_, changes, result) => expect(await person(changes())).toBe(result))

it('is signed by a key that we know, by its name', async () => {
  expect(await person({}, get, { kid: 'unknown' })).toBe('unauthenticated')
  expect(await person({}, get, { kid: undefined })).toBe('unauthenticated')
  const other = createTestWeb()
  const forged = await other.sign(personClaims(who, 'GET', path), { kid: web.kid })
  expect(await outcome(tokens.person(forged, get))).toBe('unauthenticated')
  expect(await outcome(tokens.person('no.token.at-all', get))).toBe('unauthenticated')
})

it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
  'says which body it is good for, and comes once, where something changes: %s',
  async (method) => {
    const target = { method, path }
    const token = await web.person(who, method, path, { text: 'Hi' })
    expect(await outcome(tokens.person(token, target))).toBe('taken')
    expect(await outcome(tokens.person(token, target))).toBe('unauthenticated')
    expect(await person({ bh: undefined }, target)).toBe('unauthenticated')
  },
)

it.each(['GET', 'HEAD'])('may come again where nothing changes: %s', async (method) => {
  const token = await web.person(who, method, path)
  const target = { method, path }
  expect(await outcome(tokens.person(token, target))).toBe('taken')
  expect(await outcome(tokens.person(token, target))).toBe('taken')
})

it('asks whether a token came to another replica', async () => {
  const remembered: number[] = []
  const counted = createWebTokens({
    keys: readWebKeys([web.publicKeyPem]),
    workingMemory: {
      async count(_workspaceId, _name, seconds) {
        remembered.push(seconds)
        return 2
      },
    },
  })
  const token = await web.person(who, 'POST', path)
  expect(await outcome(counted.person(token, { method: 'POST', path }))).toBe('unauthenticated')
  expect(await outcome(counted.person(await web.person(who, 'GET', path), get))).toBe('taken')
  // A minute, and what two clocks may differ by at either end of it.
  expect(remembered).toEqual([70])
})

it('takes a failure of ours for none of theirs', async () => {
  const broken = createWebTokens({
    keys: {
      get: () => {
        throw new Error('the keys cannot be read')
      },
    },
  })
  await expect(broken.person(await web.person(who, 'GET', path), get)).rejects.toThrow('the keys cannot be read')
})
