import type { Call } from './call.ts'
import type { Ports } from './open-ports.ts'
import type { Config } from './config.ts'
import { createCriticModule } from './modules/critic/critic.ts'
import { createAudioModule } from './modules/audio/audio.ts'
import { createDataModule } from './modules/data/data.ts'
import { wantsTable } from './modules/data/wants-table.ts'
import { createKnowledgeModule, type KnowledgeDependencies } from './modules/knowledge/knowledge.ts'
import { createLanguageModule } from './modules/language/language.ts'
import { createBuiltInTools } from './modules/language/tools.ts'
import { createMemoryModule } from './modules/memory/memory.ts'
import type { TurnMemory } from './modules/memory/turn-memory.ts'
import type { Module } from './modules/module.ts'
import { createReasoningModule } from './modules/reasoning/reasoning.ts'
import { recognise } from './modules/reasoning/recognise.ts'
import { createSummaryModule } from './modules/summary/summary.ts'
import { wantsSummary } from './modules/summary/wants-summary.ts'
import { wantsText } from './modules/writer/wants-text.ts'
import { createWriterModule } from './modules/writer/writer.ts'
import { createVisionModule } from './modules/vision/vision.ts'
import type { OrchestratorDependencies } from './orchestrator/orchestrator.ts'
import { createWholeDocuments } from './ports/database/whole-documents.ts'
import { rankQuotations } from './ports/language-model/quotations.ts'
import { isSupported, supportOf } from './ports/language-model/support.ts'
import type { ModuleSettings } from './services/module-settings.ts'
import type { Search } from './services/search.ts'
import type { Tables } from './services/tables.ts'

interface Surroundings {
  config: Pick<Config, 'criticModel' | 'visionModel'>
  ports: Pick<Ports, 'connection' | 'models' | 'ocr' | 'speech'>
  turns: TurnMemory
  tables: Tables
  search: Search
  moduleSettings: Pick<ModuleSettings, 'disabled'>
}

/** Every module that can work here; what needs a provider that is not configured is not among them. */
export function installModules({ config, ports, turns, tables, search, moduleSettings }: Surroundings): Module[] {
  const { connection, models, ocr, speech } = ports
  const isEnabled = async (call: Call, module: string) => !(await moduleSettings.disabled(call)).has(module)
  const find: KnowledgeDependencies['search'] = async (call, request) => (await search.search(call, request)).hits
  const tools = createBuiltInTools({
    calculate(expression) {
      const found = recognise(expression)
      return found && { statement: found.statement, value: found.calculate() }
    },
    now: () => new Date(),
    search: find,
    isEnabled,
  })
  const audio = createAudioModule(speech)
  return [
    createKnowledgeModule({ search: find }),
    createMemoryModule({ turns }),
    createReasoningModule(),
    createDataModule({ models, tables }),
    createCriticModule({ models, byModel: config.criticModel }),
    createLanguageModule({ models, tools }),
    createVisionModule({ models, ocr, nearestLines, visionModel: config.visionModel }),
    createSummaryModule({
      models,
      whole: createWholeDocuments(connection),
      // Whoever has switched searching off wants nothing searched.
      search: async (call, request) => ((await isEnabled(call, 'knowledge')) ? find(call, request) : []),
    }),
    // Nothing is written without somebody who writes.
    ...(models.defaultModel === 'nitro-offline' ? [] : [createWriterModule({ models })]),
    ...(audio ? [audio] : []),
  ]
}

/** By which the planner knows what a question is for; the modules' own words. */
export const recognisers: Pick<
  OrchestratorDependencies,
  'canCompute' | 'wantsTable' | 'wantsSummary' | 'wantsText' | 'measureSupport'
> = {
  canCompute: (question) => recognise(question) !== undefined,
  wantsTable,
  wantsSummary,
  wantsText: (question) => wantsText(question) !== undefined,
  measureSupport: (question, passages) => ({
    value: supportOf(
      question,
      passages.map(({ title, content, scores }) => ({ title, text: content, scores })),
    ),
    basis: 'the words of the question in the best sentence and its passage, fitted on SQuAD questions',
  }),
}

/** The lines of a text that surely bear on a question, best first. */
const nearestLines = (question: string, lines: readonly string[]): string[] =>
  rankQuotations(question, [{ title: '', text: lines.join('\n\n') }])
    // What stands beside an answer speaks for a sentence of a text, and for no line of a receipt.
    .filter((line) => isSupported(line) && line.signs.own > 0)
    .slice(0, 3)
    .map(({ text }) => text)
