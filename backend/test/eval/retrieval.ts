import { type Answered, type Figures, measure } from './measures.ts'
import { showProgress, spread } from './printing.ts'
import type { Product } from './product.ts'
import { type Question, readSet, type SetName } from './sets.ts'

/** Documents that a search must see, to count ten different ones even when one has several of the best passages. */
const depth = 30

export const retrievalHead = ['set', 'questions', 'nDCG@10', 'R@5', 'R@10', 'MRR@10', 'p50 ms', 'p95 ms']

/** A row a language, or one for the set. */
export async function evaluateRetrieval(product: Product, name: SetName, limit?: number): Promise<string[][]> {
  const call = await product.holding(name)
  const questions = spread(readSet(name), limit)
  const answers = new Map<Question, Answered>()
  const times: number[] = []
  for (const question of questions) {
    const { hits, tookMs } = await product.knowledge.search.search(call, { query: question.text, limit: depth })
    times.push(tookMs)
    const found = [...new Set(hits.map((hit) => hit.externalId!))]
    answers.set(question, { found, relevant: question.relevant })
    showProgress(`${name}: ${answers.size} of ${questions.length} questions`)
  }
  const languages = [...new Set(questions.flatMap(({ lang }) => lang ?? []))]
  const groups =
    languages.length > 0 ? languages.map((lang) => [`${name} ${lang}`, lang] as const) : [[name, undefined] as const]
  return groups.map(([label, lang]) => {
    const asked = questions.filter((question) => question.lang === lang)
    const figures = measure(asked.map((question) => answers.get(question)!))
    product.measured.set(`${label} nDCG@10`, figures.ndcg10)
    product.measured.set(`${label} R@5`, figures.recall5)
    product.measured.set(`${label} R@10`, figures.recall10)
    return rowOf(label, figures, times)
  })
}

function rowOf(label: string, figures: Figures, times: number[]): string[] {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(0)
  const shown = [figures.ndcg10, figures.recall5, figures.recall10, figures.mrr10].map((value) => value.toFixed(1))
  return [label, String(figures.questions), ...shown, at(0.5), at(0.95)]
}
