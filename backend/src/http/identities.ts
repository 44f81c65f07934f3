import { createRoute, z } from '@hono/zod-openapi'
import { SignedIn } from '@nitroagi/shared/identity'
import { LinkedIdentity, ProviderName, SignInWithIdentity } from '@nitroagi/shared/second-factor'
import type { Identities } from '../services/identities.ts'
import { forWebApp } from './accounts.ts'
import { createRoutes, errorResponses, json } from './routes.ts'

const signIn = createRoute({
  method: 'post',
  path: '/auth/identity',
  summary: 'Begin a session for whom another service vouches',
  tags: ['Accounts'],
  middleware: forWebApp,
  request: { body: { ...json(SignInWithIdentity, 'Who they are there'), required: true } },
  responses: {
    200: json(SignedIn, 'They are signed in, or what they were signed in to is connected'),
    ...errorResponses,
  },
})

const list = createRoute({
  method: 'get',
  path: '/me/identities',
  summary: 'The other services that you sign in with',
  tags: ['Accounts'],
  responses: {
    200: json(z.object({ items: z.array(LinkedIdentity) }), 'The one connected first, first'),
    ...errorResponses,
  },
})

const disconnect = createRoute({
  method: 'delete',
  path: '/me/identities/{provider}',
  summary: 'Stop signing in with another service',
  tags: ['Accounts'],
  request: { params: z.object({ provider: ProviderName }) },
  responses: { 204: { description: 'It opens this account no more' }, ...errorResponses },
})

export const identityRoutes = (identities: Identities) =>
  createRoutes()
    .openapi(signIn, async (c) => {
      const visitor = {
        address: c.get('clientAddress'),
        userAgent: c.get('clientAgent'),
        requestId: c.get('requestId'),
      }
      return c.json(await identities.signIn(c.req.valid('json'), visitor), 200)
    })
    .openapi(list, async (c) => c.json({ items: await identities.list(c.get('call')) }, 200))
    .openapi(disconnect, async (c) => {
      await identities.disconnect(c.get('call'), c.req.valid('param').provider)
      return c.body(null, 204)
    })
