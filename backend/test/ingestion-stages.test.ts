import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Connection } from '../src/ports/database/connection.ts'
import { migrate } from '../src/ports/database/migrations.ts'
import { openPglite } from '../src/ports/database/pglite.ts'
import { moments, type Stage, stages, type Trial, type WorkerTask } from './ingestion-worker.ts'
import { compiledCode } from './prepared-databases.ts'
import { openTestPostgres } from './test-database.ts'

const server = process.env['TEST_DATABASE_URL']
/** Three is each moment once; `npm run test:crash` asks for ten. */
const rounds = Number(process.env['NITRO_CRASH_ROUNDS'] ?? 3)

interface Place {
  database: WorkerTask['database']
  use<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

describe.each([
  { name: 'PostgreSQL', times: server ? rounds : 0, open: openOnPostgres },
  { name: 'the embedded database', times: server ? 0 : rounds, open: openEmbedded },
])('a worker that is killed with -9, on $name', ({ times, open }) => {
  // Four at once, because a process that starts and dies leaves the machine mostly idle.
  const lanes = [0, 1, 2, 3].map((lane) =>
    plansOf(
      stages.filter((_, index) => index % 4 === lane),
      times,
    ),
  )
  it.skipIf(times === 0).concurrent.each(
    lanes.map((plans) => ({
      plans,
      kills: plans.length,
      at: [...new Set(plans.map(({ stage }) => stage))].join(', '),
    })),
  )(
    times > 0
      ? 'loses and doubles nothing in $kills kills at the stages $at'
      : 'skipped here, because TEST_DATABASE_URL decides which',
    async ({ plans }) => {
      const folder = await mkdtemp(join(tmpdir(), 'nitro-stages-'))
      const place = await open(folder)
      try {
        await killAtEach(plans, place, join(folder, 'objects'))
      } finally {
        await place.close()
        await rm(folder, { recursive: true, force: true })
      }
    },
    // A busy machine is no failure.
    1_800_000,
  )
})

type Plan = Pick<Trial, 'moment'> & { stage: Stage }

function plansOf(some: Stage[], times: number): Plan[] {
  // Deletion and replacement are one stage, half and half, but each of their moments comes.
  const timesOf = (stage: Stage) =>
    stage === 'delete' || stage === 'replace' ? Math.max(Math.ceil(times / 2), Math.min(times, moments.length)) : times
  return some.flatMap((stage) =>
    Array.from({ length: timesOf(stage) }, (_, round) => ({
      stage,
      // What was not yet accepted when the process died was never promised to anybody.
      moment: stage === 'received' ? 'after' : moments[round % moments.length]!,
    })),
  )
}

async function killAtEach(plans: Plan[], { database, use }: Place, objects: string): Promise<void> {
  const { undisturbed, trials } = await use(async (connection) => ({
    undisturbed: await prepare(connection, { stage: null, moment: 'after', text: 'granite' }),
    trials: await Promise.all(plans.map((plan) => prepare(connection, { ...plan, text: 'granite' }))),
  }))
  expect(await runWorker({ database, objects, trial: undisturbed })).toEqual({ signal: null, stderr: '' })
  for (const trial of trials) {
    expect(await runWorker({ database, objects, trial }), `${trial.stage}, ${trial.moment}`).toMatchObject({
      signal: 'SIGKILL',
    })
  }
  expect(await runWorker({ database, objects, trial: null })).toEqual({ signal: null, stderr: '' })
  await use(async (connection) => {
    const golden = await whatIsThere(connection, undisturbed)
    expect(golden).toMatchObject({ documents: 1, ready: 1, hidden: 0 })
    expect(golden.passages).toBeGreaterThanOrEqual(40)
    const none = { documents: 0, ready: 0, hidden: 0, passages: 0, sha256: null, pages: null }
    for (const trial of trials) {
      const found = await whatIsThere(connection, trial)
      const how = `killed at ${trial.stage}, ${trial.moment}`
      if (trial.stage === 'delete') {
        expect(found, how).toEqual(none)
        expect(await readdir(join(objects, trial.workspaceId, 'documents')), how).toEqual([])
      } else if (trial.stage === 'replace') {
        expect({ ...found, sha256: '', pages: '' }, how).toEqual({ ...golden, sha256: '', pages: '' })
        expect(found.sha256, how).not.toBe(golden.sha256)
      } else expect(found, how).toEqual(golden)
    }
    const replaced = trials.filter(({ stage }) => stage === 'replace')
    const ends = await Promise.all(replaced.map((trial) => whatIsThere(connection, trial)))
    expect(new Set(ends.map(({ sha256 }) => sha256)).size).toBeLessThanOrEqual(1)
  })
}

/** All that search and citations depend on, in a form that shows the slightest difference. */
async function whatIsThere(connection: Connection, { workspaceId }: Trial) {
  const [row] = await connection.query<{
    documents: number
    ready: number
    hidden: number
    passages: number
    sha256: string | null
    pages: string | null
  }>(
    `SELECT (SELECT count(*)::int FROM documents WHERE workspace_id = $1) AS documents,
       (SELECT count(*)::int FROM documents WHERE workspace_id = $1 AND status = 'ready' AND error IS NULL
          AND chunks_done = chunks_total AND entry_count = chunks_total) AS ready,
       (SELECT count(*)::int FROM knowledge_entries e JOIN documents d ON d.workspace_id = e.workspace_id AND d.id = e.document_id
          WHERE e.workspace_id = $1 AND e.version <> d.version) AS hidden,
       count(*)::int AS passages,
       encode(sha256(convert_to(string_agg(concat_ws('|', ordinal, page, start_offset, end_offset, content, length,
         embedding::text, encode(content_hash, 'hex')), E'\\n' ORDER BY ordinal, id), 'UTF8')), 'hex') AS sha256,
       (SELECT encode(sha256(convert_to(string_agg(concat_ws('|', number, text, origin), E'\\n' ORDER BY number), 'UTF8')), 'hex')
          FROM document_pages WHERE workspace_id = $1) AS pages
     FROM knowledge_entries WHERE workspace_id = $1`,
    [workspaceId],
  )
  return row!
}

async function prepare(connection: Connection, trial: Pick<Trial, 'stage' | 'moment' | 'text'>): Promise<Trial> {
  const [workspaceId, userId, collectionId] = [randomUUID(), randomUUID(), randomUUID()]
  await connection.query(`INSERT INTO workspaces (id, name) VALUES ($1, 'w')`, [workspaceId])
  await connection.query(`INSERT INTO users (id, email, password_hash) VALUES ($1, $2, '-')`, [
    userId,
    `${userId}@example.com`,
  ])
  await connection.query(`INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, 'owner')`, [
    workspaceId,
    userId,
  ])
  await connection.query(
    `INSERT INTO collections (workspace_id, id, owner_id, name, embedding_model, chunk_profile)
     VALUES ($1, $2, $3, 'c', 'words', '{"targetCharacters": 4000}')`,
    [workspaceId, collectionId, userId],
  )
  return { ...trial, workspaceId, userId, collectionId }
}

async function runWorker(task: WorkerTask): Promise<{ signal: NodeJS.Signals | null; stderr: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'ingestion-worker.ts'), JSON.stringify(task)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1', NODE_COMPILE_CACHE: compiledCode },
  })
  let stderr = ''
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return { signal, stderr }
}

async function openOnPostgres(): Promise<Place> {
  const connection = await openTestPostgres(server!)
  return { database: { url: connection.url }, use: (work) => work(connection), close: () => connection.close() }
}

/** One process at a time may have it open. */
async function openEmbedded(folder: string): Promise<Place> {
  const dataDir = join(folder, 'database')
  const use: Place['use'] = async (work) => {
    const connection = await openPglite({ dataDir })
    return work(connection).finally(() => connection.close())
  }
  await use((connection) => migrate(connection))
  return { database: { dataDir }, use, close: async () => {} }
}
