import { createRoute } from '@hono/zod-openapi'
import { NitroError } from '@nitroagi/shared/errors'
import { Account, Credentials, Registration, SignedIn, SignUp } from '@nitroagi/shared/identity'
import { createMiddleware } from 'hono/factory'
import type { AccountCare } from '../services/account-care.ts'
import type { Accounts } from '../services/accounts.ts'
import { createRoutes, errorResponses, json, type Env } from './routes.ts'

/** The web app itself: these answers are for nobody who could ask directly. */
export const forWebApp = createMiddleware<Env>(async (c, next) => {
  if (c.get('call').actor.via !== 'service') throw new NitroError('unauthenticated', 'This credential is not valid')
  await next()
})

const registration = createRoute({
  method: 'get',
  path: '/auth/registration',
  summary: 'Whether somebody may make an account here',
  tags: ['Accounts'],
  middleware: forWebApp,
  responses: { 200: json(Registration, 'How accounts are made'), ...errorResponses },
})

const signIn = createRoute({
  method: 'post',
  path: '/auth/sign-in',
  summary: 'Begin a session with an e-mail address and a password',
  tags: ['Accounts'],
  middleware: forWebApp,
  request: { body: { ...json(Credentials, 'Who signs in'), required: true } },
  responses: { 200: json(SignedIn, 'They are who they say'), ...errorResponses },
})

const signUp = createRoute({
  method: 'post',
  path: '/auth/sign-up',
  summary: 'Make the first account',
  tags: ['Accounts'],
  middleware: forWebApp,
  request: { body: { ...json(SignUp, 'Who signs up'), required: true } },
  responses: { 201: json(Account, 'The owner of a new workspace'), ...errorResponses },
})

const me = createRoute({
  method: 'get',
  path: '/me',
  summary: 'Who is asking',
  tags: ['Accounts'],
  responses: { 200: json(Account, 'The account that the credential speaks for'), ...errorResponses },
})

export const accountRoutes = (accounts: Accounts, care: AccountCare) =>
  createRoutes()
    .openapi(registration, async (c) => c.json(await care.registration(), 200))
    .openapi(signIn, async (c) => {
      const visitor = {
        address: c.get('clientAddress'),
        userAgent: c.get('clientAgent'),
        requestId: c.get('requestId'),
      }
      return c.json(await accounts.signIn(c.req.valid('json'), visitor), 200)
    })
    .openapi(signUp, async (c) => c.json(await care.signUp(c.req.valid('json')), 201))
    .openapi(me, async (c) => c.json(await accounts.me(c.get('call')), 200))
