import type { SearchHit } from '@nitroagi/shared/knowledge'
import { NitroError } from '@nitroagi/shared/errors'
import type { Usage } from '@nitroagi/shared/runs'
import type { Call } from '../../call.ts'
import type { OpenTable, StoredTable } from '../../ports/database/tables-port.ts'
import type { LanguageModels } from '../../ports/language-model/port.ts'
import type { Finding, Module, Task } from '../module.ts'
import { askForQuery, languageModelOf, UnusableReply } from './ask-model.ts'
import { type Attempt, carryOut, type Computed } from './carry-out.ts'
import { fitOf, vocabularyOf } from './links.ts'
import { QueryMistake, quoted } from './query.ts'
import { queryByRules } from './rules.ts'
import { tokensOf } from './words.ts'

export interface DataDependencies {
  models: LanguageModels
  tables: {
    /** The tables that the caller may read; undefined means of every collection. */
    list(call: Call, collectionIds: readonly string[] | undefined): Promise<StoredTable[]>
    use<Result>(call: Call, table: StoredTable, work: (open: OpenTable) => Promise<Result>): Promise<Result>
    /** A table of its own text, for trying the module. */
    useText<Result>(call: Call, csv: string, work: (open: OpenTable) => Promise<Result>): Promise<Result>
    passageAt(
      call: Call,
      table: Pick<StoredTable, 'documentId' | 'version'>,
      place: { page: number; offset: number },
    ): Promise<SearchHit | undefined>
  }
}

/** Opened for one question, best fit first. */
const triedAtMost = 3

