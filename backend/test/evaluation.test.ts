import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Evaluation, GapReport, GoldenQuestion, ImportedGoldenQuestions } from '@nitroagi/shared/evaluation'
import type { Document } from '@nitroagi/shared/knowledge'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEvaluationRepository } from '../src/ports/database/evaluation.ts'
import { createEmbedders } from '../src/ports/embedder/embedders.ts'
import { startBackend, type Person, type TestBackend } from './test-backend.ts'
import { createWordEmbedder } from './word-embedder.ts'

const texts = {
  'ships.txt': 'The Vasa sank in the harbour of Stockholm in 1628. It was raised in 1961.',
  'towers.txt': 'The Eiffel Tower was built in Paris for the World Fair of 1889.',
  'bridges.txt': 'The Golden Gate Bridge was opened to traffic in San Francisco in 1937.',
}

let backend: TestBackend
let owner: Person
let collectionId: string
const ids: Record<string, string> = {}

beforeAll(async () => {
  backend = await startBackend({ ports: { embedders: createEmbedders([createWordEmbedder()]) } })
  owner = await backend.createPerson('owner@example.com')
  collectionId = (await answer<{ id: string }>(owner, '/api/v1/collections', { json: { name: 'Sights' } })).id
  for (const [name, body] of Object.entries(texts)) ids[name] = await upload(name, body)
})
afterAll(() => backend.close())

async function answer<Body>(
  person: Person,
  path: string,
  init: { method?: string; json?: unknown } = {},
): Promise<Body> {
  const response = await person.request(path, { method: init.json === undefined ? 'GET' : 'POST', ...init })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Body
}

async function upload(name: string, body: string): Promise<string> {
  const response = await owner.request(`/api/v1/collections/${collectionId}/documents?name=${name}`, {
    method: 'POST',
    body,
  })
  const { documents } = (await response.json()) as { documents: Document[] }
  const { id } = documents[0]!
  for (;;) {
    const { status, error } = await answer<Document>(owner, `/api/v1/documents/${id}`)
    if (status === 'ready') return id
    if (status === 'failed') throw new Error(JSON.stringify(error))
    await wait(50)
  }
}

const path = (rest: string) => `/api/v1/collections/${collectionId}/${rest}`
const ask = (json: unknown) => owner.request(path('golden-questions'), { method: 'POST', json })
const overview = () => answer<Evaluation>(owner, path('evaluation'))

async function measured(): Promise<Evaluation> {
  const response = await owner.request(path('evaluation/runs'), { method: 'POST' })
  expect(response.status).toBe(202)
  return settled()
}

async function settled(): Promise<Evaluation> {
  for (;;) {
    const found = await overview()
    if (found.runs.every(({ status }) => status !== 'running')) return found
    await wait(50)
  }
}

