import type { SearchHit } from '@nitroagi/shared/knowledge'
import type { ConfidenceData } from '@nitroagi/shared/runs'
import { readConfig } from '../../src/config.ts'
import { createCriticModule } from '../../src/modules/critic/critic.ts'
import { createKnowledgeModule } from '../../src/modules/knowledge/knowledge.ts'
import { createLanguageModule } from '../../src/modules/language/language.ts'
import { createOrchestrator } from '../../src/orchestrator/orchestrator.ts'
import { createModuleRegistry } from '../../src/orchestrator/registry.ts'
import { createLanguageModels } from '../../src/ports/language-model/language-models.ts'
import { supportOf } from '../../src/ports/language-model/support.ts'
import { termsOf } from '../../src/terms.ts'
import { testCall } from '../test-call.ts'
import { createWordEmbedder } from '../word-embedder.ts'
import { articlesIn, readSquad, type Passage } from './critic-items.ts'
import { areaUnderCurve, calibrationOf, fitLogistic } from './logistic.ts'

const passagesFound = 6

export interface AskedOffline {
  isAnswerable: boolean
  confidence: ConfidenceData
  /** Whether the answer holds one of the answers that people gave. */
  isRight: boolean
}

/** Asks nitro-offline through the whole orchestrator, search by BM25, about articles that nothing was fitted on. */
export async function askOffline(count: number, isWanted: (title: string) => boolean): Promise<AskedOffline[]> {
  const { passages, questions, unanswerable } = readSquad()
  const titles = new Map(passages.map(({ id, title }) => [id, title]))
  const all = [
    ...questions.map(({ text, answers, passage }) => ({ text, answers, title: passage.title })),
    ...unanswerable.map(({ text, about = '' }) => ({ text, answers: [], title: titles.get(about) ?? '' })),
  ].filter(({ title }) => isWanted(title))
  const step = Math.max(1, Math.floor(all.length / count))
  const answer = createAnswerer(passages)
  const asked: AskedOffline[] = []
  for (const { text, answers } of all.filter((_, index) => index % step === 0)) {
    const said = await answer(text)
    const isRight = answers.some((one) => said.text.toLowerCase().includes(one.toLowerCase()))
    asked.push({ isAnswerable: answers.length > 0, confidence: said.confidence, isRight })
  }
  return asked
}

/** Prints the constants of confidence.ts: from the chance of the first quotation to that of the whole answer. */
export async function fitConfidence(): Promise<void> {
  const { isForFitting } = articlesIn(readSquad().passages)
  const asked = await askOffline(2_000, (title) => title !== '' && isForFitting(title))
  const rows = asked.flatMap(({ isAnswerable, isRight, confidence: { parts } }) => {
    const value = parts.find(({ name }) => name === 'quotation')?.value
    return isAnswerable && value !== undefined ? [{ value: logitOf(value), isRight }] : []
  })
  const fit = fitLogistic(
    rows.map(({ value }) => [value]),
    rows.map(({ isRight }) => isRight),
  )
  console.log(
    `${rows.length} answers\nbias ${fit.bias.toFixed(2)}\nlogit of the quotation ${fit.weights[0]!.toFixed(2)}`,
  )
}

const logitOf = (chance: number) => Math.log(chance / (1 - chance))

/** Prints whether the stated confidence comes true. */
export async function measureConfidence(printTable: (head: string[], rows: string[][]) => void): Promise<void> {
  const { isForFitting } = articlesIn(readSquad().passages)
  const asked = await askOffline(600, (title) => title !== '' && !isForFitting(title))
  const rows = [
    ['with an answer in the documents', asked.filter(({ isAnswerable }) => isAnswerable)] as const,
    ['those and questions that only look answerable', asked] as const,
  ].map(([name, group]) => {
    const scored = group.flatMap(({ confidence: { value }, isRight }) =>
      value === null ? [] : [{ value, label: isRight }],
    )
    const { ece, brier } = calibrationOf(scored)
    const mean = (values: number[]) => values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length)
    return [
      name,
      String(group.length),
      String(group.length - scored.length),
      mean(scored.map(({ value }) => value)).toFixed(3),
      mean(scored.map(({ label }) => (label ? 1 : 0))).toFixed(3),
      ece.toFixed(3),
      brier.toFixed(3),
      areaUnderCurve(scored).toFixed(3),
    ]
  })
  console.log('\nConfidence of nitro-offline on articles that nothing was fitted on')
  printTable(['questions', 'asked', 'refused', 'stated', 'came true', 'ECE', 'Brier', 'AUC'], rows)
}

function createAnswerer(passages: readonly Passage[]) {
  const search = createBm25(passages)
  const models = createLanguageModels(readConfig({}).languageModel)
  const orchestrator = createOrchestrator({
    registry: createModuleRegistry([
      createKnowledgeModule({ search: async (_call, { query }) => search(query) }),
      createLanguageModule({ models }),
      createCriticModule({ models }),
    ]),
    models,
    embedder: createWordEmbedder(),
    canCompute: () => false,
    measureSupport: (question, hits) => ({
      value: supportOf(
        question,
        hits.map(({ title, content }) => ({ title, text: content })),
      ),
      basis: 'as in the product',
    }),
  })
  return async (question: string) => {
    let text = ''
    let confidence: ConfidenceData | undefined
    for await (const chunk of orchestrator.answer(testCall(), { question, history: [] })) {
      if (chunk.type === 'text-delta') text += chunk.delta
      else if (chunk.type === 'data-confidence') confidence = chunk.data
    }
    return { text, confidence: confidence! }
  }
}

/** Exact BM25 in memory: what the product's own search is measured against. */
function createBm25(passages: readonly Passage[]) {
  const documents = passages.map(({ title, text }) => termsOf(`${title}. ${text}`).map(({ stem }) => stem))
  const meanLength = documents.reduce((sum, { length }) => sum + length, 0) / documents.length
  const postings = new Map<string, Map<number, number>>()
  for (const [index, stems] of documents.entries()) {
    for (const stem of stems) {
      const posting = postings.get(stem) ?? new Map<number, number>()
      postings.set(stem, posting.set(index, (posting.get(index) ?? 0) + 1))
    }
  }
  return (query: string): SearchHit[] => {
    const scores = new Map<number, number>()
    for (const stem of new Set(termsOf(query).flatMap((term) => (term.isCommon ? [] : [term.stem])))) {
      const posting = postings.get(stem) ?? new Map<number, number>()
      const rarity = Math.log(1 + (documents.length - posting.size + 0.5) / (posting.size + 0.5))
      for (const [index, count] of posting) {
        const weight = count + 1.2 * (0.25 + (0.75 * documents[index]!.length) / meanLength)
        scores.set(index, (scores.get(index) ?? 0) + (rarity * count * 2.2) / weight)
      }
    }
    const best = [...scores].sort(([, one], [, other]) => other - one).slice(0, passagesFound)
    return best.map(([index, score]) => hitOf(passages[index]!, score))
  }
}

const hitOf = ({ id, title, text }: Passage, score: number): SearchHit => ({
  entryId: id,
  documentId: id,
  externalId: id,
  collectionId: 'squad',
  title,
  mediaType: 'text/plain',
  content: text,
  page: 1,
  start: 0,
  end: text.length,
  score,
  scores: { lexical: score, vector: null },
})
