import { createRoute } from '@hono/zod-openapi'
import { GiveProof } from '@nitroagi/shared/proof'
import type { Proof } from '../services/proof.ts'
import { createRoutes, errorResponses, json } from './routes.ts'

const prove = createRoute({
  method: 'post',
  path: '/me/proof',
  summary: 'Show once more who you are, before you change how you sign in',
  tags: ['Accounts'],
  request: { body: { ...json(GiveProof, 'Password and code, as far as the account has them'), required: true } },
  responses: { 204: { description: 'For the next 15 minutes it is known' }, ...errorResponses },
})

export const proofRoutes = (proof: Proof) =>
  createRoutes().openapi(prove, async (c) => {
    await proof.prove(c.get('call'), c.req.valid('json'))
    return c.body(null, 204)
  })
