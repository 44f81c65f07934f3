import { createRoute } from '@hono/zod-openapi'
import { StoredSecrets } from '@nitroagi/shared/stored-secrets'
import { createMiddleware } from 'hono/factory'
import { requireOperator } from '../services/operator.ts'
import type { StoredSecretsService } from '../services/stored-secrets.ts'
import { createRoutes, errorResponses, json, type Env } from './routes.ts'

/** To anyone but the operator these addresses are not there. */
const forOperator = createMiddleware<Env>(async (c, next) => {
  requireOperator(c.get('call'))
  await next()
})

const common = { tags: ['Operation'], middleware: forOperator }

const status = createRoute({
  ...common,
  method: 'get',
  path: '/',
  summary: 'Which keys stored secrets are sealed with',
  responses: { 200: json(StoredSecrets, 'How many each key sealed'), ...errorResponses },
})

const reseal = createRoute({
  ...common,
  method: 'post',
  path: '/reseal',
  summary: 'Seal anew what an older key has sealed',
  responses: { 202: json(StoredSecrets, 'It has begun'), ...errorResponses },
})

/** Mounted at /api/v1/operator/secrets. */
export const storedSecretRoutes = (secrets: StoredSecretsService) =>
  createRoutes()
    .openapi(status, async (c) => c.json(await secrets.status(c.get('call')), 200))
    .openapi(reseal, async (c) => c.json(await secrets.reseal(c.get('call')), 202))
