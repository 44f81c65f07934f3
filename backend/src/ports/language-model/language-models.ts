import type { LanguageModelV4 } from '@ai-sdk/provider'
import { NitroError } from '@nitroagi/shared/errors'
import type { ModelInfo } from '@nitroagi/shared/modules'
import type { Config } from '../../config.ts'
import type { Log } from '../../log.ts'
import type { Deadlines } from './guarded.ts'
import { createOfflineModel } from './offline.ts'
import type { LanguageModels, NamedModel } from './port.ts'
import { priceOf, wellKnownModels } from './prices.ts'
import { createProviderLine, type LineSettings, type ProviderLine } from './provider-line.ts'
import { createProviders, type Provider } from './providers.ts'
import { withoutRefusedAids } from './refused-aids.ts'
import { createResilientModel, type Candidate, type Patience } from './resilient.ts'
import { createScriptedModelFromFile } from './scripted.ts'
import { createServerModels } from './server-models.ts'

/** Stands for the first model that an OpenAI-compatible server lists, when none was named. */
const firstListed = 'auto'

/** The models that the configuration allows. Throws `model_not_found` when NITRO_MODEL names none of them. */
export function createLanguageModels(settings: Config['languageModel'], tuning: Tuning = {}): LanguageModels {
  const patience: Patience = {
    deadlines: deadlinesWithin(settings.timeoutSeconds),
    tries: 3,
    retryBaseMs: 400,
    retryMaxMs: 4_000,
    retryAfterMaxSeconds: 5,
    hedge: settings.hedge,
    hedgeMinMs: 300,
    ...tuning.patience,
  }
  const lineSettings: LineSettings = {
    breaker: { windowSeconds: 30, minimumFailures: 5, failureShare: 0.5, openSeconds: 5, openSecondsMax: 60 },
    places: settings.concurrency,
    probeSeconds: settings.probeSeconds,
    latencySamples: 20,
    log: tuning.log,
    ...tuning.line,
  }
  const providers = createProviders(settings)
  /** One key a provider, so one line each. */
  const lines = new Map<string, ProviderLine>(
    providers.map(({ name }) => [name, createProviderLine(name, lineSettings)]),
  )
  const server = settings.compatible ? createServerModels(withKey(settings.compatible)) : undefined
  const scripted = settings.scripted ? createScriptedModelFromFile(settings.scripted) : undefined
  const made = new Map<string, { candidate: Candidate; info: ModelInfo }>()
  const answering = new Map<string, NamedModel>()

  const configured = (provider: Provider): string[] => {
    const named = namesIn((settings[provider.name] || undefined)?.model)
    if (named.length > 0) return named
    return provider.name === 'compatible' ? [firstListed] : wellKnownModels(provider.name)
  }
  const offered = (provider: Provider): string[] => [
    ...new Set([...configured(provider), ...(provider.name === 'compatible' ? (server?.known() ?? []) : [])]),
  ]
  const names = (): string[] => [
    'nitro-offline',
    ...(scripted ? ['scripted/default'] : []),
    ...providers.flatMap((provider) => offered(provider).map((id) => `${provider.name}/${id}`)),
  ]

  const defaultModel =
    settings.default && settings.default !== 'nitro-auto'
      ? settings.default
      : (names().find((name) => name !== 'nitro-offline') ?? 'nitro-offline')

  function build(name: string): { candidate: Candidate; info: ModelInfo } {
    if (name === 'nitro-offline') {
      return described(name, createOfflineModel(), { price: { inputUsd: 0, outputUsd: 0 }, isLanguageModel: false })
    }
    if (name === 'scripted/default' && scripted) return described(name, scripted, {})
    const { provider, modelId } = split(name)
    const found = providers.find((candidate) => candidate.name === provider)
    // A self-hosted server is asked directly: it may know a model that it does not list.
    const isOffered = found && modelId && (found.name === 'compatible' || offered(found).includes(modelId))
    if (!isOffered) {
      throw new NitroError('model_not_found', `There is no model ${name}. There are: ${names().join(', ')}.`)
    }
    const model =
      found.name === 'compatible' && modelId === firstListed ? firstListedModel(found, server) : found.model(modelId)
    return described(name, withoutRefusedAids(model), {
      price: priceOf(provider, modelId, settings.prices),
      keyName: found.keyName,
    })
  }

  function described(
    id: string,
    model: LanguageModelV4,
    about: { price?: NamedModel['price']; keyName?: string; isLanguageModel?: boolean },
  ): { candidate: Candidate; info: ModelInfo } {
    const provider = id === 'nitro-offline' ? 'nitro' : split(id).provider
    return {
      info: { id, provider, isLanguageModel: about.isLanguageModel ?? true },
      candidate: {
        label: { name: id, provider, keyName: about.keyName },
        model,
        price: about.price ?? null,
        line: lines.get(provider),
      },
    }
  }

  function find(name: string) {
    const known = made.get(name)
    if (known) return known
    const found = build(name)
    // Names come from clients; only so many are worth remembering.
    if (made.size < 200) made.set(name, found)
    return found
  }

  /** Who answers instead, in this order: those that the operator named, otherwise each other provider's first. */
  function standIns(asked: string): string[] {
    const { provider } = split(asked)
    // Our own models cannot be down, and what they say is not what a language model would.
    if (settings.fallbackModels === undefined && !lines.has(provider)) return []
    const others =
      settings.fallbackModels ??
      providers.filter(({ name }) => name !== provider).map((other) => `${other.name}/${configured(other)[0]}`)
    return others.filter((name) => name !== asked)
  }

  function get(name: string): NamedModel {
    const known = answering.get(name)
    if (known) return known
    const isOurs = name === 'nitro-auto' || name.startsWith('nitro-auto/')
    const asked = name === 'nitro-auto' ? defaultModel : isOurs ? name.slice('nitro-auto/'.length) : name
    const { info, candidate } = find(asked)
    const mayTurn = settings.fallback === 'always' || (settings.fallback === 'auto' && isOurs)
    const chain = [candidate, ...(mayTurn ? standIns(asked).map((other) => find(other).candidate) : [])]
    const named: NamedModel = {
      info,
      model: createResilientModel(chain, patience),
      price: candidate.price,
      ...dearestOf(chain),
    }
    if (answering.size < 200) answering.set(name, named)
    return named
  }

  for (const name of settings.fallbackModels ?? []) find(name)
  get(defaultModel)
  return {
    defaultModel,
    get,
    list: (): ModelInfo[] => [
      { id: 'nitro-auto', provider: 'nitro', isLanguageModel: defaultModel !== 'nitro-offline' },
      ...names().map((name) => ({
        id: name,
        provider: name === 'nitro-offline' ? 'nitro' : split(name).provider,
        isLanguageModel: name !== 'nitro-offline',
      })),
    ],
    async refresh() {
      await server?.refresh()
    },
    alternatives: () =>
      settings.fallback === 'never'
        ? []
        : standIns(defaultModel).filter((name) => lines.get(split(name).provider)?.wouldLet() ?? true),
    providers: () => [...lines.values()].map((line) => line.state()),
    close() {
      for (const line of lines.values()) line.close()
    },
  }
}

