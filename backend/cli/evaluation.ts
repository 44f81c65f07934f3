import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import {
  Evaluation,
  EvaluationRun,
  ImportedGoldenQuestions,
  type RankChange,
  type RetrievalFigures,
} from '@nitroagi/shared/evaluation'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { findCollection } from './collections.ts'
import { table, type Output } from './output.ts'

const pollMs = 500

export async function showEvaluation(client: Client, output: Output, collectionName: string): Promise<void> {
  const { id } = await findCollection(client, collectionName)
  const evaluation = await client.request(`/api/v1/collections/${id}/evaluation`, Evaluation)
  output.result(evaluation, () => describe(evaluation))
}

/** Begins a measurement and waits for its end. */
export async function runEvaluation(client: Client, output: Output, collectionName: string): Promise<void> {
  const { id } = await findCollection(client, collectionName)
  const path = `/api/v1/collections/${id}/evaluation`
  const begun = await client.request(`${path}/runs`, EvaluationRun, { method: 'POST' })
  output.remark('Measuring …', true)
  for (;;) {
    const evaluation = await client.request(path, Evaluation)
    const run = evaluation.runs.find((one) => one.id === begun.id)
    if (run?.status === 'failed') throw new CliError('internal', run.error ?? 'The measurement failed')
    if (run?.status !== 'running') return output.result(evaluation, () => describe(evaluation))
    await wait(pollMs)
  }
}

export async function importQuestions(client: Client, output: Output, file: string, collectionName: string) {
  const { id } = await findCollection(client, collectionName)
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CliError('not_found', `${file} cannot be read`)
  })
  const imported = await client.request(`/api/v1/collections/${id}/golden-questions/import`, ImportedGoldenQuestions, {
    method: 'POST',
    body: { format: file.endsWith('.csv') ? 'csv' : 'jsonl', text },
  })
  output.result(imported, () =>
    [
      imported.added === 1 ? '1 question was added.' : `${imported.added} questions were added.`,
      ...imported.skipped.map(({ line, reason }) => `Line ${line} was not: ${reason}`),
    ].join('\n'),
  )
}

function describe({ latest, runs }: Evaluation): string {
  if (!latest?.run.figures) {
    return runs.length > 0
      ? 'No measurement is done yet.'
      : 'Nothing was measured yet. Measure now: npm run -s nitro -- evaluation run'
  }
  const { run, before, same, regressions } = latest
  const figures = run.figures ?? undefined
  const rows = names.map(([name, key]) => [
    name,
    written(figures?.[key]),
    written(before?.figures?.[key]),
    changed(same?.now[key], same?.before[key]),
  ])
  const others = before && same?.questions !== figures?.questions
  const remark = others
    ? `The change is that of the ${same?.questions ?? 0} questions that both runs asked.`
    : undefined
  const skipped = figures?.skipped ? `, ${figures.skipped} left out because their documents are gone or not ready` : ''
  return [
    `${figures?.questions ?? 0} questions${skipped}. ${run.settings.embeddingModel}, measured ${run.startedAt}.`,
    table(['', 'NOW', 'BEFORE', 'CHANGE'], rows),
    ...(remark ? [remark] : []),
    ...(before ? [worse(regressions)] : []),
  ].join('\n\n')
}

const names: readonly (readonly [string, keyof RetrievalFigures])[] = [
  ['hit@1', 'hitAt1'],
  ['hit@3', 'hitAt3'],
  ['hit@5', 'hitAt5'],
  ['hit@10', 'hitAt10'],
  ['MRR', 'mrr'],
]

const written = (value: number | null | undefined) => (value == null ? '-' : value.toFixed(3))

const changed = (now: number | null | undefined, before: number | null | undefined) =>
  now == null || before == null ? '-' : `${now < before ? '' : '+'}${(now - before).toFixed(3)}`

const worse = (regressions: readonly RankChange[]): string =>
  regressions.length === 0
    ? 'No question fares worse than before.'
    : table(
        ['WORSE THAN BEFORE', 'BEFORE', 'NOW'],
        regressions.map(({ question, before, after }) => [question, String(before ?? '-'), String(after ?? '-')]),
      )
