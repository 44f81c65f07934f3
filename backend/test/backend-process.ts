import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { generousSetting } from './generous-limits.ts'
import { compiledCode } from './prepared-databases.ts'

export interface BackendProcess {
  url: string
  pid: number
  operatorKey: string
  /** Ends when the process has: its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals | null>
  stderr(): string
  kill(signal: NodeJS.Signals): void
}

/** The backend as a process of its own, for what only a process can show: kills, locks, exit codes, memory. */
export async function spawnBackend(options: {
  dataDir: string
  env?: Record<string, string>
  port?: number
}): Promise<BackendProcess> {
  const port = options.port ?? (await freePort())
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts')], {
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: compiledCode,
      NITRO_DATA_DIR: options.dataDir,
      BACKEND_PORT: String(port),
      NITRO_RATE_LIMITS: generousSetting,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null)
  await Promise.race([
    isReady(child),
    ended.then((how) => {
      throw new Error(`The backend ended before it was ready (${how}): ${stderr}`)
    }),
  ])
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    operatorKey:
      options.env?.['NITRO_OPERATOR_KEY'] ??
      (await readFile(join(options.dataDir, 'keys/operator-key'), 'utf8')).trim(),
    ended,
    stderr: () => stderr,
    kill: (signal) => child.kill(signal),
  }
}

/** Reads the log on, so that the process never waits for a full pipe. */
function isReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (!child.stdout) return
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"event":"ready"')) resolve()
    })
  })
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
