import { parse } from 'csv-parse/sync'
import { NitroError } from '@nitroagi/shared/errors'
import {
  NewGoldenQuestion,
  type Evaluation,
  type EvaluationReason,
  type EvaluationRun,
  type GoldenQuestion,
  type ImportedGoldenQuestions,
  type ImportGoldenQuestions,
  type RankChange,
  type RetrievalFigures,
} from '@nitroagi/shared/evaluation'
import type { SearchHit } from '@nitroagi/shared/knowledge'
import { limits } from '@nitroagi/shared/limits'
import type { Call } from '../call.ts'
import type { CollectionsRepository } from '../ports/database/collections-port.ts'
import type { AskedQuestion, EvaluationRepository, StoredResult, StoredRun } from '../ports/database/evaluation-port.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'
import type { Search } from './search.ts'

/** The job that asks a collection's questions; its key is the collection's id. */
export const evaluateKind = 'evaluate-collection'

export interface EvaluatePayload {
  workspaceId: string
  collectionId: string
  userId: string
  runId: string
}

export type EvaluationService = ReturnType<typeof createEvaluation>

interface Needs {
  evaluation: EvaluationRepository
  collections: CollectionsRepository
  search: Search
  jobs: JobQueue
  /** Of the product: another one may search otherwise. */
  version: string
}

const ranksLookedAt = 10
const runsShown = 20
const runsKept = 100
const askedAtOnce = 2

