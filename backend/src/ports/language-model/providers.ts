import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { Config } from '../../config.ts'

export type ProviderName = 'openai' | 'anthropic' | 'google' | 'compatible'

export interface Provider {
  name: ProviderName
  /** The variable that an operator looks at when the key is refused. */
  keyName: string
  model(modelId: string): LanguageModelV4
}

type Settings = Config['languageModel']

/** The configured providers, in the order in which the first becomes the default. No SDK is loaded before its first call. */
export function createProviders(settings: Settings): Provider[] {
  const providers: Provider[] = []
  const { openai, anthropic, google, compatible } = settings
  const fetch = fetchWithoutRedirects

  if (openai) {
    const load = once(async () => {
      const { createOpenAI } = await import('@ai-sdk/openai')
      return createOpenAI({ apiKey: openai.apiKey, fetch })
    })
    providers.push(provider('openai', 'OPENAI_API_KEY', load))
  }
  if (anthropic) {
    const load = once(async () => {
      const { createAnthropic } = await import('@ai-sdk/anthropic')
      return createAnthropic({ apiKey: anthropic.apiKey, fetch })
    })
    providers.push(provider('anthropic', 'ANTHROPIC_API_KEY', load))
  }
  if (google) {
    const load = once(async () => {
      const { createGoogle } = await import('@ai-sdk/google')
      return createGoogle({ apiKey: google.apiKey, fetch })
    })
    providers.push(provider('google', 'GOOGLE_GENERATIVE_AI_API_KEY', load))
  }
  if (compatible) {
    const load = once(async () => {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
      return createOpenAICompatible({
        name: 'compatible',
        baseURL: compatible.baseUrl,
        includeUsage: true,
        supportsStructuredOutputs: true,
        fetch,
        ...(compatible.apiKey === undefined ? {} : { apiKey: compatible.apiKey }),
      })
    })
    providers.push(provider('compatible', 'OPENAI_COMPATIBLE_API_KEY', load))
  }
  return providers
}

interface LoadedProvider {
  languageModel(modelId: string): LanguageModelV4
}

function provider(name: ProviderName, keyName: string, load: () => Promise<LoadedProvider>): Provider {
  return { name, keyName, model: (modelId) => lazyModel(name, modelId, load) }
}

function lazyModel(name: string, modelId: string, load: () => Promise<LoadedProvider>): LanguageModelV4 {
  let made: Promise<LanguageModelV4> | undefined
  // Kept, because the SDK builds and compiles its schemas anew for every instance; not kept when loading failed.
  const model = () => {
    made ??= load().then((loaded) => loaded.languageModel(modelId))
    made.catch(() => (made = undefined))
    return made
  }
  return {
    specificationVersion: 'v4',
    provider: name,
    modelId,
    supportedUrls: {},
    doGenerate: async (options) => (await model()).doGenerate(options),
    doStream: async (options) => (await model()).doStream(options),
  }
}

/** A redirect would carry the conversation, and on the same host the key, to where nobody has set them to go. */
const fetchWithoutRedirects: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'manual' })

function once<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let loading: Promise<Value> | undefined
  return () => (loading ??= load())
}