describe('golden questions', () => {
  it('begin with none, and cannot be measured then', async () => {
    expect(await answer(owner, path('golden-questions'))).toEqual({ items: [] })
    expect(await overview()).toMatchObject({ runs: [], latest: null, settings: { embeddingModel: 'words' } })
    expect((await owner.request(path('evaluation/runs'), { method: 'POST' })).status).toBe(409)
  })

  it('are added with the document that answers them, changed, and deleted', async () => {
    const added = await ask({
      question: 'When did the Vasa sink?',
      documentId: ids['ships.txt'],
      quote: 'sank  in the Harbour',
    })
    expect(added.status).toBe(201)
    const question = (await added.json()) as GoldenQuestion
    expect(question).toMatchObject({ documentName: 'ships.txt', page: null, note: '' })
    expect((await ask({ question: 'When did the Vasa sink?', documentId: ids['ships.txt'] })).status).toBe(409)
    expect((await ask({ question: 'What else?', documentId: collectionId })).status).toBe(400)

    const other = (await (
      await ask({ question: 'Which tower?', documentId: ids['ships.txt'] })
    ).json()) as GoldenQuestion
    const changed = await owner.request(path(`golden-questions/${other.id}`), {
      method: 'PUT',
      json: { question: 'Which tower is in Paris?', documentId: ids['towers.txt'], page: 1 },
    })
    expect(await changed.json()).toMatchObject({
      question: 'Which tower is in Paris?',
      documentName: 'towers.txt',
      page: 1,
    })
    const third = (await (
      await ask({ question: 'Which bridge?', documentId: ids['bridges.txt'] })
    ).json()) as GoldenQuestion
    expect((await owner.request(path(`golden-questions/${third.id}`), { method: 'DELETE' })).status).toBe(204)
    expect((await owner.request(path(`golden-questions/${third.id}`), { method: 'DELETE' })).status).toBe(404)
  })

  it('come from lines of JSON and from CSV, and each line that cannot be used says why', async () => {
    const jsonl = [
      { question: 'What was opened in San Francisco?', document: 'bridges.txt' },
      { question: 'What is missing?', document: 'nowhere.txt' },
      { document: 'ships.txt' },
    ]
    const text = `${jsonl.map((line) => JSON.stringify(line)).join('\n')}\nnot json\n`
    expect(
      await answer<ImportedGoldenQuestions>(owner, path('golden-questions/import'), {
        json: { format: 'jsonl', text },
      }),
    ).toEqual({
      added: 1,
      skipped: [
        { line: 2, reason: 'There is no document "nowhere.txt" in this collection' },
        { line: 3, reason: expect.stringContaining('question') },
        { line: 4, reason: expect.any(String) },
      ],
    })
    const csv = `question,document,page,note\n"Zebras, and where they live?",${ids['bridges.txt']},,"no answer, on purpose"\nWhere?,ships.txt,none,\n`
    expect(
      await answer<ImportedGoldenQuestions>(owner, path('golden-questions/import'), {
        json: { format: 'csv', text: csv },
      }),
    ).toMatchObject({ added: 1, skipped: [{ line: 3, reason: expect.stringContaining('page') }] })
  })
})

describe('a measurement', () => {
  it('says at which place the right passage came, and what that comes to', async () => {
    const { latest, runs } = await measured()
    expect(runs).toMatchObject([{ status: 'done', reason: 'asked', error: null }])
    expect(latest?.results.map(({ question, rank }) => [question, rank])).toEqual([
      ['When did the Vasa sink?', 1],
      ['Which tower is in Paris?', 1],
      ['What was opened in San Francisco?', 1],
      ['Zebras, and where they live?', expect.toSatisfy((rank) => rank === null || rank > 0)],
    ])
    const last = latest!.results[3]!.rank
    expect(latest?.run.figures).toMatchObject({ questions: 4, skipped: 0, hitAt10: last ? 1 : 0.75 })
    expect(latest?.run.figures?.mrr).toBeCloseTo((3 + (last ? 1 / last : 0)) / 4)
    expect(latest?.before).toBeNull()
  })

  it('names the questions that fare worse than in the run before, and leaves out those without a document', async () => {
    expect((await owner.request(`/api/v1/documents/${ids['towers.txt']}`, { method: 'DELETE' })).status).toBe(204)
    // It says more of what is asked than the passage that answers it.
    await upload('rival.txt', 'What was opened in San Francisco? What was opened, and opened again in San Francisco.')
    const { latest } = await measured()
    expect(latest?.run.figures).toMatchObject({ questions: 3, skipped: 1 })
    expect(latest?.same).toMatchObject({ questions: 3, before: { hitAt10: expect.any(Number) } })
    expect(latest?.results[1]).toMatchObject({ rank: null, skipped: 'Its document is gone' })
    expect(latest?.regressions).toContainEqual(
      expect.objectContaining({ question: 'What was opened in San Francisco?', before: 1, after: 2 }),
    )
    const kept = await answer<{ items: GoldenQuestion[] }>(owner, path('golden-questions'))
    expect(kept.items[1]).toMatchObject({ documentId: null, documentName: 'towers.txt' })
  })
})

describe('the command line', () => {
  it('measures, and says which questions fare worse', async () => {
    const main = join(import.meta.dirname, '../cli/main.ts')
    const nitro = (...args: string[]) =>
      promisify(execFile)(process.execPath, [main, ...args, '--collection', 'Sights'], {
        env: { PATH: process.env['PATH'], NITRO_URL: backend.url, NITRO_API_KEY: owner.key },
      })
    const status = await nitro('evaluation')
    expect(status.stdout).toMatch(/3 questions, 1 left out[^]*hit@1 +0\.\d+ +[01]\.\d+[^]*San Francisco\? +1 +2/)
    const run = await nitro('evaluation', 'run')
    expect(run.stdout).toContain('No question fares worse than before.')
  })
})

