import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { goalRows, goalsHead } from './goals.ts'
import { printTable } from './printing.ts'
import { openProduct, type Product } from './product.ts'
import { evalFolder, isPresent } from './sets.ts'

const { values, positionals } = parseArgs({
  options: {
    /** At most so many questions of a set. */
    limit: { type: 'string' },
    workers: { type: 'string', default: '2' },
    /** Prints the constants that are written in the code instead of the figures. */
    fit: { type: 'boolean' },
    /** Where the passages that `answers --fit` searched for are kept, so that it need not search again. */
    passages: { type: 'string' },
  },
  allowPositionals: true,
})
const limit = values.limit ? Number(values.limit) : undefined
const isFit = values.fit ?? false

/** What is measured, in this order, and the evaluation set that it needs beside the repository. */
const parts: { name: string; needs?: string; run(): Promise<void> }[] = [
  {
    name: 'reasoning',
    async run() {
      const { evaluateReasoning, reasoningHead } = await import('./reasoning.ts')
      printTable(reasoningHead, evaluateReasoning())
    },
  },
  { name: 'data', run: async () => (await import('./data.ts')).evaluateData(printTable) },
  // Its statements are made of these questions.
  { name: 'critic', needs: 'squad', run: async () => (await import('./critic.ts')).evaluateCritic(isFit, printTable) },
  ...(['squad', 'scifact', 'xquad'] as const).map((name) => ({
    name,
    needs: name,
    async run() {
      if (isFit) return (await import('./fusion-fit.ts')).fitFusion(await product(), name, limit)
      const { evaluateRetrieval, retrievalHead } = await import('./retrieval.ts')
      printTable(retrievalHead, await evaluateRetrieval(await product(), name, limit))
    },
  })),
  {
    name: 'chunkeval',
    needs: 'chunkeval',
    async run() {
      const { chunkevalHead, evaluateChunks } = await import('./chunkeval.ts')
      printTable(chunkevalHead, await evaluateChunks(await product(), limit))
    },
  },
  {
    name: 'answers',
    needs: 'squad',
    async run() {
      if (isFit) return (await import('./answers-fit.ts')).fitAnswers(product, values.passages)
      const { answersHead, evaluateAnswers } = await import('./answers.ts')
      printTable(answersHead, await evaluateAnswers(await product(), limit))
    },
  },
  {
    name: 'documents',
    needs: 'documents',
    async run() {
      const { documentsHead, evaluateDocuments } = await import('./documents.ts')
      printTable(documentsHead, await evaluateDocuments(await product(), limit))
    },
  },
]

const names = parts.map(({ name }) => name)
const unknown = positionals.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`There is no set named ${unknown.join(', ')}. There are: ${names.join(', ')}`)
  process.exit(1)
}

let opened: Promise<Product> | undefined
const product = () => (opened ??= openProduct(Number(values.workers)))
const started = performance.now()
try {
  for (const { name, needs, run } of parts) {
    if (positionals.length > 0 && !positionals.includes(name)) continue
    if (needs !== undefined && !isPresent(needs)) {
      console.log(`${name} is not measured: there is no ${needs} at ${evalFolder}, beside the repository.`)
      continue
    }
    console.log(`\n${name}`)
    await run()
  }
  if (opened) await tellFigures(await opened)
} finally {
  await (await opened)?.close()
}
const minutes = (performance.now() - started) / 60_000
console.log(`\n${minutes.toFixed(1)} minutes in all`)

async function tellFigures({ knowledge, measured }: Product): Promise<void> {
  const processor = `${cpus().length} cores (${cpus()[0]?.model.trim()})`
  const part = limit === undefined ? '' : `, at most ${limit} of each`
  console.log(
    `\n${knowledge.connection.adapter}, use-lite, ${processor}, Node ${process.version}, the dev halves${part}`,
  )
  printTable(goalsHead, goalRows(measured))
}
