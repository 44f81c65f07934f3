import { expect, it, vi } from 'vitest'
import { encode } from 'next-auth/jwt'
import { z } from 'zod'
import { createStep } from './sign-in-steps.ts'

const Step = z.object({ who: z.string() })
const secret = 'a secret of this installation, long enough'
/** A browser's cookies. */
function createJar(siteUrl: string | undefined = 'http://127.0.0.1:3000') {
  const values = new Map<string, string>()
  const set: {
    name: string
    maxAge?: number
    httpOnly?: boolean
    secure?: boolean
    sameSite?: unknown
    path?: string
  }[] = []
  const jar = {
    get: (name: string) => (values.has(name) ? { name, value: values.get(name)! } : undefined),
    has: (name: string) => values.has(name),
    set(name: string, value: string, options: object) {
      values.set(name, value)
      set.push({ name, ...options })
    },
  }
  const settings = { siteUrl: siteUrl as string | undefined, sessionSecret: secret }
  const surroundings = { cookieJar: async () => jar, config: () => settings } as unknown as Parameters<
    typeof createStep
  >[2]
  return { values, set, settings, step: createStep('step', Step, surroundings) }
}

it('remembers between two steps what nobody can read or make up', async () => {
  const { step, values, set } = createJar()
  expect(await step.read()).toBeUndefined()
  await step.note({ who: 'ada' })
  expect(values.get('nitro.step')).not.toContain('ada')
  expect(await step.read()).toEqual({ who: 'ada' })
  expect(set).toEqual([
    { name: 'nitro.step', httpOnly: true, sameSite: 'lax', path: '/', secure: false, maxAge: 15 * 60 },
  ])
})

it('sends it over TLS alone, and to this host alone, where the site has TLS', async () => {
  const { step, set, settings } = createJar('https://nitro.example')
  await step.note({ who: 'ada' })
  expect(set).toMatchObject([{ name: '__Host-nitro.step', secure: true }])
  expect(await step.read()).toEqual({ who: 'ada' })
  settings.siteUrl = undefined
  expect(await step.read()).toBeUndefined()
})

it.each([
  ['text', async () => 'nonsense'],
  ['nothing', async () => ''],
  ['what another step has sealed', () => encode({ token: { step: { who: 'eve' } }, secret, salt: 'nitro.other' })],
  [
    'what somebody else has sealed',
    () => encode({ token: { step: { who: 'eve' } }, secret: 'another secret', salt: 'nitro.step' }),
  ],
  ['what has another form', () => encode({ token: { step: { who: 7 } }, secret, salt: 'nitro.step' })],
  ['no step at all', () => encode({ token: {}, secret, salt: 'nitro.step' })],
])('takes %s for nothing', async (_, made) => {
  const { step, values } = createJar()
  values.set('nitro.step', await made())
  expect(await step.read()).toBeUndefined()
})

it('takes it no more after a quarter of an hour', async () => {
  const { step } = createJar()
  await step.note({ who: 'ada' })
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 15 * 60 * 1000 + 60_000 })
  try {
    expect(await step.read()).toBeUndefined()
  } finally {
    vi.useRealTimers()
  }
})

it('forgets it at the end, and touches nothing where there is none', async () => {
  const { step, set } = createJar()
  await step.forget()
  expect(set).toEqual([])
  await step.note({ who: 'ada' })
  await step.forget()
  expect(set.at(-1)).toMatchObject({ name: 'nitro.step', maxAge: 0 })
  expect(await step.read()).toBeUndefined()
})
