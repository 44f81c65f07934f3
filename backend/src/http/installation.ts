import { createRoute } from '@hono/zod-openapi'
import { SetSuspension, SuspendedUser } from '@nitroagi/shared/operator'
import { Installation, InvitationToken, OpenInvitation } from '@nitroagi/shared/workspaces'
import type { InstallationService } from '../services/installation.ts'
import type { Invitations } from '../services/invitations.ts'
import type { Suspension } from '../services/suspension.ts'
import { forWebApp } from './accounts.ts'
import { forOperator } from './operator.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const forCaretaker = { tags: ['Workspaces'], middleware: requires('admin') }
const asOperator = { tags: ['Operation'], middleware: forOperator }
const body = { ...json(Installation, 'Who may make accounts'), required: true }

const read = createRoute({
  ...forCaretaker,
  method: 'get',
  path: '/installation',
  summary: 'What holds for the whole installation, for the owners of its first workspace',
  responses: { 200: json(Installation, 'As it is'), ...errorResponses },
})

const change = createRoute({
  ...forCaretaker,
  method: 'put',
  path: '/installation',
  summary: 'Say who may make accounts',
  request: { body },
  responses: { 200: json(Installation, 'As it is now'), ...errorResponses },
})

const readAsOperator = createRoute({
  ...asOperator,
  method: 'get',
  path: '/operator/installation',
  summary: 'What holds for the whole installation',
  responses: { 200: json(Installation, 'As it is'), ...errorResponses },
})

const changeAsOperator = createRoute({
  ...asOperator,
  method: 'put',
  path: '/operator/installation',
  summary: 'Say who may make accounts',
  request: { body },
  responses: { 200: json(Installation, 'As it is now'), ...errorResponses },
})

const suspend = createRoute({
  ...asOperator,
  method: 'post',
  path: '/operator/users/suspend',
  summary: 'Suspend somebody everywhere, or let them in again',
  request: { body: { ...json(SetSuspension, 'Whom'), required: true } },
  responses: { 200: json(SuspendedUser, 'It counts everywhere within 5 seconds'), ...errorResponses },
})

const openInvitation = createRoute({
  method: 'post',
  path: '/auth/invitation',
  summary: 'What an invitation opens',
  tags: ['Accounts'],
  middleware: forWebApp,
  request: { body: { ...json(InvitationToken, 'What its link carries'), required: true } },
  responses: { 200: json(OpenInvitation, 'It is good'), ...errorResponses },
})

interface Services {
  installation: InstallationService
  invitations: Pick<Invitations, 'find'>
  suspension: Suspension
}

/** What is not of one workspace: who may come in, and who may not. */
export const installationRoutes = ({ installation, invitations, suspension }: Services) =>
  createRoutes()
    .openapi(read, async (c) => c.json(await installation.read(c.get('call')), 200))
    .openapi(change, async (c) => c.json(await installation.change(c.get('call'), c.req.valid('json')), 200))
    .openapi(readAsOperator, async (c) => c.json(await installation.readAsOperator(c.get('call')), 200))
    .openapi(changeAsOperator, async (c) =>
      c.json(await installation.changeAsOperator(c.get('call'), c.req.valid('json')), 200),
    )
    .openapi(suspend, async (c) => c.json(await suspension.set(c.get('call'), c.req.valid('json')), 200))
    .openapi(openInvitation, async (c) => c.json(await invitations.find(c.req.valid('json').token), 200))