/** Answers questions about tables by computing: the question becomes a query of a closed kind, and a database runs it. */
export function createDataModule({ models, tables }: DataDependencies): Module {
  return {
    manifest: {
      name: 'data',
      description: 'Computes answers from the tables among your documents: CSV files and Excel workbooks.',
      capabilities: ['tabulate', 'tables'],
      cost: 'free',
      latency: 'fast',
      needs: ['tables'],
    },
    health: () => Promise.resolve({ status: 'ok', detail: null }),
    test: (call) =>
      tables.useText(call, 'Item,City,Price\nPen,Bonn,0.10\nInk,Bonn,0.20\nPad,Rome,5.00\n', async (open) => {
        const asked = queryByRules('What is the total price in Bonn?', vocabularyOf(open, 'table.csv', null), open.rows)
        if ('reason' in asked) throw new NitroError('internal', `The question was not understood: ${asked.reason}`)
        const { outcome } = await carryOut(call, open, asked.query)
        if (outcome.value !== '0.3') throw new NitroError('internal', `0.10 + 0.20 came out as ${outcome.value}`)
        return `Read a table of ${open.rows} rows and computed: ${outcome.statement} = ${outcome.value}`
      }),

    async *run(call, task) {
      const found = pick(await tables.list(call, task.collectionIds), task.question)
      if (found.length === 0) {
        yield { type: 'report', summary: 'No table fits the question' }
        return
      }
      const byRules = await tryRules(call, task, found)
      if (byRules.computed) return yield* tell(call, byRules.computed, 'rules')
      const named = languageModelOf(call, models, task.model)
      if (!named || byRules.isRival) {
        yield { type: 'report', summary: `Nothing was computed: ${byRules.reason}` }
        return
      }
      yield { type: 'report', model: named.info.id }
      const byModel = yield* tryModel(call, task, found, named)
      if (byModel.computed) return yield* tell(call, byModel.computed, 'model')
      yield { type: 'report', summary: `Nothing was computed: ${byModel.reason}` }
    },
  }

  /** The rules' answer from the table that fits; with two that fit alike, nobody knows which is meant. */
  async function tryRules(
    call: Call,
    { question }: Task,
    found: readonly Fit[],
  ): Promise<Attempt & { isRival?: boolean }> {
    const best = found[0]!.score
    const understood: Computed[] = []
    let reason: string | undefined
    for (const { table, score } of found) {
      if (understood.length > 0 && score < best * 0.98) break
      const attempt = await tables.use(call, table, async (open): Promise<Attempt> => {
        const asked = queryByRules(question, vocabularyOf(open, table.title, table.sheet), open.rows)
        if ('reason' in asked) return { reason: asked.reason }
        return { computed: { table, ...(await carryOut(call, open, asked.query)) } }
      })
      if (attempt.computed) understood.push(attempt.computed)
      else
        reason ??= `in ${nameOf(table)}, ${attempt.reason}. Its columns are ${table.columns
          .map(({ name }) => name)
          .slice(0, 20)
          .join(', ')}`
    }
    if (understood.length > 1) {
      const names = understood.map(({ table }) => nameOf(table)).join(' and ')
      return { reason: `${names} fit the question alike. Name the one that you mean`, isRival: true }
    }
    return understood[0] ? { computed: understood[0] } : { reason: reason ?? 'no table fits' }
  }

  async function* tryModel(
    call: Call,
    task: Task,
    found: readonly Fit[],
    named: NonNullable<ReturnType<typeof languageModelOf>>,
  ): AsyncGenerator<Finding, Attempt> {
    const offered = found.map(({ table }) => table)
    let mistake: string | undefined
    let spent: Usage | null = null
    for (let round = 1; round <= 2; round++) {
      try {
        const { reply, usage } = await askForQuery(call, task, named, offered, mistake)
        spent = summed(spent, usage)
        yield { type: 'report', usage: spent }
        const table = offered[reply.table - 1]
        if (!table || !reply.query) return { reason: reply.why.slice(0, 300) || 'no table answers this' }
        const { query } = reply
        const carried = await tables.use(call, table, (open) => carryOut(call, open, query))
        return { computed: { table, ...carried } }
      } catch (error) {
        if (error instanceof UnusableReply && error.usage) {
          spent = summed(spent, error.usage)
          yield { type: 'report', usage: spent }
        }
        if (error instanceof UnusableReply || error instanceof QueryMistake) mistake = error.message
        // A model that cannot be reached leaves the answer to what was found otherwise.
        else if (error instanceof NitroError && error.code.startsWith('model_')) return { reason: error.message }
        else throw error
      }
    }
    return { reason: `the model gave no query that fits the table (${mistake})` }
  }

  async function* tell(call: Call, computed: Computed, by: 'rules' | 'model'): AsyncGenerator<Finding> {
    const { table, outcome, outputs, rowCount, sql, places } = computed
    const { documentId, version } = table
    const hits: SearchHit[] = []
    for (const place of places) {
      const hit = await tables.passageAt(call, { documentId, version }, place)
      if (hit && !hits.some(({ entryId }) => entryId === hit.entryId)) hits.push(hit)
    }
    if (call.signal.aborted) return
    yield {
      type: 'computation',
      computation: {
        document: { id: documentId, title: table.title },
        sheet: table.sheet,
        query: sql,
        columns: outputs.map(({ label }) => label),
        rows: outcome.rows.slice(0, 50),
        rowCount,
        tableRows: table.rows,
        by,
      },
    }
    if (hits.length > 0) yield { type: 'passages', hits }
    yield {
      type: 'fact',
      statement: outcome.statement,
      value: outcome.value,
      sources: hits.map(({ entryId }) => entryId),
    }
    for (const message of table.notes.filter((note) => bearsOn(note, table, sql)).slice(0, 3))
      yield { type: 'notice', level: 'info', code: 'table_note', message: `${nameOf(table)}: ${message}.` }
    yield { type: 'report', summary: `Computed over ${table.rows.toLocaleString('en')} rows of ${nameOf(table)}` }
  }
}

interface Fit {
  table: StoredTable
  score: number
}

/** The tables that the question may be about; one that shares nothing with it is not opened. */
function pick(all: readonly StoredTable[], question: string): Fit[] {
  const tokens = tokensOf(question)
  return all
    .map((table) => ({ table, score: fitOf(tokens, table) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .filter(({ score }, _at, [best]) => score >= best!.score * 0.6)
    .slice(0, triedAtMost)
}

/** What was decided about a column that the query does not touch does not matter here. */
function bearsOn(note: string, { columns }: StoredTable, sql: string): boolean {
  const named = columns.filter(({ name }) => note.includes(name))
  return named.length === 0 || named.some(({ name }) => sql.includes(quoted(name)))
}

const nameOf = ({ title, sheet }: Pick<StoredTable, 'title' | 'sheet'>): string =>
  sheet === null ? title : `${sheet} of ${title}`

const summed = (one: Usage | null, other: Usage): Usage =>
  one === null
    ? other
    : {
        inputTokens: plus(one.inputTokens, other.inputTokens),
        outputTokens: plus(one.outputTokens, other.outputTokens),
        estimated: one.estimated || other.estimated,
        costUsd: plus(one.costUsd, other.costUsd),
      }

const plus = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : one + other
