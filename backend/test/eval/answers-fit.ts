import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { AnswerKind } from '../../src/ports/language-model/question.ts'
import { kindWeights, rankQuotations, weights, type Quotation } from '../../src/ports/language-model/quotations.ts'
import type { Passage, Signs } from '../../src/ports/language-model/signs.ts'
import { supportSigns } from '../../src/ports/language-model/support.ts'
import { passagesForAnswer } from '../../src/modules/knowledge/knowledge.ts'
import { fitConditional } from './conditional-logit.ts'
import { articlesIn, readSquad } from './critic-items.ts'
import { fitLogistic, predict, type Fit } from './logistic.ts'
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
 * Prints the constants of quotations.ts and support.ts, fitted on all questions, with what fitting on every second article
 * and every second question that is off topic comes to on the others, both ways. With a path, what the search found is
 * kept there and read from there.
 */
export async function fitAnswers(product: () => Promise<Product>, path: string | undefined): Promise<void> {
  const found = path !== undefined && existsSync(path) ? read(path) : await search(await product())
  if (path !== undefined && !existsSync(path)) writeFileSync(path, found.map((one) => JSON.stringify(one)).join('\n'))
  const { isForFitting } = articlesIn(readSquad().passages)
  const ranked = found.map(rank)
  const [answerable, offTopic] = halves(ranked, ({ article }) => article !== undefined)
  const sides = halves(answerable, ({ article }) => isForFitting(article!))
  const offSides = halves(offTopic, (_, index) => index % 2 === 0)
  const judged = [0, 1].flatMap((side) => {
    const fit = fitOn(sides[side]!, offSides[side]!)
    return [...sides[1 - side]!, ...offSides[1 - side]!].map((one) => judge(one, fit))
  })
  showTrade('each half by the fit on the other', judged)
  const fit = fitOn(answerable, offTopic)
  showConstants(fit, answerable)
  showTrade(
    'all, by the fit on all',
    ranked.map((one) => judge(one, fit)),
  )
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

interface AnswerFit {
  ranking: number[]
  support: Fit
}

/** Heavier than a light ridge: of signs that say nearly the same, none shall have all the weight. */
const ridge = 20

function fitOn(answerable: readonly Ranked[], offTopic: readonly Ranked[]): AnswerFit {
  const ranking = fitConditional(
    answerable.map(({ quotations, holds }) => ({ rows: quotations.map(rowOf), holds })),
    ridge,
  )
  const asked = [...answerable, ...offTopic].map((one) => reorder(one, ranking)).filter(hasQuotation)
  const support = fitLogistic(
    asked.map(({ quotations }) => Object.values(supportSigns(quotations[0]!))),
    asked.map(({ article }) => article !== undefined),
    0.5,
  )
  return { ranking, support }
}

const hasQuotation = ({ quotations }: Ranked) => quotations.length > 0

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

interface Judged {
  isOffTopic: boolean
  /** What the support comes to, as a logarithm of odds. */
  support: number
  first: boolean
  three: boolean
}

function judge(one: Ranked, { ranking, support }: AnswerFit): Judged {
  const { quotations, holds, article } = reorder(one, ranking)
  const chance = quotations[0] ? predict(support, Object.values(supportSigns(quotations[0]))) : 0
  return {
    isOffTopic: article === undefined,
    support: Math.log(chance / (1 - chance)),
    first: holds[0] === true,
    three: holds.slice(0, 3).includes(true),
  }
}

function showConstants({ ranking, support }: AnswerFit, answerable: readonly Ranked[]): void {
  console.log(`\nquotations.ts, from ${answerable.length} questions`)
  signNames.forEach((name, at) => console.log(`  ${name}: ${ranking[at]!.toFixed(2)},`))
  kinds.forEach((kind, at) => {
    const [own, near] = [ranking[signNames.length + at]!, ranking[signNames.length + kinds.length + at]!]
    console.log(`  ${kind}: { kind: ${own.toFixed(2)}, kindNear: ${near.toFixed(2)} },`)
  })
  console.log(`\nsupport.ts\n  bias ${support.bias.toFixed(2)}, before the shift of the wanted row`)
  const ordered = answerable.map((one) => reorder(one, ranking)).filter(hasQuotation)
  Object.keys(supportSigns(ordered[0]!.quotations[0]!)).forEach((name, at) =>
    console.log(`  ${name}: ${support.weights[at]!.toFixed(2)},`),
  )
  const chance = fitLogistic(
    ordered.map(({ quotations }) => [quotations[0]!.share]),
    ordered.map(({ holds }) => holds[0]!),
  )
  console.log(`  chanceOfAnswer: bias ${chance.bias.toFixed(2)}, share ${chance.weights[0]!.toFixed(2)}`)
}

/** What is refused of both kinds, wherever the line is drawn. */
function showTrade(title: string, judged: readonly Judged[]): void {
  const [offTopic, answerable] = halves(judged, ({ isOffTopic }) => isOffTopic)
  const sorted = answerable.map(({ support }) => support).sort((one, other) => one - other)
  const share = (list: readonly Judged[], isSo: (one: Judged) => boolean) =>
    ((100 * list.filter(isSo).length) / Math.max(list.length, 1)).toFixed(1)
  console.log(`\n${title}: ${answerable.length} questions, ${offTopic.length} off topic`)
  printTable(
    ['refused', 'shift', 'off topic refused', 'first sentence', 'up to three'],
    [0, 0.02, 0.025, 0.03, 0.0325, 0.035, 0.04].map((wrong) => {
      const cut = wrong === 0 ? -Infinity : sorted[Math.floor(sorted.length * wrong)]!
      const isRefused = ({ support }: Judged) => support < cut
      return [
        `${(wrong * 100).toFixed(2)} %`,
        (-cut).toFixed(2),
        share(offTopic, isRefused),
        share(answerable, (one) => !isRefused(one) && one.first),
        share(answerable, (one) => !isRefused(one) && one.three),
      ]
    }),
  )
}
