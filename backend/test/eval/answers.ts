import type { SearchHit } from '@nitroagi/shared/knowledge'
import { passagesForAnswer } from '../../src/modules/knowledge/knowledge.ts'
import { createOfflineModel } from '../../src/ports/language-model/offline.ts'
import type { OfflineAccount } from '../../src/ports/language-model/port.ts'
import { showProgress, spread } from './printing.ts'
import type { Product } from './product.ts'
import { isPresent, readQueries, type Query, type SetName } from './sets.ts'

export const answersHead = [
  'offline answers',
  'questions',
  'first sentence',
  'up to three',
  'refused',
  'uncited',
  'ms each',
]

interface Tally {
  asked: number
  first: number
  three: number
  refused: number
  uncited: number
  milliseconds: number
}

/**
 * Asks nitro-offline as the product does: the search that the knowledge module makes, then the model. A refusal of a
 * question that has an answer counts as a miss.
 */
export async function evaluateAnswers(product: Product, limit?: number): Promise<string[][]> {
  const rows: string[][] = []
  const ask = async (label: string, corpus: SetName, queries: readonly Query[]) => {
    const tally = await tallyOf(product, label, corpus, spread(queries, limit))
    rows.push(
      rowOf(
        label,
        tally,
        queries.some(({ answers }) => answers?.length),
      ),
    )
    return tally
  }
  const squad = readQueries('squad')
  const answerable = await ask('squad', 'squad', squad.filter(isAnswerable))
  product.measured.set('offline answers, first sentence', percentOf(answerable.first, answerable))
  product.measured.set('offline answers, up to three sentences', percentOf(answerable.three, answerable))
  product.measured.set('wrongly refused', percentOf(answerable.refused, answerable))
  const offTopic = (['scifact', 'chunkeval'] as const).filter(isPresent)
  const tallies: Tally[] = []
  for (const name of offTopic) tallies.push(await ask(`${name} asked of squad`, 'squad', readQueries(name)))
  if (tallies.length > 0) product.measured.set('off-topic refused', percentOf(...shareRefused(tallies)))
  await ask(
    'squad, only looks answerable',
    'squad',
    squad.filter((query) => query.answerable === false),
  )
  if (isPresent('xquad')) {
    const queries = readQueries('xquad')
    for (const lang of new Set(queries.flatMap((query) => query.lang ?? []))) {
      await ask(
        `xquad ${lang}`,
        'xquad',
        queries.filter((query) => query.lang === lang),
      )
    }
  }
  return rows
}

const isAnswerable = ({ answerable, answers = [] }: Query) => answerable === true && answers.length > 0

const shareRefused = (tallies: readonly Tally[]) =>
  [
    tallies.reduce((sum, { refused }) => sum + refused, 0),
    { asked: tallies.reduce((sum, { asked }) => sum + asked, 0) },
  ] as const

async function tallyOf(product: Product, label: string, corpus: SetName, queries: readonly Query[]): Promise<Tally> {
  const call = await product.holding(corpus)
  const tally = { asked: 0, first: 0, three: 0, refused: 0, uncited: 0, milliseconds: 0 }
  for (const { text, answers = [] } of queries) {
    const { hits } = await product.knowledge.search.search(call, {
      query: text,
      limit: passagesForAnswer,
      arrange: 'varied',
    })
    const started = performance.now()
    const { account, sentences, uncited } = await answerOffline(text, hits)
    tally.milliseconds += performance.now() - started
    tally.asked++
    tally.uncited += uncited
    if (account.outcome === 'refused') tally.refused++
    if (holdsOne(answers, sentences.slice(0, 1))) tally.first++
    if (holdsOne(answers, sentences.slice(0, 3))) tally.three++
    showProgress(`${label}: ${tally.asked} of ${queries.length} questions`)
  }
  return tally
}

export async function answerOffline(question: string, hits: readonly SearchHit[]) {
  const passages = hits.map(({ title, content, scores }) => ({ title, text: content, scores }))
  const { content, providerMetadata } = await createOfflineModel().doGenerate({
    prompt: [{ role: 'user', content: [{ type: 'text', text: question }] }],
    providerOptions: { nitro: { question, passages, facts: [] } },
  })
  const said = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  const account = providerMetadata!['nitro'] as unknown as OfflineAccount
  const paragraphs = account.outcome === 'quoted' ? said.split('\n\n') : []
  const cited = paragraphs.filter((paragraph) => /^> .*\[\d+\]$/s.test(paragraph))
  return {
    account,
    sentences: cited.map((paragraph) => paragraph.replace(/^> /, '').replace(/ \[\d+\]$/, '')),
    uncited: paragraphs.length - cited.length,
  }
}

/** As SQuAD compares: without case, punctuation and articles; other scripts lose their marks too. */
const normal = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[\p{P}\p{S}]/gu, '')
    .replace(/\b(?:a|an|the)\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

export const holdsOne = (answers: readonly string[], sentences: readonly string[]): boolean => {
  const said = sentences.map(normal)
  return answers.map(normal).some((answer) => answer !== '' && said.some((sentence) => sentence.includes(answer)))
}

const percentOf = (count: number, { asked }: Pick<Tally, 'asked'>) => (100 * count) / Math.max(asked, 1)

function rowOf(label: string, tally: Tally, hasAnswers: boolean): string[] {
  const share = (count: number) => percentOf(count, tally).toFixed(1)
  return [
    label,
    String(tally.asked),
    hasAnswers ? share(tally.first) : '',
    hasAnswers ? share(tally.three) : '',
    share(tally.refused),
    String(tally.uncited),
    (tally.milliseconds / Math.max(tally.asked, 1)).toFixed(1),
  ]
}
