import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import type { BrowserContext } from '@playwright/test'
import { root } from './running-app.ts'

/** Who is signed in there. Of Google `emails` has one. */
export type FarPerson = {
  id: number
  name: string
  emails: { email: string; primary: boolean; verified: boolean }[]
  /** What Google's token says otherwise than it should. */
  claims?: Record<string, unknown>
  /** Google's token is signed by somebody else, under the name of Google's key. */
  isForged?: boolean
}

/** GitHub and Google, as much of them as signing in asks, by what both document. */
export type FarServices = {
  settings: Record<string, string>
  become: (person: FarPerson) => void
  /** Whoever this browser sends there is signed in there, and sent back at once. */
  meet: (context: BrowserContext) => Promise<void>
  /** What was wrong with what it was asked. */
  complaints: string[]
  close: () => Promise<void>
}

type Granted = { person: FarPerson; challenge: string; redirectUri: string; nonce: string | null }
type Reply = { status?: number; body: object }

const clients = {
  github: { id: 'github-client', secret: 'github-secret' },
  google: { id: 'google-client', secret: 'google-secret' },
}
const googleIssuer = 'https://accounts.google.com'
const authorizePages = {
  github: 'https://github.com/login/oauth/authorize',
  google: `${googleIssuer}/o/oauth2/v2/auth`,
}

