'use client'

import { getCsrfToken } from 'next-auth/react'
import { NitroError } from '@nitroagi/shared/errors'
import { Account } from '@nitroagi/shared/identity'
import { request } from './request.ts'

/**
 * From here on this browser works in that workspace. Everything is loaded anew: nothing shown belongs to it. A session of
 * before one was suspended there does not lead back in; signing in again does.
 */
export async function switchWorkspace(workspaceId: string, next = '/chat'): Promise<void> {
  const csrfToken = await getCsrfToken()
  const response = await fetch('/api/auth/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ csrfToken, data: { workspaceId } }),
  }).catch(() => undefined)
  if (!response?.ok) throw new NitroError('unavailable', 'The workspace could not be switched. Try again in a moment.')
  const now = await request('/me', Account)
  location.assign(now.workspaceId === workspaceId ? next : `/sign-in?reason=workspace&next=${encodeURIComponent(next)}`)
}
