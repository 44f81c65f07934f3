import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../../config.ts'
import { partsOf, textOf } from './contract.ts'
import { createLanguageModels } from './language-models.ts'
import { startModelServer } from './model-server.ts'

type Tuning = Parameters<typeof createLanguageModels>[1]

let server: Awaited<ReturnType<typeof startModelServer>>
let opened: ReturnType<typeof createLanguageModels>[] = []
beforeEach(async () => {
  server = await startModelServer()
})
afterEach(async () => {
  for (const models of opened) models.close()
  opened = []
  await server.close()
})

function modelsWith(env: Record<string, string> = {}, tuning: Tuning = {}) {
  const models = createLanguageModels(
    readConfig({ OPENAI_COMPATIBLE_BASE_URL: server.baseUrl, NITRO_MODEL: 'compatible/healthy', ...env }).languageModel,
    { ...tuning, patience: { retryBaseMs: 20, ...tuning.patience } },
  )
  opened.push(models)
  return models
}
const ask = { prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hello?' }] }] }
const whole = 'Hello from a local server.'

describe('a call that fails before its first word', () => {
  it('is made again when the failure may be over in a moment', async () => {
    server.disguise(() => (server.calls() <= 2 ? 'server-error' : 'healthy'))
    expect(textOf(await partsOf(modelsWith().get('compatible/healthy').model, ask))).toBe(whole)
    expect(server.calls()).toBe(3)
  })

  it('is made three times at most', async () => {
    server.disguise(() => 'server-error')
    await expect(partsOf(modelsWith().get('compatible/healthy').model, ask)).rejects.toMatchObject({
      code: 'model_failed',
    })
    expect(server.calls()).toBe(3)
  })

  it.each(['unauthorized', 'not-found', 'html', 'redirect', 'rate-limited', 'empty'])(
    'is made once when another try has no point: %s',
    async (fault) => {
      server.disguise(() => fault)
      await expect(partsOf(modelsWith().get('compatible/healthy').model, ask)).rejects.toThrow()
      expect(server.calls()).toBe(1)
    },
  )

  it('waits as long as the provider asks, when that is short', async () => {
    server.disguise(() => (server.calls() <= 1 ? 'rate-limited-briefly' : 'healthy'))
    const asked = partsOf(modelsWith().get('compatible/healthy').model, ask)
    await expect.poll(() => server.calls()).toBe(1)
    await sleep(500)
    expect(server.calls()).toBe(1)
    expect(textOf(await asked)).toBe(whole)
    expect(server.calls()).toBe(2)
  })

  it('is never made again after a word was heard', async () => {
    const { stream } = await modelsWith().get('compatible/half-cut').model.doStream(ask)
    await expect(Array.fromAsync(stream)).rejects.toMatchObject({ code: 'model_interrupted' })
    expect(server.calls()).toBe(1)
  })

  it('ends at once, also between two tries, when the caller leaves', async () => {
    server.disguise(() => 'server-error')
    const leave = new AbortController()
    const models = modelsWith({}, { patience: { retryBaseMs: 60_000, retryMaxMs: 60_000 } })
    const asked = models.get('compatible/healthy').model.doStream({ ...ask, abortSignal: leave.signal })
    setTimeout(() => leave.abort(new Error('left')), 50)
    await expect(asked).rejects.toThrow('left')
  })
})

describe('another model', () => {
  const env = { NITRO_MODEL: 'compatible/error-500', NITRO_FALLBACK_MODELS: 'compatible/healthy' }

  it('answers when nobody insists on one, and is named', async () => {
    const { stream, answered } = await modelsWith(env).get('nitro-auto').model.doStream(ask)
    expect(textOf(await Array.fromAsync(stream))).toBe(whole)
    expect(answered).toMatchObject({
      model: 'compatible/healthy',
      detours: [{ model: 'compatible/error-500', reason: 'did not answer' }],
    })
    expect(server.calls()).toBeLessThanOrEqual(3)
  })

  it('answers also what is asked for in one piece', async () => {
    server.disguise((model) => model)
    const models = modelsWith({ ...env, NITRO_MODEL: 'compatible/unauthorized' })
    const { content, answered } = await models.get('nitro-auto').model.doGenerate(ask)
    expect(content).toMatchObject([{ type: 'text', text: whole }])
    expect(answered?.detours).toMatchObject([{ model: 'compatible/unauthorized', reason: 'refused its key' }])
  })

  it('does not answer for a model that was chosen, unless the operator says always', async () => {
    await expect(modelsWith(env).get('compatible/error-500').model.doStream(ask)).rejects.toThrow()
    const always = modelsWith({ ...env, NITRO_FALLBACK: 'always' }).get('compatible/error-500')
    expect(textOf(await partsOf(always.model, ask))).toBe(whole)
    const never = modelsWith({ ...env, NITRO_FALLBACK: 'never' }).get('nitro-auto')
    await expect(never.model.doStream(ask)).rejects.toThrow()
  })

  it('still has time to answer when the first says nothing at all', async () => {
    const models = modelsWith({ ...env, NITRO_MODEL: 'compatible/hang', NITRO_MODEL_TIMEOUT_SECONDS: '2' })
    const { stream, answered } = await models.get('nitro-auto').model.doStream(ask)
    expect(textOf(await Array.fromAsync(stream))).toBe(whole)
    expect(answered).toMatchObject({ abandonedCalls: 1, detours: [{ reason: 'took too long' }] })
  })

  it('is named beside the first when it fails as well', async () => {
    const models = modelsWith({
      ...env,
      NITRO_MODEL: 'compatible/unauthorized',
      NITRO_FALLBACK_MODELS: 'compatible/hang',
    })
    server.disguise((model) => (model === 'hang' ? 'rate-limited' : model))
    await expect(models.get('nitro-auto').model.doStream(ask)).rejects.toMatchObject({
      code: 'model_unauthorized',
      message: expect.stringMatching(/refused the key.* Nobody could stand in: compatible\/hang was rate limited\.$/),
    })
  })

  it('is taken from the other providers when the operator names none', () => {
    const models = modelsWith({ OPENAI_API_KEY: 'k', NITRO_MODEL: '' })
    expect(models.defaultModel).toMatch(/^openai\//)
    expect(() => modelsWith({ NITRO_FALLBACK_MODELS: 'openai/unknown' })).toThrow(/There is no model/)
  })
})

describe('a second call', () => {
  const quick: Tuning = { patience: { hedgeMinMs: 50 }, line: { latencySamples: 5 } }

  async function learn(models: ReturnType<typeof modelsWith>, times = 5) {
    for (let time = 0; time < times; time++) await partsOf(models.get('compatible/healthy').model, ask)
  }

  it('is made when the first is later than was measured; the slower one is aborted and counted', async () => {
    const models = modelsWith({}, quick)
    await learn(models)
    expect(models.providers()[0]?.models).toMatchObject([{ id: 'compatible/healthy', measured: 5 }])
    server.disguise(() => (server.calls() === 6 ? 'hang' : 'healthy'))
    const { stream, answered } = await models.get('compatible/healthy').model.doStream(ask)
    expect(textOf(await Array.fromAsync(stream))).toBe(whole)
    expect(answered?.abandonedCalls).toBe(1)
    await expect.poll(() => server.requests[5]?.closedEarly).toBe(true)
    await expect.poll(() => models.providers()[0]?.active).toBe(0)
    expect(models.providers()[0]?.totals).toEqual({ succeeded: 6, failed: 0, abandoned: 1 })
  })

  it('is not made before enough was measured, nor when it is switched off', async () => {
    const off = modelsWith({ NITRO_MODEL_HEDGE: 'off' }, quick)
    await learn(off)
    const unmeasured = modelsWith({}, quick)
    await learn(unmeasured, 4)
    const before = server.calls()
    server.disguise(() => 'slow')
    for (const models of [off, unmeasured]) await partsOf(models.get('compatible/healthy').model, ask)
    expect(server.calls()).toBe(before + 2)
  })
})

describe('places at a provider', () => {
  it('are given back however a call ends', async () => {
    const models = modelsWith({ NITRO_MODEL_CONCURRENCY: '1', NITRO_MODEL_TIMEOUT_SECONDS: '1' })
    const ends = async (name: string) => void (await partsOf(models.get(name).model, ask).catch(() => {}))
    for (const name of ['healthy', 'half-cut', 'unauthorized', 'half-hang']) await ends(`compatible/${name}`)
    const { stream } = await models.get('compatible/half-hang').model.doStream(ask)
    await stream.cancel()
    await models.get('compatible/half-hang').model.doStream(ask)
    // Nobody reads that last one; its place is free when its time is over.
    await expect.poll(() => models.providers()[0]?.active, { timeout: 5_000 }).toBe(0)
    expect(textOf(await partsOf(models.get('compatible/healthy').model, ask))).toBe(whole)
    expect(models.providers()[0]).toMatchObject({ active: 0, waiting: 0 })
  }, 15_000)

  it('hold a call back, not in the wrong order, until one is free', async () => {
    server.disguise(() => 'slow')
    const models = modelsWith({ NITRO_MODEL_CONCURRENCY: '1' })
    const { model } = models.get('compatible/healthy')
    const order: string[] = []
    const say = async (name: string, options = {}) => {
      await partsOf(model, { ...ask, ...options })
      order.push(name)
    }
    const background = { providerOptions: { nitro: { priority: 'background' } } }
    await Promise.all([say('first'), say('job', background), say('person')])
    expect(order).toEqual(['first', 'person', 'job'])
  }, 15_000)
})

it('aborts the provider’s work within half a second of Stop, also while it waits for the first word', async () => {
  const models = modelsWith()
  for (const name of ['compatible/hang', 'compatible/half-hang']) {
    const stop = new AbortController()
    const heard = partsOf(models.get(name).model, { ...ask, abortSignal: stop.signal })
    heard.catch(() => {})
    await expect.poll(() => server.calls()).toBe(name === 'compatible/hang' ? 1 : 2)
    await sleep(60)
    stop.abort(new Error('stopped'))
    await expect(heard).rejects.toThrow('stopped')
    await expect.poll(() => server.requests.at(-1)?.closedEarly, { timeout: 500 }).toBe(true)
  }
})

describe('an outage of a minute, twenty times as fast', () => {
  const fast: Tuning = {
    patience: { retryBaseMs: 20, retryMaxMs: 200 },
    line: {
      probeSeconds: 1.5,
      breaker: { windowSeconds: 1.5, minimumFailures: 5, failureShare: 0.5, openSeconds: 0.25, openSecondsMax: 3 },
    },
  }

  it.each(['server-error', 'rate-limited-silently', 'cut', 'unauthorized'])(
    'by %s costs at most 1.2 calls for each request of 200 users, and ends by itself',
    async (fault) => {
      const models = modelsWith({}, fast)
      const { model } = models.get('nitro-auto')
      const endsAt = performance.now() + 3_000
      server.disguise(() => fault)
      let requests = 0
      let answers = 0
      await Promise.all(
        Array.from({ length: 200 }, async () => {
          while (performance.now() < endsAt) {
            requests++
            await partsOf(model, ask).then(
              () => answers++,
              () => {},
            )
            await sleep(300 + Math.random() * 400)
          }
        }),
      )
      expect(requests).toBeGreaterThan(400)
      expect(answers).toBe(0)
      expect(server.calls()).toBeLessThanOrEqual(requests * 1.2)

      server.disguise(undefined)
      await expect
        .poll(() => partsOf(model, ask).then(textOf, () => undefined), { timeout: 5_000, interval: 100 })
        .toBe(whole)
      expect(models.providers()[0]?.status).toBe('ok')
    },
    20_000,
  )

  it('is noticed to be over without a request, and costs nothing while all is well', async () => {
    const models = modelsWith({}, { ...fast, line: { ...fast.line, probeSeconds: 0.1 } })
    await partsOf(models.get('nitro-auto').model, ask)
    await sleep(300)
    expect(server.calls()).toBe(1)
    server.disguise(() => 'unauthorized')
    for (let time = 0; time < 8; time++) await partsOf(models.get('nitro-auto').model, ask).catch(() => {})
    expect(models.providers()[0]?.status).not.toBe('ok')
    server.disguise(undefined)
    await expect.poll(() => models.providers()[0]?.status, { timeout: 3_000 }).toBe('ok')
    const after = server.calls()
    await sleep(300)
    expect(server.calls()).toBe(after)
  })
})