describe('a measurement that nobody asked for', () => {
  it('is due by itself for the first time, after other settings, and the night after other documents', async () => {
    const repository = createEvaluationRepository(backend.ports.connection)
    const query = backend.ports.connection.query
    const due = async (version = 'test') => (await repository.due(version)).map(({ reason }) => reason)
    expect(await due('next')).toEqual([])
    await query(`UPDATE golden_questions SET updated_at = now() - interval '1 hour'`)
    expect(await due()).toEqual([])
    expect(await due('next')).toEqual(['settings'])
    await query(`UPDATE collections SET version = version + 1`)
    expect(await due()).toEqual([])
    await query(`UPDATE evaluation_runs SET started_at = started_at - interval '1 day'`)
    expect(await due()).toEqual(['documents'])
    await query(`UPDATE documents SET status = 'embedding' WHERE name = 'rival.txt'`)
    expect(await due()).toEqual([])
    await query(`UPDATE documents SET status = 'ready' WHERE name = 'rival.txt'`)
    await query(`DELETE FROM evaluation_runs`)
    expect(await due()).toEqual(['first'])
  })
})

describe('who sees it', () => {
  it('is nobody of another workspace, and no reader', async () => {
    const stranger = await backend.createPerson('stranger@example.com')
    for (const rest of ['golden-questions', 'evaluation'])
      expect((await stranger.request(path(rest))).status, rest).toBe(404)
    const { query } = backend.ports.connection
    await query(`UPDATE collection_members SET role = 'reader'`)
    for (const rest of ['golden-questions', 'evaluation'])
      expect((await owner.request(path(rest))).status, rest).toBe(403)
    expect((await owner.request(path('evaluation/runs'), { method: 'POST' })).status).toBe(403)
    await query(`UPDATE collection_members SET role = 'owner'`)
  })
})

const thumbDown = (person: Person, word = '') =>
  backend.ports.connection.query(
    `INSERT INTO message_feedback (workspace_id, message_id, user_id, rating, reason)
     SELECT r.workspace_id, r.message_id, r.owner_id, 'down', 'wrong' FROM runs r
     JOIN messages m ON m.workspace_id = r.workspace_id AND m.id = r.user_message_id
     WHERE r.owner_id = $1 AND m.parts::text LIKE '%' || $2 || '%'`,
    [person.userId, word],
  )

describe('the gap report', () => {
  it('groups what was asked in similar words and not answered, and says why', async () => {
    await owner.ask('When did the Vasa sink?')
    await owner.ask('What is the airspeed of an unladen swallow?')
    await owner.ask('What is the airspeed of the unladen swallow')
    await owner.ask('Hello!')
    const { scope, items } = await answer<GapReport>(owner, '/api/v1/gaps')
    expect(scope).toBe('workspace')
    expect(items).toMatchObject([
      {
        question: 'What is the airspeed of the unladen swallow',
        times: 2,
        reasons: [{ reason: 'unanswered', times: 2 }],
        others: ['What is the airspeed of an unladen swallow?'],
      },
    ])
  })

  it('counts a thumb down with its reason, whatever the answer was', async () => {
    await thumbDown(owner, 'Vasa')
    const { items } = await answer<GapReport>(owner, '/api/v1/gaps')
    expect(items.find(({ question }) => question.includes('Vasa'))).toMatchObject({
      reasons: [{ reason: 'thumbs_down', times: 1 }],
      feedback: ['wrong'],
    })
  })

  it('shows to somebody who is neither owner nor admin their own questions only', async () => {
    const { query } = backend.ports.connection
    const editor = await backend.createPerson('editor@example.com')
    await query(`UPDATE memberships SET role = 'editor' WHERE user_id = $1`, [editor.userId])
    await editor.ask('What is the airspeed of an unladen swallow?')
    await thumbDown(editor)
    const own = await answer<GapReport>(editor, '/api/v1/gaps')
    expect(own).toMatchObject({ scope: 'own', items: [{ times: 1 }] })
    await query(`UPDATE runs SET owner_id = gen_random_uuid() WHERE owner_id = $1`, [editor.userId])
    expect((await answer<GapReport>(editor, '/api/v1/gaps')).items).toEqual([])
  })
})
