import type { ComputationData } from '@nitroagi/shared/runs'
import { silentLog } from '../../src/log.ts'
import { createDataModule } from '../../src/modules/data/data.ts'
import { wantsTable } from '../../src/modules/data/wants-table.ts'
import { createLanguageModels } from '../../src/ports/language-model/language-models.ts'
import { readConfig } from '../../src/config.ts'
import { createTables } from '../../src/services/tables.ts'
import { Readable } from 'node:stream'
import { openKnowledge, signUp } from '../knowledge-backend.ts'
import { openMemory } from '../test-database.ts'
import { testTask } from '../test-task.ts'
import { createWordEmbedder } from '../word-embedder.ts'
import { type DataQuestion, files, questions, type Truth } from './data-questions.ts'

type Print = (head: string[], body: string[][]) => void

/** Questions on tables, answered by rules alone and, where one is configured, with a language model for the rest. */
export async function evaluateData(print: Print): Promise<void> {
  const knowledge = await openKnowledge(await openMemory(), createWordEmbedder())
  const configured = createLanguageModels(readConfig(process.env).languageModel, { log: silentLog })
  const tables = createTables(knowledge.ports)
  try {
    const call = await signUp(knowledge.connection, 'tables')
    const collection = await knowledge.collections.create(call, { name: 'tables' })
    for (const { name, bytes } of files) {
      const { documents } = await knowledge.documents.upload(
        call,
        collection.id,
        { name },
        Readable.from([Buffer.from(bytes)]),
      )
      const document = await knowledge.settled(call, documents[0]!.id)
      if (document.status === 'failed') throw new Error(`${name}: ${document.error?.message}`)
    }
    const models =
      configured.defaultModel === 'nitro-offline' ? ['nitro-offline'] : ['nitro-offline', configured.defaultModel]
    for (const model of models) {
      const module = createDataModule({ models: configured, tables })
      const rows: string[][] = []
      const seen: { question: DataQuestion; isRight: boolean; ms: number }[] = []
      for (const question of questions) {
        const startedAt = performance.now()
        const findings = await Array.fromAsync(module.run(call, testTask({ question: question.text, model })))
        const ms = performance.now() - startedAt
        const computed = findings.flatMap((finding) => (finding.type === 'computation' ? [finding.computation] : []))[0]
        const isRight = agrees(question.truth, computed)
        seen.push({ question, isRight, ms })
        if (isRight) continue
        const why =
          findings.flatMap((finding) => (finding.type === 'report' ? [finding.summary ?? ''] : [])).at(-1) ?? ''
        console.log(
          `miss  ${question.text}\n      ${computed ? `got ${JSON.stringify(computed.rows.slice(0, 5))} by ${computed.query.replace(/\s+/g, ' ')}` : why.slice(0, 200)}\n      truth ${JSON.stringify(question.truth).slice(0, 200)}`,
        )
      }
      const kinds = [...new Set(questions.map(({ kind }) => kind))]
      const wrong = (of: typeof seen) =>
        of.filter(({ isRight, question }) => !isRight && question.truth === null).length
      for (const kind of [...kinds, 'all']) {
        const of = seen.filter(({ question }) => kind === 'all' || question.kind === kind)
        const right = of.filter(({ isRight }) => isRight).length
        rows.push([kind, String(of.length), String(right), ((100 * right) / of.length).toFixed(1), String(wrong(of))])
      }
      const times = seen.map(({ ms }) => ms).toSorted((a, b) => a - b)
      console.log(
        `\n${model === 'nitro-offline' ? 'by rules alone' : `rules, then ${model}`}; ${questions.filter(({ text }) => wantsTable(text)).length} of ${questions.length} questions are taken to a table by their words; p50 ${times[Math.floor(times.length / 2)]!.toFixed(0)} ms`,
      )
      print(['kind', 'questions', 'right', '%', 'answered although the table does not say'], rows)
    }
  } finally {
    tables.close()
    configured.close()
    await knowledge.close()
  }
}

const near = (one: unknown, other: string | number | null): boolean =>
  typeof one === 'number' && typeof other === 'number'
    ? Math.abs(one - other) <= Math.max(0.006, Math.abs(other) * 1e-6)
    : String(one) === String(other)

/** The last column is what was asked; a name before it may be shown beside what was wanted, and the other way round. */
function agrees(truth: Truth, computed: Omit<ComputationData, 'step'> | undefined): boolean {
  if (truth === null) return computed === undefined
  if (!computed) return false
  const { rows } = computed
  if (typeof truth === 'object' && 'ordered' in truth) {
    // Equals may stand in any order among themselves.
    const isRow = (one: readonly unknown[], other: readonly (string | number | null)[]) =>
      other.every((value, index) => near(one[index], value))
    const isInOrder = truth.ordered.every(
      (row, at) => rows[at] !== undefined && near(rows[at]!.at(-1), row.at(-1) ?? null),
    )
    return (
      rows.length === truth.ordered.length &&
      isInOrder &&
      truth.ordered.every((row) => rows.some((one) => isRow(one, row)))
    )
  }
  if (typeof truth === 'object') {
    return rows.length === truth.length && truth.every((value) => rows.some((row) => near(row[0], value)))
  }
  const first = new Set(rows.map((row) => row.findIndex((value) => near(value, truth))))
  return rows.length > 0 && first.size === 1 && !first.has(-1)
}
