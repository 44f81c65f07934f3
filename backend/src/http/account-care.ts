import { createRoute } from '@hono/zod-openapi'
import {
  ChangedEmail,
  ChangeEmail,
  ChangePassword,
  ChangeProfile,
  ForgotPassword,
  ResetPassword,
  VerifiedEmail,
  VerifyEmail,
} from '@nitroagi/shared/account-care'
import { Account } from '@nitroagi/shared/identity'
import { CreateResetLink, ResetLink } from '@nitroagi/shared/operator'
import type { AccountCare } from '../services/account-care.ts'
import { forWebApp } from './accounts.ts'
import { forOperator } from './operator.ts'
import { createRoutes, errorResponses, json } from './routes.ts'

const common = { tags: ['Accounts'] }

const forgotPassword = createRoute({
  ...common,
  method: 'post',
  path: '/auth/forgot-password',
  summary: 'Ask for a letter with a link that sets a new password',
  middleware: forWebApp,
  request: { body: { ...json(ForgotPassword, 'Whose password it is'), required: true } },
  responses: { 202: { description: 'A letter is sent if there is such an account' }, ...errorResponses },
})

const resetPassword = createRoute({
  ...common,
  method: 'post',
  path: '/auth/reset-password',
  summary: 'Set a new password with the link of a letter',
  middleware: forWebApp,
  request: { body: { ...json(ResetPassword, 'The token of the link, and the password'), required: true } },
  responses: { 204: { description: 'It counts from now on; all sessions have ended' }, ...errorResponses },
})

const verifyEmail = createRoute({
  ...common,
  method: 'post',
  path: '/auth/verify-email',
  summary: 'Confirm an address with the link of a letter',
  middleware: forWebApp,
  request: { body: { ...json(VerifyEmail, 'The token of the link'), required: true } },
  responses: { 200: json(VerifiedEmail, 'The address that is confirmed'), ...errorResponses },
})

const changeProfile = createRoute({
  ...common,
  method: 'patch',
  path: '/me',
  summary: 'Change your name',
  request: { body: { ...json(ChangeProfile, 'The new name'), required: true } },
  responses: { 200: json(Account, 'Your account'), ...errorResponses },
})

const changePassword = createRoute({
  ...common,
  method: 'put',
  path: '/me/password',
  summary: 'Change your password',
  request: { body: { ...json(ChangePassword, 'The old one and the new one'), required: true } },
  responses: { 204: { description: 'It counts from now on; the other sessions have ended' }, ...errorResponses },
})

const changeEmail = createRoute({
  ...common,
  method: 'put',
  path: '/me/email',
  summary: 'Change your e-mail address',
  request: { body: { ...json(ChangeEmail, 'The new one, and your password'), required: true } },
  responses: { 200: json(ChangedEmail, 'Whether it counts already'), ...errorResponses },
})

const sendVerification = createRoute({
  ...common,
  method: 'post',
  path: '/me/verification',
  summary: 'Have the letter that confirms your address sent again',
  responses: { 204: { description: 'The mail server has taken it' }, ...errorResponses },
})

const createResetLink = createRoute({
  method: 'post',
  path: '/operator/users/reset-link',
  summary: 'Make a link that sets a new password',
  tags: ['Operation'],
  middleware: forOperator,
  request: { body: { ...json(CreateResetLink, 'For whom'), required: true } },
  responses: { 201: json(ResetLink, 'The link, shown this once'), ...errorResponses },
})

export const accountCareRoutes = (care: AccountCare) =>
  createRoutes()
    .openapi(forgotPassword, async (c) => {
      await care.forgotPassword(c.req.valid('json'), { address: c.get('clientAddress') })
      return c.body(null, 202)
    })
    .openapi(resetPassword, async (c) => {
      await care.resetPassword(c.req.valid('json'), { via: 'service', requestId: c.get('requestId') })
      return c.body(null, 204)
    })
    .openapi(verifyEmail, async (c) => {
      const arrival = { via: 'service', requestId: c.get('requestId') } as const
      return c.json(await care.verifyEmail(c.req.valid('json'), arrival), 200)
    })
    .openapi(createResetLink, async (c) => c.json(await care.resetLink(c.get('call'), c.req.valid('json')), 201))
    .openapi(changeProfile, async (c) => c.json(await care.rename(c.get('call'), c.req.valid('json')), 200))
    .openapi(changePassword, async (c) => {
      await care.changePassword(c.get('call'), c.req.valid('json'))
      return c.body(null, 204)
    })
    .openapi(changeEmail, async (c) => c.json(await care.changeEmail(c.get('call'), c.req.valid('json')), 200))
    .openapi(sendVerification, async (c) => {
      await care.sendVerification(c.get('call'))
      return c.body(null, 204)
    })
