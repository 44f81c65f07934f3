import { createRoute } from '@hono/zod-openapi'
import { ApiKey } from '@nitroagi/shared/identity'
import {
  CreatedOperatorKey,
  CreateOperatorKey,
  CreateOperatorUser,
  DatabaseStatus,
  OperatorUser,
  OperatorUserList,
  SetKeyTier,
} from '@nitroagi/shared/operator'
import { createMiddleware } from 'hono/factory'
import { requireOperator, type Operator } from '../services/operator.ts'
import { createRoutes, errorResponses, json, type Env } from './routes.ts'

/** The database as the operator looks after it. */
export interface DatabaseCare {
  status(): Promise<DatabaseStatus>
  /** Applies what waits; gives the status after that. */
  migrate(): Promise<DatabaseStatus>
}

/** To anyone but the operator these addresses are not there. */
export const forOperator = createMiddleware<Env>(async (c, next) => {
  requireOperator(c.get('call'))
  await next()
})

const common = { tags: ['Operation'], middleware: forOperator }

const listUsers = createRoute({
  ...common,
  method: 'get',
  path: '/operator/users',
  summary: 'Everybody in every workspace',
  responses: { 200: json(OperatorUserList, 'Oldest first'), ...errorResponses },
})

const createUser = createRoute({
  ...common,
  method: 'post',
  path: '/operator/users',
  summary: 'Make an account',
  request: { body: { ...json(CreateOperatorUser, 'Who, and in which workspace'), required: true } },
  responses: { 201: json(OperatorUser, 'The new account'), ...errorResponses },
})

const createKey = createRoute({
  ...common,
  method: 'post',
  path: '/operator/keys',
  summary: 'Make an API key for somebody',
  request: { body: { ...json(CreateOperatorKey, 'For whom'), required: true } },
  responses: { 201: json(CreatedOperatorKey, 'The key, shown this once'), ...errorResponses },
})

const setKeyTier = createRoute({
  ...common,
  method: 'post',
  path: '/operator/keys/tier',
  summary: 'Set how much an API key may ask for',
  request: { body: { ...json(SetKeyTier, 'Which key, and its new tier'), required: true } },
  responses: { 200: json(ApiKey, 'The key as it is now; it counts within 5 seconds'), ...errorResponses },
})

const readDatabase = createRoute({
  ...common,
  method: 'get',
  path: '/operator/database',
  summary: 'Which migrations are applied and which wait',
  responses: { 200: json(DatabaseStatus, 'The state of the database'), ...errorResponses },
})

const migrateDatabase = createRoute({
  ...common,
  method: 'post',
  path: '/operator/database/migrate',
  summary: 'Apply the migrations that wait',
  responses: { 200: json(DatabaseStatus, 'The state after that'), ...errorResponses },
})

export const operatorRoutes = ({ operator, database }: { operator: Operator; database: DatabaseCare }) =>
  createRoutes()
    .openapi(listUsers, async (c) => c.json({ items: await operator.listUsers(c.get('call')) }, 200))
    .openapi(createUser, async (c) => c.json(await operator.createUser(c.get('call'), c.req.valid('json')), 201))
    .openapi(createKey, async (c) => c.json(await operator.createKey(c.get('call'), c.req.valid('json')), 201))
    .openapi(setKeyTier, async (c) => c.json(await operator.setKeyTier(c.get('call'), c.req.valid('json')), 200))
    .openapi(readDatabase, async (c) => c.json(await database.status(), 200))
    .openapi(migrateDatabase, async (c) => c.json(await database.migrate(), 200))
