import { createRoute, z } from '@hono/zod-openapi'
import type { Scope } from '@nitroagi/shared/identity'
import { describe, expect, it } from 'vitest'
import { testCall } from '../../test/test-call.ts'
import { answerFailure, toFailure } from './errors.ts'
import { createRoutes, json, requires } from './routes.ts'

function routesFor(schema: z.ZodType, scopes: Scope[] = ['read']) {
  const app = createRoutes()
  app.onError((error, c) => answerFailure(c, toFailure(error)))
  app.use((c, next) => {
    const call = testCall()
    c.set('call', { ...call, actor: { ...call.actor, scopes } })
    return next()
  })
  const route = createRoute({
    method: 'post',
    path: '/things',
    middleware: requires('knowledge'),
    request: { body: { ...json(schema, 'A thing'), required: true } },
    responses: { 204: { description: 'Taken' } },
  })
  return app.openapi(route, (c) => c.body(null, 204))
}

async function post(app: ReturnType<typeof routesFor>, body: unknown) {
  const headers = { 'content-type': 'application/json' }
  const answer = await app.request('/things', { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await answer.text()
  return { status: answer.status, error: text === '' ? undefined : JSON.parse(text).error }
}

describe('input that does not fit', () => {
  it('is answered with the field and what is wrong with it, and all that is wrong as details', async () => {
    const app = routesFor(z.object({ a: z.object({ b: z.string() }), c: z.number() }), ['knowledge'])
    const { status, error } = await post(app, { a: { b: 1 } })
    expect(status).toBe(400)
    expect(error.code).toBe('invalid_input')
    expect(error.message).toMatch(/^a\.b: ./)
    expect(error.details.map(({ path }: { path: string }) => path)).toEqual(['a.b', 'c'])
  })

  it('is answered without a field when it is wrong as a whole', async () => {
    const { error } = await post(routesFor(z.strictObject({}), ['knowledge']), { surplus: 1 })
    expect(error.message).toBe(error.details[0].message)
    expect(error.details[0].path).toBe('')
  })

  it('gets an answer that does not grow with what was sent', async () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`field${index}`, index]))
    const app = routesFor(z.record(z.string(), z.string()), ['knowledge'])
    expect((await post(app, many)).error.details).toHaveLength(20)
    const pathOf = async (length: number) => (await post(app, { ['x'.repeat(length)]: 1 })).error.details[0].path
    expect(await pathOf(500)).toBe('x'.repeat(500))
    expect(await pathOf(501)).toBe(`${'x'.repeat(499)}…`)
  })
})

it('is not looked at when the credential lacks the right', async () => {
  const { status, error } = await post(routesFor(z.object({ a: z.string() }), ['read']), { a: 1 })
  expect([status, error.code, error.message]).toEqual([403, 'forbidden', 'This needs the "knowledge" right'])
  expect((await post(routesFor(z.object({ a: z.string() }), ['knowledge']), { a: 'x' })).status).toBe(204)
})
