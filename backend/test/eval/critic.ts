import { readGround } from '../../src/modules/critic/passages.ts'
import { createSupport } from '../../src/modules/critic/support.ts'
import { fitConfidence, measureConfidence } from './confidence.ts'
import { articlesIn, itemsOf, kinds, readSquad, type Item } from './critic-items.ts'
import { areaUnderCurve, fitLogistic, predict } from './logistic.ts'

const threshold = 0.5
/** Every so manieth question, so that both parts together take a minute or two. */
const spacing = 4

type PrintTable = (head: string[], rows: string[][]) => void

/** `npm run eval critic`: the figures, or with `--fit` the constants that are written in the code. */
export async function evaluateCritic(isFit: boolean, printTable: PrintTable): Promise<void> {
  if (isFit) {
    fitCritic()
    await fitConfidence()
    return
  }
  measureCritic(printTable)
  await measureConfidence(printTable)
}

/** How well the critic tells what a passage says from what it does not say, on articles that it was not fitted on. */
function measureCritic(printTable: PrintTable): void {
  const { items, isForFitting } = readItems()
  const held = items.filter(({ article }) => !isForFitting(article))
  const measured = held.map((item) => ({
    kind: item.kind,
    label: item.isSupported,
    value: supportFor(item).measure(item.text, [1]).value,
  }))
  const told = measured.map(({ label, value }) => ({ label, said: value >= threshold }))
  const both = told.filter(({ label, said }) => label && said).length
  const precision = both / told.filter(({ said }) => said).length
  const recall = both / told.filter(({ label }) => label).length
  console.log(`\nCritic: ${held.length} statements about ${new Set(held.map(({ article }) => article)).size} articles`)
  printTable(
    ['statements', 'precision', 'recall', 'F1', 'AUC'],
    [
      [
        String(held.length),
        percent(precision),
        percent(recall),
        percent((2 * precision * recall) / (precision + recall)),
        areaUnderCurve(measured).toFixed(3),
      ],
    ],
  )
  console.log('')
  printTable(
    ['kind of statement', 'is', 'statements', 'told rightly'],
    kinds.map((kind) => {
      const own = measured.filter((one) => one.kind === kind)
      const right = own.filter(({ label, value }) => value >= threshold === label).length
      return [kind, own[0]?.label ? 'supported' : 'not', String(own.length), percent(right / own.length)]
    }),
  )
}

/** Prints the constants of support.ts, from the other articles. */
function fitCritic(): void {
  const { items, isForFitting } = readItems()
  const seen = items
    .filter(({ article }) => isForFitting(article))
    .map((item) => ({ label: item.isSupported, signs: supportFor(item).signs(item.text, [1]) }))
    .filter(({ signs }) => signs.length > 0)
  const names = Object.keys(seen[0]!.signs[0]!) as (keyof (typeof seen)[0]['signs'][0])[]
  const labels = seen.map(({ label }) => label)
  const rows = seen.map(({ signs }) => signs.map((sign) => names.map((name) => sign[name])))
  let fit = fitLogistic(
    rows.map((places) => places[0]!),
    labels,
  )
  // The best place counts, and which that is depends on the weights.
  for (let round = 0; round < 3; round++) {
    const best = (places: number[][]) => places.toSorted((one, other) => predict(fit, other) - predict(fit, one))[0]!
    fit = fitLogistic(rows.map(best), labels)
  }
  console.log(`${seen.length} statements\nbias ${fit.bias.toFixed(2)}`)
  for (const [at, name] of names.entries()) console.log(`${name} ${fit.weights[at]!.toFixed(2)}`)
}

function readItems() {
  const { passages, questions } = readSquad()
  const { isForFitting } = articlesIn(passages)
  const sample = questions.filter((_, index) => index % spacing === 0)
  return { items: itemsOf(sample, questions, passages), isForFitting }
}

const supportFor = ({ question, passages }: Item) =>
  createSupport(
    question,
    passages.map(({ title, text }, index) => readGround({ number: index + 1, title, text })),
  )

const percent = (share: number) => (share * 100).toFixed(1)
