import { afterEach, describe, expect, it, vi } from 'vitest'
import { listOtherServices, otherServiceProviders, vouchedBy } from './other-services.ts'

const account = { provider: 'oidc', type: 'oauth', providerAccountId: '17' } as const

describe('the services as next-auth asks them', () => {
  const issuer = 'https://login.example.org/a//b//'
  const settings = {
    GOOGLE_CLIENT_ID: 'google',
    GOOGLE_CLIENT_SECRET: 'hidden',
    GITHUB_ID: 'github',
    GITHUB_SECRET: 'hidden',
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: 'nitro',
    OIDC_CLIENT_SECRET: 'hidden',
  }
  Object.assign(process.env, settings)
  afterEach(() => vi.unstubAllGlobals())

  const provider = (id: string) => {
    const found = otherServiceProviders().find((each) => (each.options?.id ?? each.id) === id)
    if (!found) throw new Error(`There is no ${id}`)
    return { ...found, ...found.options }
  }
  const askWho = (id: string, client: object, tokens: object) => {
    const { userinfo } = provider(id)
    if (typeof userinfo !== 'object' || !userinfo?.request) throw new Error('It asks nobody')
    return userinfo.request({ client, tokens } as unknown as Parameters<typeof userinfo.request>[0])
  }

  it('are shown without their secrets', () => {
    expect(listOtherServices()).toEqual([
      { id: 'google', name: 'Google' },
      { id: 'github', name: 'GitHub' },
      { id: 'oidc', name: 'your organisation' },
    ])
  })

  it('are asked with what the settings say, and wait for no service that says nothing', () => {
    for (const [id, clientId] of Object.entries({ google: 'google', github: 'github', oidc: 'nitro' })) {
      const httpOptions = { timeout: 10_000 }
      expect(provider(id)).toMatchObject({ clientId, clientSecret: 'hidden', httpOptions })
    }
    expect(provider('oidc')).toMatchObject({
      type: 'oauth',
      idToken: true,
      authorization: { params: { scope: 'openid email profile' } },
    })
  })

  it('tie the answer to who asked, each as far as it can', () => {
    expect(provider('google').checks).toEqual(['pkce', 'state', 'nonce'])
    expect(provider('github').checks).toEqual(['pkce', 'state'])
    expect(provider('oidc').checks).toEqual(['pkce', 'state', 'nonce'])
    expect(provider('oidc').wellKnown).toBe('https://login.example.org/a//b/.well-known/openid-configuration')
    expect(provider('oidc').profile?.({ sub: '17' }, {})).toEqual({ id: '17' })
  })

  it('are asked for the addresses of a GitHub account, which its profile does not vouch for', async () => {
    const asked: unknown[] = []
    const answer = (status: number, body: unknown) => {
      vi.stubGlobal('fetch', async (url: string, { headers }: { headers: Record<string, string> }) => {
        asked.push([url, headers['authorization'], headers['accept']])
        return new Response(JSON.stringify(body), { status })
      })
    }
    const client = { userinfo: async (token: string) => ({ sub: '17', token, email: 'public@example.com' }) }
    answer(200, [{ email: 'ada@example.com', primary: true, verified: true }])
    expect(await askWho('github', client, { access_token: 'token' })).toEqual({
      sub: '17',
      token: 'token',
      email: 'ada@example.com',
      email_verified: true,
    })
    expect(asked).toEqual([['https://api.github.com/user/emails', 'Bearer token', 'application/vnd.github+json']])
    answer(403, { message: 'No' })
    expect(await askWho('github', client, {})).toMatchObject({ token: '', email: undefined, email_verified: false })
  })

  it('are asked for the address where the token of an organisation does not say it', async () => {
    const client = {
      issuer: { metadata: { issuer, userinfo_endpoint: `${issuer}/me` } },
      userinfo: async () => ({ iss: 'forged', sub: 'forged', email: 'ada@example.com', email_verified: true }),
    }
    const given = (claims: object) => ({ claims: () => claims })
    // What the signed token says stands above what is asked for with it.
    expect(await askWho('oidc', client, given({ iss: issuer, sub: '17' }))).toEqual({
      iss: issuer,
      sub: '17',
      email: 'ada@example.com',
      email_verified: true,
    })
    const whole = { iss: issuer, sub: '17', email: 'ada@example.com' }
    expect(await askWho('oidc', client, given(whole))).toEqual(whole)
    const unasked = { ...client, userinfo: () => Promise.reject(new Error('asked')) }
    expect(await askWho('oidc', unasked, given(whole))).toEqual(whole)
    const silent = { ...client, issuer: { metadata: { issuer } } }
    expect(await askWho('oidc', silent, given({ iss: issuer, sub: '17' }))).toEqual({ iss: issuer, sub: '17' })
  })

  it('may say nothing of somebody but which account it is', () => {
    expect(vouchedBy(account, undefined)).toEqual({
      provider: 'oidc',
      subject: '17',
      email: null,
      isEmailVerified: false,
      name: null,
    })
    expect(vouchedBy(account, { email_verified: 'true', name: 7 } as object)).toMatchObject({
      isEmailVerified: true,
      name: null,
    })
  })
})
