import { expect, it } from 'vitest'
import { safeNext } from './safe-next.ts'

it.each([
  '/chat',
  '/chat/0198aa10-1111-7abc-8def-000000000001',
  '/settings/sign-in',
  '/workspace/members',
  '/invitation',
])('leads back to %s after signing in', (next) => expect(safeNext(next)).toBe(next))

it.each([
  undefined,
  '',
  'https://evil.example/chat',
  '//evil.example',
  '/chat//evil.example',
  '/chat/../api/auth/signout',
  '/chat?next=//evil.example',
  '/chat\n',
  '/chatter',
  '/\\evil.example',
  '/api/backend/me',
])('leads to the conversations instead of %j', (next) => expect(safeNext(next)).toBe('/chat'))
