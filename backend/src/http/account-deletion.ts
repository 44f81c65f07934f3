import { createRoute } from '@hono/zod-openapi'
import { DeleteAccount } from '@nitroagi/shared/account-care'
import type { AccountDeletion } from '../services/account-deletion.ts'
import { createRoutes, errorResponses, json } from './routes.ts'

const deleteAccount = createRoute({
  method: 'post',
  path: '/delete',
  summary: 'Delete your account with everything that is yours',
  tags: ['Accounts'],
  request: { body: { ...json(DeleteAccount, 'Your address, typed, and your password'), required: true } },
  responses: { 204: { description: 'It is gone; what is left of it is being cleared away' }, ...errorResponses },
})

export const accountDeletionRoutes = (deletion: AccountDeletion) =>
  createRoutes().openapi(deleteAccount, async (c) => {
    await deletion.delete(c.get('call'), c.req.valid('json'))
    return c.body(null, 204)
  })
