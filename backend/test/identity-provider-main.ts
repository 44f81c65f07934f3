import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import Provider from 'oidc-provider'

/**
 * A service that speaks OpenID Connect, for journeys in a browser: whoever is sent to it is signed in there at once, as
 * the person that was named last. Prints the settings of a web app that knows it as one line of JSON; then each line of
 * JSON on its input is a command, which is answered by one line: `{ webUrl }` says where that web app is, `{ become }` who
 * is there from now on, and `{ keepNext: true }` that the next one is not sent back: `{ kept }` says where they would have
 * gone; `{ issuer }` that it calls itself so from now on. It ends with its input.
 */
interface Command {
  webUrl?: string
  become?: { sub: string }
  keepNext?: boolean
  issuer?: string
}

const client = { id: 'nitro', secret: randomBytes(24).toString('hex') }
const people = new Map<string, object>()
let present = ''
let isKeeping = false
let alias = ''

const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)
say({ OIDC_ISSUER: issuer, OIDC_CLIENT_ID: client.id, OIDC_CLIENT_SECRET: client.secret, OIDC_NAME: 'Acme' })

for await (const line of createInterface({ input: process.stdin })) {
  const { webUrl, become, keepNext, issuer: other } = JSON.parse(line) as Command
  if (webUrl !== undefined) serve(webUrl)
  if (become) people.set((present = become.sub), become)
  if (keepNext) isKeeping = true
  if (other !== undefined) alias = other
  say({})
}
process.exit()

function serve(webUrl: string): void {
  const provider = createProvider(webUrl)
  const answer = provider.callback()
  server.on('request', (request, response) => {
    if (isKeeping) keepFromGoingBack(response, webUrl)
    if (alias && request.url === '/.well-known/openid-configuration') {
      return void response.end(JSON.stringify({ issuer: alias, authorization_endpoint: `${issuer}/auth` }))
    }
    if (!request.url?.startsWith('/interaction/')) return void answer(request, response)
    const login = { login: { accountId: present, remember: false } }
    provider.interactionFinished(request, response, login).catch(() => response.writeHead(400).end())
  })
}

function createProvider(webUrl: string): Provider {
  return new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [`${webUrl}/api/auth/callback/oidc`],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    jwks: { keys: [{ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }) }] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, id) => ({ accountId: id, claims: () => people.get(id) }),
    // Nobody is asked what they allow.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: client.id, accountId: oidc.session.accountId })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
  })
}

/** A browser follows redirects by itself, so only whoever sends it can keep it. */
function keepFromGoingBack(response: ServerResponse, webUrl: string): void {
  const end = response.end.bind(response)
  response.end = ((...given: Parameters<typeof end>) => {
    const target = String(response.getHeader('location') ?? '')
    if (target.startsWith(webUrl)) {
      response.removeHeader('location')
      response.statusCode = 200
      isKeeping = false
      say({ kept: target })
    }
    return end(...given)
  }) as typeof response.end
}
