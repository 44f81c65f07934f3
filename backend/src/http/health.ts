import { createRoute, z } from '@hono/zod-openapi'
import { NitroError } from '@nitroagi/shared/errors'
import { Health, type DependencyHealth } from '@nitroagi/shared/health'
import { createFreshCache } from '../identity/fresh-cache.ts'
import { createRoutes, errorResponses, json } from './routes.ts'

export interface HealthCheck {
  /** Whether the backend is of no use without it. */
  critical: boolean
  /** Rejects when it is down; may say something worth knowing in one sentence. */
  check(): Promise<string | void>
}

export interface HealthOptions {
  version: string
  checks: Readonly<Record<string, HealthCheck>>
  /** Whether requests should be sent here: migrated, warmed up and not draining. */
  isReady(): boolean | Promise<boolean>
}

const timeoutMs = 2_000

const Alive = z.object({ status: z.literal('ok') })
const Ready = z.object({ ready: z.boolean() })

const live = createRoute({
  method: 'get',
  path: '/health/live',
  summary: 'The process answers',
  tags: ['Operation'],
  security: [],
  responses: { 200: json(Alive, 'Always the same') },
})

// Without a credential, because a platform has none to send; so it says nothing but yes or no.
const ready = createRoute({
  method: 'get',
  path: '/health/ready',
  summary: 'Requests may be sent here',
  tags: ['Operation'],
  security: [],
  responses: { 200: json(Ready, 'Ready'), 503: json(Ready, 'Not yet, or not any more') },
})

const detailed = createRoute({
  method: 'get',
  path: '/health',
  summary: 'Each dependency with its latency',
  tags: ['Operation'],
  responses: { 200: json(Health, 'Ok or degraded'), 503: json(Health, 'Down'), ...errorResponses },
})

export function healthRoutes({ version, checks, isReady }: HealthOptions) {
  // Anybody may ask, so a crowd shares one look a second; a "not yet" is looked at again at once.
  const readiness = createFreshCache(async () => ((await within(async () => isReady())) ? {} : undefined), {
    seconds: 1,
    capacity: 1,
  })
  return createRoutes()
    .openapi(live, (c) => c.json({ status: 'ok' as const }, 200))
    .openapi(ready, async (c) => {
      const isUp = await readiness.get('').catch(() => undefined)
      return isUp ? c.json({ ready: true }, 200) : c.json({ ready: false }, 503)
    })
    .openapi(detailed, async (c) => {
      const results = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => ({ name, check, result: await examine(check) })),
      )
      const down = results.filter(({ result }) => result.status === 'down')
      const status = down.length === 0 ? 'ok' : down.some(({ check }) => check.critical) ? 'down' : 'degraded'
      const health: Health = {
        status,
        timestamp: new Date().toISOString(),
        version,
        dependencies: Object.fromEntries(results.map(({ name, result }) => [name, result])),
      }
      return status === 'down' ? c.json(health, 503) : c.json(health, 200)
    })
}

async function examine({ check }: HealthCheck): Promise<DependencyHealth> {
  const begun = performance.now()
  try {
    const detail = await within(check)
    return { status: 'ok', latencyMs: Math.round((performance.now() - begun) * 100) / 100, detail: detail || null }
  } catch (error) {
    // Everybody with a credential reads it: what a vendor says of itself may name hosts and accounts.
    return { status: 'down', latencyMs: null, detail: error instanceof NitroError ? error.message : 'It failed' }
  }
}

async function within<Result>(work: () => Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NitroError('unavailable', `No answer within ${timeoutMs / 1000} s`)), timeoutMs)
  })
  return Promise.race([work(), late]).finally(() => clearTimeout(timer))
}
