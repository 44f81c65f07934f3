import { expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { primaryEmail, vouchedBy } from './other-services.ts'

const account = { provider: 'oidc', type: 'oauth', providerAccountId: '17' } as const

it('offers a service once all of its settings are there, and names what is missing of one', () => {
  expect(readConfig({}).otherServices).toEqual([])
  const set = { OIDC_ISSUER: 'https://login.example.org/', OIDC_CLIENT_ID: 'nitro', OIDC_CLIENT_SECRET: 'hidden' }
  expect(readConfig(set).otherServices).toEqual([
    {
      id: 'oidc',
      name: 'your organisation',
      issuer: 'https://login.example.org',
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
  expect(() => vouchedBy({ ...account, provider: 'elsewhere' }, {})).toThrow()
})

it('takes the primary address of a GitHub account and no other', () => {
  const other = { email: 'other@example.com', primary: false, verified: true }
  expect(primaryEmail([other, { email: 'ada@example.com', primary: true, verified: false }])).toEqual({
    email: 'ada@example.com',
    email_verified: false,
  })
  expect(primaryEmail([other])).toEqual({ email: undefined, email_verified: false })
})
