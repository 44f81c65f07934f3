import { createRoute, z } from '@hono/zod-openapi'
import {
  AcceptedInvitation,
  ChangeMember,
  ChangeWorkspace,
  CreatedInvitation,
  CreateInvitation,
  DeleteWorkspace,
  Invitation,
  InvitationToken,
  NameWorkspace,
  Workspace,
  WorkspaceMember,
} from '@nitroagi/shared/workspaces'
import type { Invitations } from '../services/invitations.ts'
import type { Members } from '../services/members.ts'
import type { Workspaces } from '../services/workspaces.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const common = { tags: ['Workspaces'] }
const forReaders = { ...common, middleware: requires('read') }
const forAdmins = { ...common, middleware: requires('admin') }
const params = z.object({ id: z.uuid() })

const list = createRoute({
  ...forReaders,
  method: 'get',
  path: '/workspaces',
  summary: 'The workspaces that you are in',
  responses: { 200: json(z.object({ items: z.array(Workspace) }), 'By name'), ...errorResponses },
})

const create = createRoute({
  ...forReaders,
  method: 'post',
  path: '/workspaces',
  summary: 'Make a workspace',
  request: { body: { ...json(NameWorkspace, 'Its name'), required: true } },
  responses: { 201: json(Workspace, 'You are its owner'), ...errorResponses },
})

const rename = createRoute({
  ...forAdmins,
  method: 'patch',
  path: '/workspace',
  summary: 'Name this workspace anew, or ask everybody in it for a second factor',
  request: { body: { ...json(ChangeWorkspace, 'What changes'), required: true } },
  responses: { 200: json(Workspace, 'As it is now'), ...errorResponses },
})

const remove = createRoute({
  ...forAdmins,
  method: 'post',
  path: '/workspace/delete',
  summary: 'Delete this workspace with everything in it',
  request: { body: { ...json(DeleteWorkspace, 'Its name, typed'), required: true } },
  responses: { 204: { description: 'It is there for nobody any more' }, ...errorResponses },
})

const listMembers = createRoute({
  ...forReaders,
  method: 'get',
  path: '/workspace/members',
  summary: 'Who is in this workspace, and as what',
  responses: { 200: json(z.object({ items: z.array(WorkspaceMember) }), 'By name'), ...errorResponses },
})

const changeMember = createRoute({
  ...forAdmins,
  method: 'patch',
  path: '/workspace/members/{id}',
  summary: 'Give somebody another role, or suspend them here',
  request: { params, body: { ...json(ChangeMember, 'What changes'), required: true } },
  responses: { 200: json(WorkspaceMember, 'As they are now'), ...errorResponses },
})

const removeMember = createRoute({
  ...forReaders,
  method: 'delete',
  path: '/workspace/members/{id}',
  summary: 'Take somebody out or, with your own id, leave',
  request: { params },
  responses: { 204: { description: 'They are refused everywhere within 5 seconds' }, ...errorResponses },
})

const listInvitations = createRoute({
  ...forAdmins,
  method: 'get',
  path: '/workspace/invitations',
  summary: 'The open invitations',
  responses: { 200: json(z.object({ items: z.array(Invitation) }), 'Newest first'), ...errorResponses },
})

const invite = createRoute({
  ...forAdmins,
  method: 'post',
  path: '/workspace/invitations',
  summary: 'Invite somebody',
  request: { body: { ...json(CreateInvitation, 'Whom, and as what'), required: true } },
  responses: { 201: json(CreatedInvitation, 'With the link, shown this once'), ...errorResponses },
})

const revokeInvitation = createRoute({
  ...forAdmins,
  method: 'delete',
  path: '/workspace/invitations/{id}',
  summary: 'Call an invitation back',
  request: { params },
  responses: { 204: { description: 'Its link lets nobody in any more' }, ...errorResponses },
})

const accept = createRoute({
  ...common,
  method: 'post',
  path: '/invitations/accept',
  summary: 'Take an invitation with your account',
  request: { body: { ...json(InvitationToken, 'What its link carries'), required: true } },
  responses: { 200: json(AcceptedInvitation, 'The workspace to switch to'), ...errorResponses },
})

interface Services {
  workspaces: Workspaces
  members: Members
  invitations: Invitations
}

export const workspaceRoutes = ({ workspaces, members, invitations }: Services) =>
  createRoutes()
    .openapi(list, async (c) => c.json({ items: await workspaces.list(c.get('call')) }, 200))
    .openapi(create, async (c) => c.json(await workspaces.create(c.get('call'), c.req.valid('json')), 201))
    .openapi(rename, async (c) => c.json(await workspaces.change(c.get('call'), c.req.valid('json')), 200))
    .openapi(remove, async (c) => {
      await workspaces.delete(c.get('call'), c.req.valid('json'))
      return c.body(null, 204)
    })
    .openapi(listMembers, async (c) => c.json({ items: await members.list(c.get('call')) }, 200))
    .openapi(changeMember, async (c) => {
      const { id } = c.req.valid('param')
      return c.json(await members.change(c.get('call'), id.toLowerCase(), c.req.valid('json')), 200)
    })
    .openapi(removeMember, async (c) => {
      await members.remove(c.get('call'), c.req.valid('param').id.toLowerCase())
      return c.body(null, 204)
    })
    .openapi(listInvitations, async (c) => c.json({ items: await invitations.list(c.get('call')) }, 200))
    .openapi(invite, async (c) => c.json(await invitations.create(c.get('call'), c.req.valid('json')), 201))
    .openapi(revokeInvitation, async (c) => {
      await invitations.revoke(c.get('call'), c.req.valid('param').id)
      return c.body(null, 204)
    })
    .openapi(accept, async (c) => c.json(await invitations.accept(c.get('call'), c.req.valid('json').token), 200))
