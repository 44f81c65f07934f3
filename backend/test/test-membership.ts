import type { Membership } from '../src/ports/database/accounts-port.ts'

/** Somebody in a workspace, with a password and no second factor. */
export const adaInLab: Membership = {
  userId: 'ada',
  workspaceId: 'w1',
  workspaceName: 'Lab',
  role: 'member',
  email: 'ada@example.com',
  name: null,
  isEmailVerified: true,
  hasPassword: true,
  hasSecondFactor: false,
  needsSecondFactor: false,
  suspended: false,
  createdAt: '',
}
