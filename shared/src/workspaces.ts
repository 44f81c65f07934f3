import { z } from 'zod'
import { Email, Role } from './identity.ts'
import { limits } from './limits.ts'

const Name = z.string().trim().min(1).max(limits.nameCharacters)

/** `GET /api/v1/workspaces`: those that one is a member of. */
export const Workspace = z.object({
  id: z.uuid(),
  name: z.string(),
  role: Role,
  isCurrent: z.boolean(),
  memberCount: z.int(),
  /** Whoever has no second factor gets no further than to setting one up. */
  requiresSecondFactor: z.boolean(),
})
export type Workspace = z.infer<typeof Workspace>

/** `POST /api/v1/workspaces`; its maker is the owner. */
export const NameWorkspace = z.strictObject({ name: Name })
export type NameWorkspace = z.infer<typeof NameWorkspace>

/** `PATCH /api/v1/workspace`: the current one. */
export const ChangeWorkspace = z.strictObject({ name: Name.optional(), requiresSecondFactor: z.boolean().optional() })
export type ChangeWorkspace = z.infer<typeof ChangeWorkspace>

/** `POST /api/v1/workspace/delete`: with everything in it. Its name, typed, so that nobody does it by a slip. */
export const DeleteWorkspace = z.strictObject({ name: Name })
export type DeleteWorkspace = z.infer<typeof DeleteWorkspace>

/** `GET /api/v1/workspace/members` */
export const WorkspaceMember = z.object({
  userId: z.uuid(),
  /** For owners and admins, and one's own; null to everybody else. */
  email: z.string().nullable(),
  name: z.string().nullable(),
  role: Role,
  isYou: z.boolean(),
  suspendedAt: z.iso.datetime().nullable(),
  joinedAt: z.iso.datetime(),
})
export type WorkspaceMember = z.infer<typeof WorkspaceMember>

/** `PATCH /api/v1/workspace/members/{id}`; `DELETE` removes somebody, and with one's own id leaves. */
export const ChangeMember = z.strictObject({ role: Role.optional(), suspended: z.boolean().optional() })
export type ChangeMember = z.infer<typeof ChangeMember>

export const InvitedRole = z.enum(['admin', 'editor', 'member', 'viewer'])
export type InvitedRole = z.infer<typeof InvitedRole>

/** `POST /api/v1/workspace/invitations` */
export const CreateInvitation = z.strictObject({
  /** Who may take it, who also gets it by mail if there is mail here; without one, whoever has the link. */
  email: Email.optional(),
  role: InvitedRole,
  days: z.int().min(1).max(30).default(7),
})
export type CreateInvitation = z.infer<typeof CreateInvitation>

/** `GET /api/v1/workspace/invitations`: those that are open. */
export const Invitation = z.object({
  id: z.uuid(),
  email: z.string().nullable(),
  role: InvitedRole,
  invitedBy: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
})
export type Invitation = z.infer<typeof Invitation>

/** The only answer that holds the link. */
export const CreatedInvitation = Invitation.extend({
  /** <web app>/invitation#<token>: after the #, so that it is in no log of addresses. */
  link: z.string(),
  wasMailed: z.boolean(),
})
export type CreatedInvitation = z.infer<typeof CreatedInvitation>

export const InvitationToken = z.strictObject({ token: z.string().min(20).max(200) })
export type InvitationToken = z.infer<typeof InvitationToken>

/** `POST /api/v1/auth/invitation`: what the page of an invitation shows. */
export const OpenInvitation = z.object({
  workspaceName: z.string(),
  invitedBy: z.string(),
  email: z.string().nullable(),
  role: InvitedRole,
  expiresAt: z.iso.datetime(),
})
export type OpenInvitation = z.infer<typeof OpenInvitation>

/** `POST /api/v1/invitations/accept`, signed in; the answer is the workspace to switch to. */
export const AcceptedInvitation = z.object({ workspaceId: z.uuid(), workspaceName: z.string(), role: Role })
export type AcceptedInvitation = z.infer<typeof AcceptedInvitation>

/** `GET` and `PUT /api/v1/installation`: for the owner of the oldest workspace; to others it is not there. */
export const Installation = z.strictObject({
  /** Whether strangers may make accounts, each with a workspace of their own. */
  registration: z.enum(['invitation', 'open']),
})
export type Installation = z.infer<typeof Installation>
