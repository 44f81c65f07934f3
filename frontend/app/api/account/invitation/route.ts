import { InvitationToken, OpenInvitation } from '@nitroagi/shared/workspaces'
import { askAsWebApp } from '../ask.ts'

export const dynamic = 'force-dynamic'

export const POST = askAsWebApp({ path: '/api/v1/auth/invitation', takes: InvitationToken, gives: OpenInvitation })
