import { describe, expect, it } from 'vitest'
import { createRoutes } from './routes.ts'
import { allowUploadsFrom } from './upload-origins.ts'

const ours = 'https://nitro.example'
const upload = '/api/v1/attachments'

function ask(path: string, method: string, headers: Record<string, string>) {
  const app = createRoutes()
  app.use(allowUploadsFrom([ours]))
  app.all('*', (c) => c.text('asked'))
  return app.request(path, { method, headers })
}
const preflight = { 'access-control-request-method': 'POST' }

describe('a page of the web app', () => {
  it('may ask whether it may upload, and is told without asking further', async () => {
    const answer = await ask(upload, 'OPTIONS', { origin: ours, ...preflight })
    expect(answer.status).toBe(204)
    expect(Object.fromEntries(answer.headers)).toEqual({
      'access-control-allow-origin': ours,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization, content-type, idempotency-key',
      'access-control-expose-headers': 'x-request-id, retry-after',
      'access-control-max-age': '600',
      vary: 'origin',
    })
  })

  it('may read the answer to its upload, and no cookie goes with it', async () => {
    const answer = await ask(upload, 'POST', { origin: ours })
    expect(answer.headers.get('access-control-allow-origin')).toBe(ours)
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
    expect(await answer.text()).toBe('asked')
  })

  it.each([
    ['OPTIONS', { ...preflight, 'access-control-request-method': 'DELETE' }],
    ['OPTIONS', {}],
    ['GET', preflight],
  ])('is asked as anybody when it is no question about an upload: %s %o', async (method, headers) => {
    const answer = await ask(upload, method, { origin: ours, ...headers } as Record<string, string>)
    expect([answer.status, answer.headers.get('access-control-allow-methods')]).toEqual([200, null])
  })
})

it.each<[string, string | undefined]>([
  [upload, 'https://evil.example'],
  [upload, 'null'],
  [upload, undefined],
  ['/api/v1/me', ours],
  [`${upload}/x`, ours],
  ['/api/v1/%61ttachments', ours],
])('answers no page of another origin, and at no other address: %s from %s', async (path, origin) => {
  const answer = await ask(path, 'OPTIONS', { ...(origin ? { origin } : {}), ...preflight })
  expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  expect(answer.status).toBe(200)
})
