import { createRoute } from '@hono/zod-openapi'
import {
  BeginSecondFactor,
  BegunSecondFactor,
  ConfirmSecondFactor,
  DisableSecondFactor,
  RecoveryCodes,
  SecondFactor,
} from '@nitroagi/shared/second-factor'
import type { SecondFactors } from '../services/second-factors.ts'
import { createRoutes, errorResponses, json } from './routes.ts'

const path = '/me/second-factor'
const tags = ['Accounts']

const status = createRoute({
  method: 'get',
  path,
  summary: 'Whether signing in asks you for a code as well',
  tags,
  responses: { 200: json(SecondFactor, 'Whether it does'), ...errorResponses },
})

const begin = createRoute({
  method: 'post',
  path,
  summary: 'Begin to set up a second factor',
  tags,
  request: { body: { ...json(BeginSecondFactor, 'The password, of accounts that have one'), required: true } },
  responses: {
    200: json(BegunSecondFactor, 'The secret for an authenticator app, shown this once'),
    ...errorResponses,
  },
})

const confirm = createRoute({
  method: 'post',
  path: `${path}/confirm`,
  summary: 'Turn on the second factor with a code of it',
  tags,
  request: { body: { ...json(ConfirmSecondFactor, 'What the authenticator app shows'), required: true } },
  responses: { 200: json(RecoveryCodes, 'Codes for when the app is lost, shown this once'), ...errorResponses },
})

const disable = createRoute({
  method: 'post',
  path: `${path}/disable`,
  summary: 'Turn off the second factor',
  tags,
  request: { body: { ...json(DisableSecondFactor, 'A code of it, or a recovery code'), required: true } },
  responses: { 204: { description: 'A password is enough again' }, ...errorResponses },
})

export const secondFactorRoutes = (secondFactors: SecondFactors) =>
  createRoutes()
    .openapi(status, async (c) => c.json(await secondFactors.status(c.get('call')), 200))
    .openapi(begin, async (c) => c.json(await secondFactors.begin(c.get('call'), c.req.valid('json')), 200))
    .openapi(confirm, async (c) => c.json(await secondFactors.confirm(c.get('call'), c.req.valid('json')), 200))
    .openapi(disable, async (c) => {
      await secondFactors.disable(c.get('call'), c.req.valid('json'))
      return c.body(null, 204)
    })