export async function startFarServices(): Promise<FarServices> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const { privateKey: somebodyElses } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  const codes = new Map<string, Granted>()
  const tokens = new Map<string, FarPerson>()
  const complaints: string[] = []
  let person: FarPerson | undefined

  const server = createServer((request, response) => {
    void answer(request).then(({ status = 200, body }) => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')

  async function answer(request: IncomingMessage): Promise<Reply> {
    const asked = `${request.method} ${request.headers['x-asked-host']}${request.url}`
    switch (asked) {
      case 'POST github.com/login/oauth/access_token':
        return github(request, await form(request))
      case 'GET api.github.com/user':
        return ofGithub(request, ({ id, name }) => ({
          id,
          login: name.toLowerCase(),
          name,
          email: 'public@example.com',
        }))
      case 'GET api.github.com/user/emails':
        return ofGithub(request, ({ emails }) => emails)
      case 'GET accounts.google.com/.well-known/openid-configuration':
        return { body: googleMetadata }
      case 'GET www.googleapis.com/oauth2/v3/certs':
        return { body: { keys: [jwk satisfies JWK] } }
      case 'POST oauth2.googleapis.com/token':
        return google(request, await form(request))
      default:
        return refuse(`nobody answers ${asked}`)
    }
  }

  function refuse(why: string): Reply {
    complaints.push(why)
    return { status: 400, body: { error: 'invalid_request' } }
  }

  /** A code is good once, for who began with it. */
  function redeem(service: keyof typeof clients, request: IncomingMessage, given: URLSearchParams): Granted | string {
    const { id, secret } = clients[service]
    const basic = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    const isClient = given.get('client_id') === id && given.get('client_secret') === secret
    if (request.headers.authorization !== basic && !isClient) return 'the client did not say who it is'
    const granted = codes.get(given.get('code') ?? '')
    codes.delete(given.get('code') ?? '')
    if (!granted) return 'a code is unknown, or was used'
    if (given.get('grant_type') !== 'authorization_code') return 'the grant is another one'
    if (given.get('redirect_uri') !== granted.redirectUri) return 'the way back is another one'
    const hash = createHash('sha256')
      .update(given.get('code_verifier') ?? '')
      .digest('base64url')
    return hash === granted.challenge ? granted : 'the verifier is not that of the challenge'
  }

  function github(request: IncomingMessage, given: URLSearchParams): Reply {
    const granted = redeem('github', request, given)
    if (typeof granted === 'string') return refuse(granted)
    return { body: { access_token: newToken(granted.person), scope: 'read:user,user:email', token_type: 'bearer' } }
  }

  /** GitHub answers nobody who does not say what program it is. */
  function ofGithub(request: IncomingMessage, show: (person: FarPerson) => object): Reply {
    const holder = tokens.get(/^(?:Bearer|token) (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '')
    if (!request.headers['user-agent']) return refuse('there is no User-Agent')
    return holder ? { body: show(holder) } : { status: 401, body: { message: 'Requires authentication' } }
  }

  async function google(request: IncomingMessage, given: URLSearchParams): Promise<Reply> {
    const granted = redeem('google', request, given)
    if (typeof granted === 'string') return refuse(granted)
    const body = { access_token: newToken(granted.person), expires_in: 3599, scope: 'openid', token_type: 'Bearer' }
    const key = granted.person.isForged ? somebodyElses : privateKey
    return { body: { ...body, id_token: await idToken(granted, key) } }
  }

  function newToken(holder: FarPerson): string {
    const token = randomUUID()
    tokens.set(token, holder)
    return token
  }

  function grant(service: keyof typeof clients, asked: URLSearchParams): string {
    const wanted = {
      client_id: clients[service].id,
      response_type: 'code',
      scope: service === 'github' ? 'read:user user:email' : 'openid email profile',
      code_challenge_method: 'S256',
    }
    for (const [name, value] of Object.entries(wanted)) {
      if (asked.get(name) !== value) complaints.push(`${service} was asked with ${name}=${asked.get(name)}`)
    }
    if (!asked.get('state')) complaints.push(`${service} was asked without a state`)
    if (service === 'google' && !asked.get('nonce')) complaints.push('Google was asked without a nonce')
    const code = randomUUID()
    const redirectUri = asked.get('redirect_uri') ?? ''
    codes.set(code, {
      person: person!,
      challenge: asked.get('code_challenge') ?? '',
      redirectUri,
      nonce: asked.get('nonce'),
    })
    return `${redirectUri}?${new URLSearchParams({ code, state: asked.get('state') ?? '' })}`
  }

  return {
    settings: {
      GITHUB_ID: clients.github.id,
      GITHUB_SECRET: clients.github.secret,
      GOOGLE_CLIENT_ID: clients.google.id,
      GOOGLE_CLIENT_SECRET: clients.google.secret,
      NITRO_E2E_FAR_SERVICES: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      NODE_OPTIONS: `--import=${join(root, 'frontend/e2e/far-services-preload.mjs')}`,
    },
    become: (next) => void (person = next),
    async meet(context) {
      for (const service of ['github', 'google'] as const) {
        await context.route(
          (url) => url.origin + url.pathname === authorizePages[service],
          (route) => {
            const location = grant(service, new URL(route.request().url()).searchParams)
            return route.fulfill({ status: 302, headers: { location } })
          },
        )
      }
    },
    complaints,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const googleMetadata = {
  issuer: googleIssuer,
  authorization_endpoint: authorizePages.google,
  token_endpoint: 'https://oauth2.googleapis.com/token',
  userinfo_endpoint: 'https://openidconnect.googleapis.com/v1/userinfo',
  jwks_uri: 'https://www.googleapis.com/oauth2/v3/certs',
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  code_challenge_methods_supported: ['plain', 'S256'],
}

const form = async (request: IncomingMessage) => new URLSearchParams(await text(request))

function idToken({ person, nonce }: Granted, key: CryptoKey): Promise<string> {
  const [mailbox] = person.emails
  const seconds = Math.floor(Date.now() / 1000)
  const claims = {
    iss: googleIssuer,
    aud: clients.google.id,
    azp: clients.google.id,
    sub: String(person.id),
    email: mailbox?.email,
    email_verified: mailbox?.verified,
    name: person.name,
    nonce,
    iat: seconds,
    exp: seconds + 3600,
  }
  return new SignJWT({ ...claims, ...person.claims }).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(key)
}
