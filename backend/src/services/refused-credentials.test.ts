import { NitroError } from '@nitroagi/shared/errors'
import { refusalsPerMinute } from '@nitroagi/shared/limits'
import { describe, expect, it } from 'vitest'
import { silentLog } from '../log.ts'
import { createInProcessWorkingMemory } from '../ports/working-memory/in-process.ts'
import { createMetering } from './metering.ts'
import { createRefusedCredentials } from './refused-credentials.ts'

const refused = () => Promise.reject(new NitroError('unauthenticated', 'No'))

function setUp(perMinute?: number) {
  let time = Date.now()
  const meters = createInProcessWorkingMemory()
  const strangers = createRefusedCredentials({
    take: createMetering({ shared: meters, local: meters, log: silentLog }),
    ...(perMinute === undefined ? {} : { perMinute }),
    now: () => time,
  })
  const asked: string[] = []
  const watch = (credential: string, address: string | undefined, prove: (signed: () => void) => Promise<unknown>) =>
    strangers
      .watch({ address, credential }, (signed) => {
        asked.push(credential)
        return prove(signed)
      })
      .then(
        () => 'in',
        (error: NitroError) => error.code,
      )
  const outcomes = async (times: number, credential: string, address: string | undefined = '192.0.2.7') => {
    const all: string[] = []
    for (let index = 0; index < times; index++) all.push(await watch(credential, address, refused))
    return all
  }
  return { strangers, watch, outcomes, asked, pass: (ms: number) => (time += ms) }
}

describe('too many refused credentials from one address', () => {
  it('are listened to no more, for about a minute', async () => {
    const { outcomes, asked, pass } = setUp(3)
    expect(await outcomes(5, 'nk_wrong')).toEqual([
      'unauthenticated',
      'unauthenticated',
      'unauthenticated',
      'rate_limited',
      'rate_limited',
    ])
    expect(asked).toHaveLength(4)
    pass(66_000)
    expect(await outcomes(1, 'nk_wrong')).not.toEqual(['in'])
    expect(asked).toHaveLength(5)
  })

  it('are as many as the limits say when nothing else is said', async () => {
    const all = await setUp().outcomes(refusalsPerMinute + 1, 'nt_wrong')
    expect(all.indexOf('rate_limited')).toBe(refusalsPerMinute)
  })

  it('shut out neither other addresses nor who cannot be told from whom they come', async () => {
    const { outcomes, watch } = setUp(1)
    await outcomes(3, 'nk_wrong')
    expect(await outcomes(1, 'nk_wrong', '192.0.2.8')).toEqual(['unauthenticated'])
    expect(await watch('nk_wrong', undefined, refused)).toBe('unauthenticated')
    expect(await watch('nk_wrong', undefined, async (signed) => signed())).toBe('in')
  })

  it('keep no key out that was good a moment ago, until it is good no more', async () => {
    const { outcomes, watch, asked } = setUp(1)
    expect(await watch('nk_good', '192.0.2.7', async () => 'Ada')).toBe('in')
    expect(await watch('nt_good', '192.0.2.7', async () => 'Ada')).toBe('in')
    await outcomes(2, 'nk_wrong')
    expect(await watch('nk_good', '192.0.2.7', async () => 'Ada')).toBe('in')
    // A ticket is good once; it was not noted.
    expect(await watch('nt_good', '192.0.2.7', async () => 'Ada')).toBe('rate_limited')
    expect(await watch('nk_good', '192.0.2.7', refused)).toBe('rate_limited')
    const before = asked.length
    expect(await watch('nk_good', '192.0.2.7', async () => 'Ada')).toBe('rate_limited')
    expect(asked).toHaveLength(before)
  })

  it('do not keep the web app’s own tokens from being looked at', async () => {
    const { outcomes, watch } = setUp(1)
    await outcomes(2, 'nk_wrong')
    expect(await watch('eyJ.a.b', '192.0.2.7', async () => 'Ada')).toBe('in')
    expect(await watch('eyJ.nk_a.nt_b', '192.0.2.7', async () => 'Ada')).toBe('in')
    expect(await watch('eyJ.a.b', '192.0.2.7', refused)).toBe('rate_limited')
  })
})

it('counts only what a stranger has sent, and only what was refused for that', async () => {
  const { outcomes, watch } = setUp(1)
  const failing = (error: unknown) => watch('eyJ.a.b', '192.0.2.7', () => Promise.reject(error as Error))
  for (let index = 0; index < 3; index++) {
    expect(await failing(new NitroError('unavailable', 'Away'))).toBe('unavailable')
    expect(await failing(new Error('broken'))).toBeUndefined()
    expect(
      await watch('eyJ.a.b', '192.0.2.7', (signed) => {
        signed()
        return refused()
      }),
    ).toBe('unauthenticated')
  }
  expect(await outcomes(1, 'nk_wrong')).toEqual(['unauthenticated'])
})

it('says when to come back, in a whole number of seconds that is never none', async () => {
  const { strangers, outcomes, pass } = setUp(1)
  const refuse = () => strangers.watch({ address: '192.0.2.7', credential: 'nk_wrong' }, refused)
  await outcomes(1, 'nk_wrong')
  // Already the one that is too much says so.
  const last = (await refuse().catch((error: unknown) => error)) as NitroError
  expect(last.retryAfterSeconds).toBeGreaterThan(50)
  expect(last.retryAfterSeconds).toBeLessThanOrEqual(66)
  const wait = () =>
    strangers.watch({ address: '192.0.2.7', credential: 'nk_x' }, refused).catch((error: unknown) => error)
  const first = (await wait()) as NitroError
  expect(first.code).toBe('rate_limited')
  expect(first.retryAfterSeconds).toBeGreaterThan(50)
  expect(first.retryAfterSeconds).toBeLessThanOrEqual(66)
  expect(Number.isInteger(first.retryAfterSeconds)).toBe(true)
  pass(first.retryAfterSeconds! * 1000 - 1_001)
  expect(((await wait()) as NitroError).retryAfterSeconds).toBeLessThanOrEqual(2)
})

it('remembers the newest ten thousand keys and no more', async () => {
  const { watch, outcomes } = setUp(1)
  const name = (index: number) => `nk_${index}`
  for (let index = 0; index < 10_000; index++) await watch(name(index), '192.0.2.7', async () => 'Ada')
  // Used again, it is among the newest again.
  await watch(name(0), '192.0.2.7', async () => 'Ada')
  await watch(name(10_000), '192.0.2.7', async () => 'Ada')
  await outcomes(2, 'nk_wrong')
  expect(await watch(name(1), '192.0.2.7', async () => 'Ada')).toBe('rate_limited')
  expect(await watch(name(0), '192.0.2.7', async () => 'Ada')).toBe('in')
  expect(await watch(name(2), '192.0.2.7', async () => 'Ada')).toBe('in')
  expect(await watch(name(10_000), '192.0.2.7', async () => 'Ada')).toBe('in')
})
