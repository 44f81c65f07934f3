import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Call } from '../../src/call.ts'
import { migrate } from '../../src/ports/database/migrations.ts'
import { openPglite } from '../../src/ports/database/pglite.ts'
import { createUseLiteEmbedder } from '../../src/ports/embedder/use-lite.ts'
import { type KnowledgeBackend, openKnowledge, signUp } from '../knowledge-backend.ts'
import { openTestPostgres } from '../test-database.ts'
import { type Answered, type Figures, measure } from './measures.ts'
import { type EvalSet, evalFolder, isPresent, type Question, readSet, type SetName, sets, targets } from './sets.ts'

/** Documents that a search must see, to count ten different ones even when one has several of the best passages. */
const depth = 30

const { values, positionals } = parseArgs({
  options: { limit: { type: 'string' }, workers: { type: 'string', default: '2' }, fit: { type: 'boolean' } },
  allowPositionals: true,
})
/** What is measured without a set of questions about documents, in this order. */
const skills = ['reasoning', 'data', 'critic']
const asked = positionals.length > 0 ? positionals : [...skills, 'squad', 'scifact', 'xquad']
const unknown = asked.filter((name) => !skills.includes(name) && !sets.includes(name as SetName))
if (unknown.length > 0) {
  console.error(`There is no set named ${unknown.join(', ')}. There are: ${[...skills, ...sets].join(', ')}`)
  process.exit(1)
}
for (const skill of skills.filter((name) => asked.includes(name))) await evaluateSkill(skill)
const chosen = asked.filter((name) => !skills.includes(name))
if (chosen.length === 0) process.exit(0)
const present = (chosen as SetName[]).filter(isPresent)
if (present.length === 0) {
  console.log(
    `Nothing to measure: the evaluation sets are not at ${evalFolder}. They stand beside the repository, not in it.`,
  )
  process.exit(0)
}

const server = process.env['TEST_DATABASE_URL']
const folder = await mkdtemp(join(tmpdir(), 'nitro-eval-'))
const connection = server ? await openTestPostgres(server) : await openPglite({ dataDir: join(folder, 'database') })
await migrate(connection)
const knowledge = await openKnowledge(connection, createUseLiteEmbedder({ workers: Number(values.workers) }))
const rows: string[][] = []

try {
  for (const name of present) await evaluate(name)
} finally {
  await knowledge.close()
  await rm(folder, { recursive: true, force: true })
}
console.log(
  `\n${connection.adapter}, use-lite, ${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.version}, the dev halves`,
)
printTable(['set', 'questions', 'nDCG@10', 'R@5', 'R@10', 'MRR@10', 'p50 ms', 'p95 ms', 'known', 'to reach'], rows)

async function evaluateSkill(name: string): Promise<void> {
  if (name === 'reasoning') {
    const { evaluateReasoning, reasoningHead } = await import('./reasoning.ts')
    return printTable(reasoningHead, evaluateReasoning())
  }
  if (name === 'data') return (await import('./data.ts')).evaluateData(printTable)
  // Its statements are made of these questions.
  if (!isPresent('squad')) return console.log(`The critic is not measured: there is no squad at ${evalFolder}.`)
  return (await import('./critic.ts')).evaluateCritic(values.fit ?? false, printTable)
}

/** Each set in a workspace of its own, through the same door as any file. */
async function evaluate(name: SetName): Promise<void> {
  const set = readSet(name)
  const call = await signUp(connection, name)
  const collection = await knowledge.collections.create(call, { name })
  await ingest(knowledge, call, collection.id, name, set)
  const limit = values.limit ? Number(values.limit) : set.questions.length
  // Spread over the set, so that a part of it stands for the whole.
  const step = Math.max(1, Math.floor(set.questions.length / limit))
  const questions = set.questions.filter((_, index) => index % step === 0).slice(0, limit)
  const answers = new Map<Question, Answered>()
  const times: number[] = []
  for (const question of questions) {
    const { hits, tookMs } = await knowledge.search.search(call, { query: question.text, limit: depth })
    times.push(tookMs)
    const found = [...new Set(hits.map((hit) => hit.externalId!))]
    answers.set(question, { found, relevant: question.relevant })
    if (process.stderr.isTTY) process.stderr.write(`\r${name}: ${answers.size} of ${questions.length} questions `)
  }
  const languages = [...new Set(questions.flatMap(({ lang }) => lang ?? []))]
  const groups =
    languages.length > 0 ? languages.map((lang) => [`${name} ${lang}`, lang] as const) : [[name, undefined] as const]
  for (const [label, lang] of groups) {
    const figures = measure(
      questions.filter((question) => question.lang === lang).map((question) => answers.get(question)!),
    )
    addRow(label, figures, times)
  }
}

async function ingest(
  backend: KnowledgeBackend,
  call: Call,
  collectionId: string,
  name: SetName,
  set: EvalSet,
): Promise<void> {
  const started = performance.now()
  const { documents } = await backend.documents.upload(
    call,
    collectionId,
    { name: `${name}.jsonl` },
    createReadStream(set.corpus),
  )
  const done = await backend.settled(call, documents[0]!.id)
  if (done.status === 'failed') throw new Error(done.error?.message)
  const seconds = (performance.now() - started) / 1000
  console.log(
    `${name}: ${done.pagesDone} documents, ${done.chunksDone} passages in ${seconds.toFixed(0)} s (${(done.chunksDone / seconds).toFixed(1)} a second)`,
  )
}

function addRow(label: string, figures: Figures, times: number[]): void {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(0)
  const { known = '', target = '' } = targets[label] ?? {}
  const shown = [figures.ndcg10, figures.recall5, figures.recall10, figures.mrr10].map((value) => value.toFixed(1))
  rows.push([label, String(figures.questions), ...shown, at(0.5), at(0.95), known, target])
}

function printTable(head: string[], body: string[][]): void {
  const table = [head, head.map(() => '---'), ...body]
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  for (const row of table) console.log(`| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
}
