'use client'

import { getCsrfToken } from 'next-auth/react'
import { NitroError } from '@nitroagi/shared/errors'

/** From here on this browser works in that workspace. Everything is loaded anew: nothing shown belongs to it. */
export async function switchWorkspace(workspaceId: string, next = '/chat'): Promise<void> {
  const csrfToken = await getCsrfToken()
  const response = await fetch('/api/auth/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ csrfToken, data: { workspaceId } }),
  }).catch(() => undefined)
  if (!response?.ok) throw new NitroError('unavailable', 'The workspace could not be switched. Try again in a moment.')
  location.assign(next)
}