export function createEvaluation({ evaluation, collections, search, jobs, version }: Needs) {
  /** Readers see nothing of it: not even that there is something. */
  async function checkEditor(call: Call, collectionId: string) {
    const collection = await collections.find(call, collectionId)
    if (!collection) throw new NitroError('not_found', 'There is no such collection')
    if (collection.role === 'reader') {
      throw new NitroError('forbidden', 'Only owners and editors of this collection can see how well it is searched')
    }
    return collection
  }

  async function checkRoom(call: Call, collectionId: string, more: number): Promise<void> {
    const count = await evaluation.count(call, collectionId)
    if (count + more <= limits.goldenQuestions) return
    throw new NitroError(
      'conflict',
      `A collection has at most ${limits.goldenQuestions} such questions, and this one has ${count}. Delete some first.`,
    )
  }

  async function find(call: Call, collectionId: string, id: string): Promise<GoldenQuestion> {
    const found = (await evaluation.questions(call, collectionId)).find((question) => question.id === id)
    if (!found) throw new NitroError('not_found', 'There is no such question')
    return found
  }

  async function begin(call: Call, collectionId: string, reason: EvaluationReason): Promise<EvaluationRun> {
    const run = await evaluation.begin(call, collectionId, { reason, version })
    const { workspaceId, userId } = call.actor
    const payload: EvaluatePayload = { workspaceId, collectionId, userId, runId: run.id }
    if (run.status === 'running') await jobs.send(evaluateKind, payload, { key: collectionId })
    return run
  }

  /** The place of the first passage that answers it. */
  async function ask(call: Call, collectionId: string, asked: AskedQuestion): Promise<StoredResult> {
    const { id: questionId, question, documentId, page, quote } = asked
    const expected = JSON.stringify([question, documentId, page, quote])
    const result = { questionId, question, expected }
    if (documentId === null) return { ...result, rank: null, skipped: 'Its document is gone' }
    if (!asked.isReady) return { ...result, rank: null, skipped: 'Its document is not ready' }
    const { hits } = await search.search(call, { query: question, collectionIds: [collectionId], limit: ranksLookedAt })
    const place = hits.findIndex((hit) => answers(hit, asked))
    return { ...result, rank: place === -1 ? null : place + 1, skipped: null }
  }

  return {
    async questions(call: Call, collectionId: string): Promise<GoldenQuestion[]> {
      await checkEditor(call, collectionId)
      return evaluation.questions(call, collectionId)
    },

    async add(call: Call, collectionId: string, question: NewGoldenQuestion): Promise<GoldenQuestion> {
      await checkEditor(call, collectionId)
      await checkRoom(call, collectionId, 1)
      const named = await evaluation.documentsNamed(call, collectionId, [question.documentId])
      if (!named.get(question.documentId)) throw noDocument()
      const [id] = await evaluation.add(call, collectionId, [question])
      if (!id) throw new NitroError('conflict', 'This question is there already')
      return find(call, collectionId, id)
    },

    async change(call: Call, collectionId: string, id: string, question: NewGoldenQuestion): Promise<GoldenQuestion> {
      await checkEditor(call, collectionId)
      await find(call, collectionId, id)
      if (!(await evaluation.change(call, collectionId, id, question))) throw noDocument()
      return find(call, collectionId, id)
    },

    async delete(call: Call, collectionId: string, id: string): Promise<void> {
      await checkEditor(call, collectionId)
      if (!(await evaluation.delete(call, collectionId, id)))
        throw new NitroError('not_found', 'There is no such question')
    },

    /** Adds the lines that can be used, and says of each other one why it cannot. */
    async import(call: Call, collectionId: string, given: ImportGoldenQuestions): Promise<ImportedGoldenQuestions> {
      await checkEditor(call, collectionId)
      const lines = given.format === 'csv' ? linesOfCsv(given.text) : linesOfJson(given.text)
      await checkRoom(call, collectionId, lines.length)
      const names = [...new Set(lines.flatMap(({ document }) => document ?? []))]
      const documents = await evaluation.documentsNamed(call, collectionId, names)
      const skipped: ImportedGoldenQuestions['skipped'] = []
      const wanted: NewGoldenQuestion[] = []
      for (const { line, document, value } of lines) {
        const documentId = document === undefined ? undefined : documents.get(document)
        const parsed = NewGoldenQuestion.safeParse({ ...value, documentId })
        if (parsed.success) wanted.push(parsed.data)
        else skipped.push({ line, reason: reasonOf(document, documents, parsed.error.issues[0]) })
      }
      const added = await evaluation.add(call, collectionId, wanted)
      return { added: added.length, skipped }
    },

    async overview(call: Call, collectionId: string): Promise<Evaluation> {
      const { embeddingModel, chunkProfile } = await checkEditor(call, collectionId)
      const [runs, done] = await Promise.all([
        evaluation.runs(call, collectionId, runsShown),
        evaluation.done(call, collectionId, 2),
      ])
      return { settings: { embeddingModel, chunkProfile, version }, runs, latest: compared(done) }
    },

    /** Begins to ask; the one that is being asked already, when there is one. */
    async run(call: Call, collectionId: string): Promise<EvaluationRun> {
      await checkEditor(call, collectionId)
      if ((await evaluation.count(call, collectionId)) === 0)
        throw new NitroError('conflict', 'There is no question to ask yet. Add one first.')
      return begin(call, collectionId, 'asked')
    },

    /** By itself. */
    begin,

    /** Asks all of them, as a search of the collection would be answered now, and stores what came out. */
    async measure(call: Call, { collectionId, runId }: Pick<EvaluatePayload, 'collectionId' | 'runId'>): Promise<void> {
      const asked = await evaluation.asked(call, collectionId)
      const results: StoredResult[] = []
      for (let from = 0; from < asked.length; from += askedAtOnce) {
        call.signal.throwIfAborted()
        const some = asked.slice(from, from + askedAtOnce)
        results.push(...(await Promise.all(some.map((question) => ask(call, collectionId, question)))))
      }
      await evaluation.finish(call, runId, { figures: figuresOf(results), results })
      await evaluation.prune(call, collectionId, runsKept)
    },
  }
}

const noDocument = () => new NitroError('invalid_input', 'There is no such document in this collection')

function answers(hit: SearchHit, { documentId, page, quote }: AskedQuestion): boolean {
  if (hit.documentId !== documentId || (page !== null && hit.page !== page)) return false
  return quote === null || bare(hit.content).includes(bare(quote))
}

const bare = (text: string) => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()

