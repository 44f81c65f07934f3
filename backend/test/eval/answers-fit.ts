import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { AnswerKind } from '../../src/ports/language-model/question.ts'
import { kindWeights, rankQuotations, weights, type Quotation } from '../../src/ports/language-model/quotations.ts'
import type { Passage, Signs } from '../../src/ports/language-model/signs.ts'
import { supportSigns } from '../../src/ports/language-model/support.ts'
import { passagesForAnswer } from '../../src/modules/knowledge/knowledge.ts'
import { fitConditional } from './conditional-logit.ts'
import { articlesIn, readSquad } from './critic-items.ts'
import { fitLogistic, predict } from './logistic.ts'
import { holdsOne } from './answers.ts'
import { printTable, showProgress } from './printing.ts'
import type { Product } from './product.ts'
import { isPresent, readQueries, readSet } from './sets.ts'

/** A question with what the search found for it; `article` is undefined when no article of squad answers it. */
interface Found {
  text: string
  answers: string[]
  article: string | undefined
  passages: Passage[]
}

interface Ranked extends Found {
  quotations: Quotation[]
  holds: boolean[]
}

/**
 * Prints the constants of quotations.ts and support.ts, fitted on every second article and every second question that is
 * off topic, with what they come to on the others. With a path, what the search found is kept there and read from there.
 */
export async function fitAnswers(product: () => Promise<Product>, path: string | undefined): Promise<void> {
  const found = path !== undefined && existsSync(path) ? read(path) : await search(await product())
  if (path !== undefined && !existsSync(path)) writeFileSync(path, found.map((one) => JSON.stringify(one)).join('\n'))
  const { isForFitting } = articlesIn(readSquad().passages)
  const ranked = found.map(rank)
  const [answerable, offTopic] = [
    ranked.filter(({ article }) => article !== undefined),
    ranked.filter(({ article }) => article === undefined),
  ]
  const [fitting, held] = halves(answerable, ({ article }) => isForFitting(article!))
  const [offFitting, offHeld] = halves(offTopic, (_, index) => index % 2 === 0)
  const ranking = fitRanking(fitting)
  const order = (one: Ranked) => reorder(one, ranking)
  fitSupport(fitting.map(order), offFitting.map(order), held.map(order), offHeld.map(order))
}

const read = (path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Found)

async function search(product: Product): Promise<Found[]> {
  const call = await product.holding('squad')
  const articles = new Map(readSquad().passages.map(({ id, title }) => [id, title]))
  const gold = new Map(readSet('squad').map(({ id, relevant }) => [id, articles.get([...relevant.keys()][0]!)]))
  const asked = [
    ...readQueries('squad').filter(({ answers = [], answerable }) => answerable && answers.length > 0),
    ...(['scifact', 'chunkeval'] as const).filter(isPresent).flatMap(readQueries),
  ]
  const found: Found[] = []
  for (const { id, text, answers = [] } of asked) {
    const { hits } = await product.knowledge.search.search(call, {
      query: text,
      limit: passagesForAnswer,
      arrange: 'varied',
    })
    const passages = hits.map(({ title, content, scores }) => ({ title, text: content, scores }))
    found.push({ text, answers, article: gold.get(id), passages })
    showProgress(`searched for ${found.length} of ${asked.length} questions`)
  }
  return found
}

function rank(found: Found): Ranked {
  const quotations = rankQuotations(found.text, found.passages)
  return { ...found, quotations, holds: quotations.map(({ text }) => holdsOne(found.answers, [text])) }
}

function halves<Item>(items: readonly Item[], isFirst: (item: Item, index: number) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item, index) => !isFirst(item, index))]
}

const signNames = Object.keys(weights) as (keyof typeof weights)[]
const kinds = Object.keys(kindWeights) as AnswerKind[]

/** The signs in the order of the weights; those of the kind in a column for each kind. */
const rowOf = ({ signs, kind }: { signs: Signs; kind: AnswerKind | undefined }): number[] => [
  ...signNames.map((name) => signs[name]),
  ...kinds.map((one) => (one === kind ? signs.kind : 0)),
  ...kinds.map((one) => (one === kind ? signs.kindNear : 0)),
]

