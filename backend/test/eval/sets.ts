import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Beside the repository; not part of it. */
export const evalFolder = join(import.meta.dirname, '../../../../shared/eval')

export const sets = ['squad', 'scifact', 'xquad', 'chunkeval'] as const
export type SetName = (typeof sets)[number]

export interface Question {
  id: string
  text: string
  relevant: Map<string, number>
  lang?: string
}

export interface EvalSet {
  corpus: string
  questions: Question[]
}

export const isPresent = (name: SetName) => existsSync(join(evalFolder, name, 'corpus.jsonl'))

/** The questions that have an answer. Of scifact, those of BEIR's test set, which published figures are about. */
export function readSet(name: SetName): EvalSet {
  const folder = join(evalFolder, name)
  const relevant = new Map<string, Map<string, number>>()
  for (const line of linesOf(join(folder, 'dev/qrels.tsv')).slice(1)) {
    const [question, document, grade] = line.split('\t') as [string, string, string]
    if (Number(grade) <= 0) continue
    relevant.set(question, (relevant.get(question) ?? new Map<string, number>()).set(document, Number(grade)))
  }
  const questions = linesOf(join(folder, 'dev/queries.jsonl'))
    .map((line) => JSON.parse(line) as { id: string; text: string; beir?: string; lang?: string })
    .filter((question) => relevant.has(question.id) && (question.beir ?? 'test') === 'test')
    .map(({ id, text, lang }) => ({ id, text, lang, relevant: relevant.get(id)! }))
  return { corpus: join(folder, 'corpus.jsonl'), questions }
}

const linesOf = (path: string) => readFileSync(path, 'utf8').trim().split('\n')

/** What is known without us: the best of exact BM25 and a cheap fusion, and what we want to reach. */
export const targets: Record<string, { known: string; target: string }> = {
  squad: {
    known: 'BM25 nDCG 88.3, R@5 94.0; fusion 89.2, 95.1',
    target: 'nDCG ≥ 89.0, R@5 ≥ 95.0 (issue 2: R@5 ≥ 90)',
  },
  scifact: { known: 'BM25 nDCG 68.6; fusion 69.4', target: 'nDCG ≥ 69.0' },
  chunkeval: { known: '', target: 'information (one fixed chunking)' },
  'xquad en': { known: '', target: 'R@10 ≥ 98' },
  'xquad es': { known: 'words R@10 98', target: 'R@10 ≥ 98' },
  'xquad zh': { known: 'words R@10 13, bigrams 99', target: 'R@10 ≥ 98' },
  'xquad de': { known: 'words R@10 96', target: 'R@10 ≥ 96' },
  'xquad ru': { known: 'words R@10 93', target: 'R@10 ≥ 94' },
  'xquad ar': { known: 'words R@10 94', target: 'R@10 ≥ 94' },
  'xquad th': { known: 'words R@10 91', target: 'R@10 ≥ 94' },
  'xquad hi': { known: 'words R@10 87', target: 'R@10 ≥ 88' },
}
