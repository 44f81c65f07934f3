import type { Role } from '@nitroagi/shared/identity'

export const roleWords: Record<Role, { label: string; may: string }> = {
  owner: { label: 'Owner', may: 'Decides over everything, also over the workspace itself.' },
  admin: { label: 'Admin', may: 'Manages members, invitations, limits and modules.' },
  editor: { label: 'Editor', may: 'Asks, and adds and changes documents.' },
  member: { label: 'Member', may: 'Asks, and works on documents as an editor does.' },
  viewer: { label: 'Viewer', may: 'Reads and searches documents, and changes nothing.' },
}