function fitRanking(fitting: readonly Ranked[]): number[] {
  const fitted = fitConditional(fitting.map(({ quotations, holds }) => ({ rows: quotations.map(rowOf), holds })))
  console.log(`\nquotations.ts, from ${fitting.length} questions`)
  signNames.forEach((name, at) => console.log(`  ${name}: ${fitted[at]!.toFixed(2)},`))
  kinds.forEach((kind, at) => {
    const [own, near] = [fitted[signNames.length + at]!, fitted[signNames.length + kinds.length + at]!]
    console.log(`  ${kind}: { kind: ${own.toFixed(2)}, kindNear: ${near.toFixed(2)} },`)
  })
  return fitted
}

/** With the scores and shares that these weights give. */
function reorder(one: Ranked, ranking: readonly number[]): Ranked {
  const scored = one.quotations.map((quotation, index) => ({
    quotation: { ...quotation, score: rowOf(quotation).reduce((sum, value, at) => sum + value * ranking[at]!, 0) },
    holds: one.holds[index]!,
  }))
  scored.sort((first, second) => second.quotation.score - first.quotation.score)
  const odds = scored.map(({ quotation }) => Math.exp(quotation.score - scored[0]!.quotation.score))
  const total = odds.reduce((sum, value) => sum + value, 0)
  return {
    ...one,
    quotations: scored.map(({ quotation }, index) => ({ ...quotation, share: odds[index]! / total })),
    holds: scored.map(({ holds }) => holds),
  }
}

function fitSupport(fitting: Ranked[], offFitting: Ranked[], held: Ranked[], offHeld: Ranked[]): void {
  const signsIn = (list: readonly Ranked[]) =>
    list.flatMap(({ quotations: [best] }) => (best ? [Object.values(supportSigns(best))] : []))
  const [answerable, offTopic] = [signsIn(fitting), signsIn(offFitting)]
  const rows = [...answerable, ...offTopic]
  const labels = rows.map((_, index) => index < answerable.length)
  const fit = fitLogistic(rows, labels, 0.5)
  console.log(`\nsupport.ts, from ${answerable.length} questions and ${offTopic.length} off topic`)
  console.log(`  bias ${fit.bias.toFixed(2)}, before the shift of the wanted row`)
  Object.keys(supportSigns(fitting[0]!.quotations[0]!)).forEach((name, at) =>
    console.log(`  ${name}: ${fit.weights[at]!.toFixed(2)},`),
  )
  const chance = fitLogistic(
    fitting.map(({ quotations }) => [quotations[0]!.share]),
    fitting.map(({ holds }) => holds[0]!),
  )
  console.log(`  chanceOfAnswer: bias ${chance.bias.toFixed(2)}, share ${chance.weights[0]!.toFixed(2)}`)
  const logitOf = ({ quotations: [best] }: Ranked): number => {
    const value = best ? predict(fit, Object.values(supportSigns(best))) : 0
    return Math.log(value / (1 - value))
  }
  const sorted = fitting.map(logitOf).sort((one, other) => one - other)
  const share = (list: readonly Ranked[], isSo: (one: Ranked) => boolean) =>
    ((100 * list.filter(isSo).length) / list.length).toFixed(1)
  const all = [...fitting, ...held]
  console.log(`\n${held.length} questions about the other articles, ${offHeld.length} others off topic`)
  printTable(
    [
      'refused of those fitted on',
      'shift',
      'wrongly refused',
      'off topic refused',
      'first sentence',
      'up to three',
      'of all: refused',
      'first',
      'three',
    ],
    [0, 0.01, 0.02, 0.03, 0.04, 0.05].map((wrong) => {
      const cut = wrong === 0 ? -Infinity : sorted[Math.floor(sorted.length * wrong)]!
      const isRefused = (one: Ranked) => logitOf(one) < cut
      return [
        `${wrong * 100} %`,
        (-cut).toFixed(2),
        share(held, isRefused),
        share(offHeld, isRefused),
        share(held, (one) => !isRefused(one) && one.holds[0] === true),
        share(held, (one) => !isRefused(one) && one.holds.slice(0, 3).includes(true)),
        share(all, isRefused),
        share(all, (one) => !isRefused(one) && one.holds[0] === true),
        share(all, (one) => !isRefused(one) && one.holds.slice(0, 3).includes(true)),
      ]
    }),
  )
}
