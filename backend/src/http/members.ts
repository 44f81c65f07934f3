import { createRoute } from '@hono/zod-openapi'
import { WorkspaceMemberList } from '@nitroagi/shared/collections'
import type { CollectionMembers } from '../services/collection-members.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

/** Mounted at /api/v1/members. */
export const memberRoutes = (members: Pick<CollectionMembers, 'people'>) =>
  createRoutes().openapi(
    createRoute({
      method: 'get',
      path: '/',
      middleware: [requires('read')] as const,
      responses: { 200: json(WorkspaceMemberList, 'Everybody of the workspace, by name'), ...errorResponses },
    }),
    async (c) => c.json({ items: await members.people(c.get('call')) }, 200),
  )
