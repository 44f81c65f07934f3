import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Beside the repository; not part of it. */
export const evalFolder = join(import.meta.dirname, '../../../../shared/eval')

/** With a corpus of one JSON object a line. */
export type SetName = 'squad' | 'scifact' | 'xquad' | 'chunkeval'

export interface Question {
  id: string
  text: string
  relevant: Map<string, number>
  lang?: string
}

export const corpusOf = (name: SetName) => join(evalFolder, name, 'corpus.jsonl')

export const isPresent = (name: string) => existsSync(join(evalFolder, name, 'README.md')) || hasManifest(name)
const hasManifest = (name: string) => existsSync(join(evalFolder, name, 'manifest.tsv'))

/** The questions that have an answer. Of scifact, those of BEIR's test set, which published figures are about. */
export function readSet(name: SetName): Question[] {
  const relevant = new Map<string, Map<string, number>>()
  for (const line of linesOf(join(evalFolder, name, 'dev/qrels.tsv')).slice(1)) {
    const [question, document, grade] = line.split('\t') as [string, string, string]
    if (Number(grade) <= 0) continue
    relevant.set(question, (relevant.get(question) ?? new Map<string, number>()).set(document, Number(grade)))
  }
  return readQueries(name)
    .filter((question) => relevant.has(question.id) && (question.beir ?? 'test') === 'test')
    .map(({ id, text, lang }) => ({ id, text, lang, relevant: relevant.get(id)! }))
}

export interface Query {
  id: string
  text: string
  lang?: string
  beir?: string
  /** What people gave as answers; words of the passage. */
  answers?: string[]
  answerable?: boolean
  /** Of chunkeval: the document, and where in it the answer stands, in code points. */
  doc?: string
  refs?: { start: number; end: number }[]
}

export const readQueries = (name: SetName): Query[] =>
  linesOf(join(evalFolder, name, 'dev/queries.jsonl')).map((line) => JSON.parse(line) as Query)

const linesOf = (path: string) => readFileSync(path, 'utf8').trim().split('\n')
