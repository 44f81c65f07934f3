import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { limits } from '@nitroagi/shared/limits'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { checkService, otherServiceProviders, primaryEmail, vouchedBy } from './other-services.ts'

const account = { provider: 'oidc', type: 'oauth', providerAccountId: '17' } as const

it('offers a service once all of its settings are there, and names what is missing of one', () => {
  expect(readConfig({}).otherServices).toEqual([])
  const set = { OIDC_ISSUER: 'https://login.example.org/', OIDC_CLIENT_ID: 'nitro', OIDC_CLIENT_SECRET: 'hidden' }
  expect(readConfig(set).otherServices).toEqual([
    {
      id: 'oidc',
      name: 'your organisation',
      issuer: 'https://login.example.org/',
      clientId: 'nitro',
      clientSecret: 'hidden',
    },
  ])
  const names = readConfig({ ...set, OIDC_NAME: 'Acme', GITHUB_ID: 'a', GITHUB_SECRET: 'b' }).otherServices
  expect(names.map(({ name }) => name)).toEqual(['GitHub', 'Acme'])
  expect(() => readConfig({ GITHUB_ID: 'a' })).toThrow('GITHUB_SECRET must be set too, because GITHUB_ID is')
  expect(() => readConfig({ OIDC_CLIENT_SECRET: 'hidden' })).toThrow(
    /^(?!.*hidden)OIDC_ISSUER and OIDC_CLIENT_ID must be set too/,
  )
  expect(() => readConfig({ GOOGLE_CLIENT_SECRET: 'hidden' })).toThrow('GOOGLE_CLIENT_ID must be set too')
})

it('believes that a mailbox is somebody’s only where the service says so', () => {
  const said = (claims: object) => vouchedBy(account, claims)
  expect(said({ email: 'Ada@Example.com', email_verified: true, name: ' Ada ' })).toEqual({
    provider: 'oidc',
    subject: '17',
    email: 'ada@example.com',
    isEmailVerified: true,
    name: 'Ada',
  })
  for (const email_verified of [false, 'false', 1, null, undefined, {}]) {
    expect(said({ email: 'ada@example.com', email_verified })).toMatchObject({ isEmailVerified: false })
  }
  for (const email of [undefined, '', 'ada', ['ada@example.com'], 'ada@example.com,bob@example.com']) {
    expect(said({ email, email_verified: true })).toMatchObject({ email: null })
  }
  expect(said({ name: 'Ada'.repeat(1_000) }).name).toHaveLength(limits.nameCharacters)
  expect(() => vouchedBy({ ...account, provider: 'elsewhere' }, {})).toThrow()
})

it('takes the primary address of a GitHub account and no other', () => {
  const other = { email: 'other@example.com', primary: false, verified: true }
  expect(primaryEmail([other, { email: 'ada@example.com', primary: true, verified: false }])).toEqual({
    email: 'ada@example.com',
    email_verified: false,
  })
  expect(primaryEmail([other])).toEqual({ email: undefined, email_verified: false })
  const verified = { email: 'ada@example.com', primary: true, verified: true }
  expect(primaryEmail([other, verified])).toEqual({ email: 'ada@example.com', email_verified: true })
})

describe('a service that says it is another one', () => {
  let called: unknown
  let status = 200
  const server = createServer((request, response) => {
    const isAsked = request.url === '/.well-known/openid-configuration' && request.headers.accept === 'application/json'
    response.writeHead(isAsked ? status : 404, status === 302 ? { location: '/elsewhere' } : {})
    response.end(JSON.stringify({ issuer: called, token_endpoint: `${called}/token` }))
  })
  let issuer: string
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    Object.assign(process.env, { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: 'nitro', OIDC_CLIENT_SECRET: 'hidden' })
  })
  afterAll(() => {
    for (const name of ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET']) delete process.env[name]
    server.close()
  })

  it('is not asked to vouch for anybody', async () => {
    called = issuer
    await checkService('oidc')
    for (const other of ['https://login.example.org', `${issuer}/`, issuer.replace('127.0.0.1', 'localhost'), '']) {
      called = other
      await expect(checkService('oidc'), other).rejects.toThrow('OIDC_ISSUER is http://127.0.0.1')
    }
    for (const other of [null, [issuer], undefined]) {
      called = other
      await expect(checkService('oidc')).rejects.toThrow()
    }
    called = issuer
    status = 503
    await expect(checkService('oidc')).rejects.toThrow('answered 503')
    status = 302
    await expect(checkService('oidc')).rejects.toThrow('fetch failed')
    // Of the others all that they say about themselves is known here.
    await checkService('github')
    await checkService('nowhere')
  })

  it('is not believed when it says so later, nor when its token does', async () => {
    const [provider] = otherServiceProviders()
    const { request } = provider!.userinfo as unknown as { request: (given: object) => Promise<object> }
    const said = (metadata: string, iss: string) =>
      request({
        client: { issuer: { metadata: { issuer: metadata } } },
        tokens: { claims: () => ({ iss, sub: '17', email: 'ada@example.com' }) },
      })
    expect(await said(issuer, issuer)).toMatchObject({ sub: '17' })
    await expect(said('https://login.example.org', issuer)).rejects.toThrow('calls itself https://login.example.org')
    await expect(said(issuer, 'https://login.example.org')).rejects.toThrow('calls itself')
    await expect(said(issuer, 'x'.repeat(10_000))).rejects.toThrow(/calls itself x{200}$/)
  })
})
