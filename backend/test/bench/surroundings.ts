import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

export const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

const endings = new Set<() => void | Promise<void>>()

/** Ends and removes whatever the bench still has, because it was cut short or a row broke off. */
export async function cleanUp(): Promise<void> {
  await Promise.allSettled([...endings].map(async (end) => end()))
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.removeAllListeners(signal)
  process.once(signal, () => void cleanUp().finally(() => process.exit(130)))
}

/** Has `end` run when the bench is cut short. Returns what to call when there is nothing left to end. */
export function whenCutShort(end: () => void | Promise<void>): () => void {
  endings.add(end)
  return () => void endings.delete(end)
}

export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'nitro-bench-'))
  const erase = () => rmSync(path, { recursive: true, force: true })
  const settled = whenCutShort(erase)
  return {
    path,
    remove() {
      settled()
      erase()
    },
  }
}

/** An empty database of the bench's own on the given server. */
export async function createDatabase(server: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `bench_${randomUUID().replaceAll('-', '')}`
  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: server })
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }
  await run(`CREATE DATABASE ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const drop = () => run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  const settled = whenCutShort(drop)
  return { url: url.href, drop: () => drop().then(settled) }
}

/** One of the bench's own servers, in a process of its own: it prints its address once it listens. */
export async function startServer(program: URL, env: Record<string, string> = {}): Promise<OwnServer> {
  const child = spawn(process.execPath, [fileURLToPath(program)], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const settled = whenCutShort(() => void child.kill('SIGKILL'))
  const url = await firstLine(child)
  return {
    url,
    pid: child.pid ?? 0,
    async close() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      settled()
    },
  }
}

export interface OwnServer {
  url: string
  pid: number
  close(): Promise<void>
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout) createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`A server of the bench ended before it listened (${code})`)))
  })
}