/** Whoever of them answers costs no more than this. */
function dearestOf(chain: readonly Candidate[]): Pick<NamedModel, 'dearest'> {
  const known = chain.flatMap(({ price }) => price ?? [])
  if (chain.length < 2 || known.length === 0) return {}
  return {
    dearest: {
      inputUsd: Math.max(...known.map(({ inputUsd }) => inputUsd)),
      outputUsd: Math.max(...known.map(({ outputUsd }) => outputUsd)),
    },
  }
}

interface Tuning {
  log?: Log
  /** For tests that have no minute to lose. */
  patience?: Partial<Patience>
  line?: Partial<LineSettings>
}

/** Resolved at each call, because the server may load another model at any time. */
function firstListedModel(provider: Provider, server: ReturnType<typeof createServerModels> | undefined) {
  const resolve = async (): Promise<LanguageModelV4> => {
    await server?.refresh()
    const first = server?.known()[0]
    if (first !== undefined) return provider.model(first)
    throw new NitroError(
      'model_failed',
      'The model server does not say which models it has. Is it running at OPENAI_COMPATIBLE_BASE_URL? ' +
        'If it is, name a model in OPENAI_COMPATIBLE_MODEL.',
    )
  }
  return {
    ...provider.model(firstListed),
    doStream: async (options) => (await resolve()).doStream(options),
    doGenerate: async (options) => (await resolve()).doGenerate(options),
  } satisfies LanguageModelV4
}

/** A model that thinks before it speaks gets half its time for that. */
const deadlinesWithin = (totalSeconds: number): Deadlines => ({
  totalSeconds,
  firstSeconds: Math.max(totalSeconds / 2, Math.min(totalSeconds, 30)),
  idleSeconds: Math.min(totalSeconds, 30),
})

const namesIn = (list: string | undefined): string[] =>
  (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

/** Only the first slash divides: OpenRouter's own names hold more of them. */
function split(name: string): { provider: string; modelId: string } {
  const at = name.indexOf('/')
  return at < 0 ? { provider: '', modelId: '' } : { provider: name.slice(0, at), modelId: name.slice(at + 1) }
}

const withKey = ({ baseUrl, apiKey }: { baseUrl: string; apiKey?: string | undefined }) => ({ baseUrl, apiKey })
