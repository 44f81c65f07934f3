import { expect, it } from 'vitest'
import { readConfig } from '../../config.ts'
import { partsOf, textOf } from './contract.ts'
import { createLanguageModels } from './language-models.ts'
import { startModelServer } from './model-server.ts'

const modelsWith = (env: Record<string, string>) => createLanguageModels(readConfig(env).languageModel)
const two = {
  OPENAI_API_KEY: 'sk-0123456789',
  OPENAI_MODEL: 'gpt-5-mini',
  ANTHROPIC_API_KEY: 'sk-ant-0123456789',
  ANTHROPIC_MODEL: 'claude-haiku-4-5',
}

it('are other providers’ models, where the operator lets them answer', () => {
  expect(modelsWith(two).alternatives?.()).toEqual(['anthropic/claude-haiku-4-5'])
  expect(modelsWith({ ...two, NITRO_FALLBACK: 'never' }).alternatives?.()).toEqual([])
  expect(modelsWith({ OPENAI_API_KEY: 'sk-0123456789' }).alternatives?.()).toEqual([])
  expect(modelsWith({}).alternatives?.()).toEqual([])
})

it('are asked for by name, and a name that nobody has is refused', () => {
  expect(modelsWith(two).get('nitro-auto/anthropic/claude-haiku-4-5').info.id).toBe('anthropic/claude-haiku-4-5')
  expect(() => modelsWith(two).get('nitro-auto/anthropic/nobody')).toThrow('There is no model')
})

it('have stand-ins, as the default model has', async () => {
  const server = await startModelServer()
  try {
    const models = modelsWith({
      OPENAI_COMPATIBLE_BASE_URL: server.baseUrl,
      NITRO_MODEL: 'compatible/other',
      NITRO_FALLBACK_MODELS: 'compatible/healthy',
    })
    const ask = { prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hello?' }] }] }
    const preferred = models.get('nitro-auto/compatible/not-found').model
    expect(textOf(await partsOf(preferred, ask))).toBe('Hello from a local server.')
    models.close()
  } finally {
    await server.close()
  }
})
