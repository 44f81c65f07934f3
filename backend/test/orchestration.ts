import { type NitroError } from '@nitroagi/shared/errors'
import type { SearchHit } from '@nitroagi/shared/knowledge'
import type { NitroChunk } from '@nitroagi/shared/runs'
import { createKnowledgeModule } from '../src/modules/knowledge/knowledge.ts'
import { createLanguageModule } from '../src/modules/language/language.ts'
import type { Finding, Module } from '../src/modules/module.ts'
import type { Tool } from '../src/modules/tool.ts'
import { createOrchestrator, type LimitSettings } from '../src/orchestrator/orchestrator.ts'
import type { AnswerRequest, AnswerSummary } from '../src/orchestrator/port.ts'
import { createModuleRegistry } from '../src/orchestrator/registry.ts'
import type { Recognisers } from '../src/orchestrator/rule-planner.ts'
import { readConfig } from '../src/config.ts'
import { createLanguageModels } from '../src/ports/language-model/language-models.ts'
import { createScriptedLanguageModels } from '../src/ports/language-model/scripted.ts'
import { testCall } from './test-call.ts'
import { createWordEmbedder } from './word-embedder.ts'

interface Stage {
  /** What the language model says, call by call. */
  script?: Parameters<typeof createScriptedLanguageModels>[0]
  search?: (query: string) => Promise<SearchHit[]> | SearchHit[]
  support?: number
  limits?: LimitSettings
  /** What the language model may call. */
  tools?: Tool[]
  /** Instead of the knowledge and language modules. */
  modules?: Module[]
  signal?: AbortSignal
  /** The modules' words on what they would take for their own. */
  recognisers?: Partial<Recognisers>
  /** Names of modules that the workspace has switched off. */
  disabled?: string[]
  /** Nobody but nitro-offline answers. */
  offline?: boolean
}

/** The orchestrator over the real modules, a scripted model and a search that answers what the test says. */
export async function orchestrate(request: Partial<AnswerRequest> & { question: string }, stage: Stage = {}) {
  const scripted = createScriptedLanguageModels(stage.script)
  const models = stage.offline ? createLanguageModels(readConfig({}).languageModel) : scripted
  const { search = (query: string) => [hitOf(query)] } = stage
  const modules = stage.modules ?? [
    createKnowledgeModule({ search: async (_call, { query }) => search(query) }),
    createLanguageModule({ models, tools: stage.tools ?? [] }),
  ]
  const orchestrator = createOrchestrator({
    registry: createModuleRegistry(modules, { disabled: () => new Set(stage.disabled) }),
    models,
    embedder: createWordEmbedder(),
    canCompute: () => false,
    ...stage.recognisers,
    measureSupport: () => ({ value: stage.support ?? 1, basis: 'given by the test' }),
    ...(stage.limits ? { limits: stage.limits } : {}),
  })
  const call = { ...testCall(), ...(stage.signal ? { signal: stage.signal } : {}) }
  const answer = orchestrator.answer(call, { history: [], ...request })
  const chunks: NitroChunk[] = []
  let summary: AnswerSummary | undefined
  let error: unknown
  try {
    for (;;) {
      const next = await answer.next()
      if (next.done) {
        summary = next.value
        break
      }
      chunks.push(next.value)
    }
  } catch (caught) {
    error = caught
  }
  return { ...told(chunks), summary, error: error as NitroError | undefined, calls: scripted.calls }
}

/** What was told, sorted. */
function told(chunks: NitroChunk[]) {
  const ofType = <Type extends NitroChunk['type']>(type: Type) =>
    chunks.filter((chunk): chunk is Extract<NitroChunk, { type: Type }> => chunk.type === type)
  const steps = new Map(ofType('data-step').map(({ data }) => [data.id, data]))
  return {
    chunks,
    text: ofType('text-delta')
      .map(({ delta }) => delta)
      .join(''),
    plan: ofType('data-plan').at(-1)?.data,
    step: (id: string) => steps.get(id),
    steps: [...steps.values()],
    notices: ofType('data-notice').map(({ data }) => data),
    decision: ofType('data-decision').at(-1)?.data,
    consensus: ofType('data-consensus').at(-1)?.data,
  }
}

export const hitOf = (content: string, id = content): SearchHit => ({
  entryId: id,
  documentId: 'd',
  externalId: null,
  collectionId: 'c',
  title: 'Handbook',
  mediaType: 'text/plain',
  content,
  page: 1,
  start: 0,
  end: content.length,
  score: 1,
  scores: { lexical: 1, vector: null },
})

export const moduleOf = (name: string, capability: string, run: () => AsyncIterable<Finding>): Module => ({
  manifest: { name, description: name, capabilities: [capability], cost: 'free', latency: 'instant', needs: [] },
  health: async () => ({ status: 'ok', detail: null }),
  test: async () => 'works',
  run,
})