export function figuresOf(results: readonly Pick<StoredResult, 'rank' | 'skipped'>[]): RetrievalFigures {
  const asked = results.filter(({ skipped }) => skipped === null)
  const share = (value: (rank: number) => number) =>
    asked.length === 0 ? null : asked.reduce((sum, { rank }) => sum + (rank ? value(rank) : 0), 0) / asked.length
  const hitAt = (place: number) => share((rank) => (rank <= place ? 1 : 0))
  return {
    questions: asked.length,
    skipped: results.length - asked.length,
    hitAt1: hitAt(1),
    hitAt3: hitAt(3),
    hitAt5: hitAt(5),
    hitAt10: hitAt(10),
    mrr: share((rank) => 1 / rank),
  }
}

/** The newest against the one before it, question by question. */
function compared([latest, before]: readonly StoredRun[]): Evaluation['latest'] {
  if (!latest) return null
  const earlier = new Map(before?.results.map((result) => [result.questionId, result]))
  const pairs = latest.results.flatMap((now) => {
    const then = earlier.get(now.questionId)
    return then?.expected === now.expected && now.skipped === null && then.skipped === null ? [{ now, then }] : []
  })
  const changes = pairs.flatMap(({ now, then }): RankChange[] =>
    now.rank === then.rank
      ? []
      : [{ questionId: now.questionId, question: now.question, before: then.rank, after: now.rank }],
  )
  const sorted = changes.toSorted((one, other) => Math.abs(lossOf(other)) - Math.abs(lossOf(one)))
  return {
    run: latest.run,
    before: before?.run ?? null,
    same:
      pairs.length === 0
        ? null
        : {
            questions: pairs.length,
            now: figuresOf(pairs.map(({ now }) => now)),
            before: figuresOf(pairs.map(({ then }) => then)),
          },
    results: latest.results.map(({ expected: _, ...result }) => result),
    regressions: sorted.filter((change) => lossOf(change) > 0),
    improvements: sorted.filter((change) => lossOf(change) < 0),
  }
}

const lossOf = ({ before, after }: RankChange) => (before ? 1 / before : 0) - (after ? 1 / after : 0)

interface Line {
  line: number
  /** Its name, id or external id. */
  document: string | undefined
  value: Record<string, unknown>
}

function linesOfJson(text: string): Line[] {
  return text.split('\n').flatMap((json, index) => {
    if (json.trim() === '') return []
    try {
      const value = JSON.parse(json) as unknown
      return lineOf(index + 1, typeof value === 'object' && value !== null ? { ...value } : {})
    } catch {
      return { line: index + 1, document: undefined, value: {} }
    }
  })
}

function linesOfCsv(text: string): Line[] {
  try {
    const rows = parse(text, {
      columns: true,
      bom: true,
      trim: true,
      info: true,
      skip_empty_lines: true,
    }) as unknown as {
      record: Record<string, string>
      info: { lines: number }
    }[]
    return rows.map(({ record, info }) => {
      const filled = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== ''))
      return lineOf(info.lines, { ...filled, ...(filled['page'] ? { page: Number(filled['page']) } : {}) })
    })
  } catch (cause) {
    throw new NitroError(
      'invalid_input',
      'This is not CSV. The first line names the columns: question, document, page, quote, note.',
      { cause },
    )
  }
}

function lineOf(line: number, given: Record<string, unknown>): Line {
  const document = given['document'] ?? given['documentId']
  const { question, page, quote, note } = given
  return {
    line,
    document: typeof document === 'string' ? document : undefined,
    value: { question, page, quote, note: note ?? undefined },
  }
}

function reasonOf(
  document: string | undefined,
  documents: ReadonlyMap<string, string | undefined>,
  issue: { path: PropertyKey[]; message: string } | undefined,
): string {
  if (issue?.path[0] !== 'documentId') return issue ? `${String(issue.path[0])}: ${issue.message}` : 'It cannot be read'
  if (document === undefined) return 'It names no document'
  if (documents.has(document)) return `Several documents are called "${document}"; name it by its id`
  return `There is no document "${document}" in this collection`
}
