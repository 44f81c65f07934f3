import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../backend-process.ts'
import { generousSetting } from '../generous-limits.ts'
import type { Target } from './client.ts'
import { commandLine, processTree } from './process-figures.ts'
import { root, whenCutShort } from './surroundings.ts'

export interface Product {
  webUrl: string
  /** The backend behind it, with the operator's key. */
  operator: Target
  /** From the command to the first page served. */
  startSeconds: number
  processes(): { launcher: number[]; backend: number[]; web: number[] }
  stop(): Promise<void>
}

/** Why `npm start` would not be what the bench means, or nothing. */
export const notStartable = (): string | undefined =>
  existsSync(join(root, '.env')) ? 'not measured: the file .env at the root would be read; move it away' : undefined

/** `npm start` as a person runs it, on free ports; what it inherits from this shell is its path and home alone. */
export async function startProduct(dataDir: string, env: Record<string, string> = {}): Promise<Product> {
  const port = await freePort()
  const backendPort = await freePort()
  const begun = performance.now()
  const npm = spawn('npm', ['start'], {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(port),
      BACKEND_PORT: String(backendPort),
      NITRO_DATA_DIR: dataDir,
      NITRO_RATE_LIMITS: generousSetting,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const launcher = () => processTree(npm.pid ?? 0).find((pid) => commandLine(pid).endsWith('backend/launch/start.mjs'))
  const end = (signal: NodeJS.Signals) => {
    const pid = npm.exitCode === null ? launcher() : undefined
    if (pid) process.kill(pid, signal)
  }
  // What the launcher started ends with it.
  const settled = whenCutShort(() => end('SIGKILL'))
  const output: string[] = []
  const ended = once(npm, 'exit')
  await new Promise<void>((resolve, reject) => {
    for (const stream of [npm.stdout, npm.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        output.push(line)
        if (line.startsWith('ready http')) resolve()
      })
    }
    npm.once('error', reject)
    npm.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${output.slice(-20).join('\n')}`)))
  })
  const webUrl = `http://127.0.0.1:${port}`
  const page = await fetch(webUrl)
  if (page.status !== 200 || !(await page.text()).includes('<html')) throw new Error(`No page, but ${page.status}`)
  const startSeconds = (performance.now() - begun) / 1000
  const operatorKey = readFileSync(join(dataDir, 'keys/operator-key'), 'utf8').trim()
  return {
    webUrl,
    startSeconds,
    operator: { url: `http://127.0.0.1:${backendPort}`, headers: { authorization: `Bearer ${operatorKey}` } },
    processes() {
      const all = processTree(npm.pid ?? 0)
      const backend = all.find((pid) => /backend\/src\/main\.ts$/.test(commandLine(pid)))
      const web = all.find((pid) => commandLine(pid).startsWith('next-server'))
      if (!backend || !web) throw new Error(`The processes of npm start are not found among: ${all.map(commandLine)}`)
      const trees = { backend: processTree(backend), web: processTree(web) }
      return { ...trees, launcher: all.filter((pid) => ![...trees.backend, ...trees.web].includes(pid)) }
    },
    async stop() {
      end('SIGTERM')
      await ended
      settled()
    },
  }
}
