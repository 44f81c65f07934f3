import { writeFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NitroError } from '@nitroagi/shared/errors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../config.ts'
import { heardBeforeFailure, languageModelContract, partsOf, textOf, type Fault } from './contract.ts'
import { createLanguageModels } from './language-models.ts'
import { startModelServer } from './model-server.ts'
import { createScriptedLanguageModels, type Script } from './scripted.ts'

const modelsWith = (env: Record<string, string>) => createLanguageModels(readConfig(env).languageModel)
const ask = { prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hello?' }] }] }
const aSecond = { NITRO_MODEL_TIMEOUT_SECONDS: '1' }

languageModelContract('nitro-offline', async () => ({ healthy: modelsWith({}).get('nitro-offline') }))

const scripts: Record<Fault, Script> = {
  unauthorized: { failAfter: 0, failure: { status: 401 } },
  'rate-limited': { failAfter: 0, failure: { status: 429, retryAfter: '7' } },
  'server-error': { failAfter: 0, failure: { status: 500 } },
  'not-found': { failAfter: 0, failure: { status: 404 } },
  cut: { failAfter: 0, failure: 'cut' },
  hang: { failAfter: 0, failure: 'hang' },
  empty: { deltas: [] },
  'half-cut': { failAfter: 2, failure: 'cut' },
  'half-hang': { failAfter: 2, failure: 'hang' },
  'half-error': { failAfter: 2, failure: 'error-part' },
}

languageModelContract('the scripted model', async () => ({
  healthy: createScriptedLanguageModels().get('nitro-auto'),
  broken: (fault) =>
    createScriptedLanguageModels(scripts[fault], { firstSeconds: 1, idleSeconds: 1, totalSeconds: 2 }).get(
      'nitro-auto',
    ),
}))

languageModelContract('an OpenAI-compatible server', async () => {
  const server = await startModelServer()
  const env = { OPENAI_COMPATIBLE_BASE_URL: server.baseUrl, OPENAI_COMPATIBLE_API_KEY: 'sk-scripted-secret' }
  return {
    healthy: modelsWith(env).get('compatible/healthy'),
    // Each with a provider of its own, because one that breaks in ten ways is soon asked for nothing.
    broken: (fault) => modelsWith({ ...env, ...aSecond }).get(`compatible/${fault}`),
    close: server.close,
  }
})

describe('an OpenAI-compatible server', () => {
  let server: Awaited<ReturnType<typeof startModelServer>>
  const env = () => ({ OPENAI_COMPATIBLE_BASE_URL: server.baseUrl, ...aSecond })
  beforeAll(async () => {
    server = await startModelServer()
  })
  afterAll(() => server.close())

  it('is asked for its models only when somebody wants to know, and then once', async () => {
    const before = server.requests.length
    const models = modelsWith(env())
    expect(models.list().map((model) => model.id)).toEqual(['nitro-auto', 'nitro-offline', 'compatible/auto'])
    expect(server.requests).toHaveLength(before)
    await Promise.all([models.refresh(), models.refresh()])
    await models.refresh()
    expect(models.list().map((model) => model.id)).toContain('compatible/other')
    expect(server.requests).toHaveLength(before + 1)
  })

  it('answers with the first model it has when none was named', async () => {
    expect(textOf(await partsOf(modelsWith(env()).get('nitro-auto').model, ask))).toBe('Hello from a local server.')
    expect(server.requests.at(-1)?.body).toMatchObject({ model: 'healthy', stream: true })
  })

  it('is sent the key as a bearer, and none when there is none', async () => {
    await partsOf(modelsWith({ ...env(), OPENAI_COMPATIBLE_API_KEY: 'k' }).get('compatible/healthy').model, ask)
    expect(server.requests.at(-1)?.authorization).toBe('Bearer k')
    await partsOf(modelsWith(env()).get('compatible/healthy').model, ask)
    expect(server.requests.at(-1)?.authorization).toBeUndefined()
  })

  it.each([
    ['html', 'model_failed', /base_url|BASE_URL/],
    ['invalid-json', 'model_failed', /./],
    ['redirect', 'model_failed', /redirects/],
    ['half-quiet-end', 'model_interrupted', /broke off/],
    ['unknown-name', 'model_not_found', /does not know/],
  ] as const)('makes one clear sentence of %s', async (model, code, sentence) => {
    const { error } = await heardBeforeFailure(modelsWith(env()).get(`compatible/${model}`).model, ask)
    expect(error).toMatchObject({ code, message: expect.stringMatching(sentence) })
    expect(error.message).not.toContain('sk-scripted-secret')
  })

  it('may cut its answer within a character', async () => {
    expect(textOf(await partsOf(modelsWith(env()).get('compatible/split-utf8').model, ask))).toBe('Zürich 東京 🙂')
  })

  it('hears of it when the caller leaves', async () => {
    const leave = new AbortController()
    const { stream } = await modelsWith(env())
      .get('compatible/half-hang')
      .model.doStream({ ...ask, abortSignal: leave.signal })
    const reader = stream.getReader()
    while ((await reader.read()).value?.type !== 'text-delta');
    leave.abort(new Error('left'))
    await expect(reader.read().then(() => reader.read())).rejects.toThrow('left')
    await expect.poll(() => server.requests.at(-1)?.closedEarly).toBe(true)
  })

  it('says that nothing answers when the server is not running', async () => {
    const gone = await startModelServer()
    await gone.close()
    const models = modelsWith({ OPENAI_COMPATIBLE_BASE_URL: gone.baseUrl, OPENAI_COMPATIBLE_MODEL: 'm' })
    await expect(models.get('compatible/m').model.doStream(ask)).rejects.toMatchObject({
      code: 'model_failed',
      message: expect.stringContaining('Nothing answers'),
    })
    await expect(models.refresh()).resolves.toBeUndefined()
  })
})

describe('which models there are', () => {
  it('is nitro-offline alone when nothing is configured', () => {
    const models = modelsWith({})
    expect(models.defaultModel).toBe('nitro-offline')
    expect(models.list().map((model) => [model.id, model.isLanguageModel])).toEqual([
      ['nitro-auto', false],
      ['nitro-offline', false],
    ])
  })

  it('begins with the first configured provider, and loads nothing for it', () => {
    const models = modelsWith({ ANTHROPIC_API_KEY: 'k', GOOGLE_GENERATIVE_AI_API_KEY: 'k' })
    expect(models.defaultModel).toMatch(/^anthropic\//)
    expect(models.get('nitro-auto').price).not.toBeNull()
    expect(models.list().some((model) => model.id.startsWith('google/'))).toBe(true)
  })

  it('is what the operator named, without a price when none is known', () => {
    const models = modelsWith({ OPENAI_API_KEY: 'k', OPENAI_MODEL: 'my-tune, gpt-5.4-mini' })
    expect(models.list().map((model) => model.id)).toEqual([
      'nitro-auto',
      'nitro-offline',
      'openai/my-tune',
      'openai/gpt-5.4-mini',
    ])
    expect(models.get('openai/my-tune').price).toBeNull()
    expect(() => models.get('openai/gpt-5.5')).toThrow(NitroError)
  })

  it('refuses a name that does not exist with the names that do', () => {
    expect(() => modelsWith({}).get('openai/gpt-5')).toThrow(/nitro-offline/)
    expect(() => modelsWith({ NITRO_MODEL: 'openai/gpt-5' })).toThrow(/There is no model openai\/gpt-5/)
  })

  it('can be the scripted model of a file, which is read at each call', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nitro-script-'))
    const path = join(folder, 'script.json')
    try {
      await writeFile(path, JSON.stringify({ deltas: ['one'] }))
      const models = modelsWith({ NITRO_SCRIPTED_MODEL: path })
      expect(models.defaultModel).toBe('scripted/default')
      expect(textOf(await partsOf(models.get('nitro-auto').model, ask))).toBe('one')
      await writeFile(path, JSON.stringify({ deltas: ['two '], repeat: 3 }))
      expect(textOf(await partsOf(models.get('nitro-auto').model, ask))).toBe('two two two ')
    } finally {
      await rm(folder, { recursive: true })
    }
    expect(() => readConfig({ NITRO_SCRIPTED_MODEL: path, NODE_ENV: 'production' })).toThrow(/NITRO_SCRIPTED_MODEL/)
  })
})
