import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export const root = join(import.meta.dirname, '../..')
const pinned = join(root, 'node_modules/node/bin/node')
export const node = existsSync(pinned) ? pinned : process.execPath

/** What a scripted model says; see backend/src/ports/language-model/scripted.ts. */
export type ModelScript = { deltas: string[]; repeat?: number; firstDelayMs?: number; delayMs?: number }

/** A backend and a web app of their own, on free ports, with an empty data folder. */
export type RunningApp = {
  url: string
  /** As a crash would: nothing is said, nothing is put away. */
  killBackend: () => Promise<void>
  startBackend: (script?: ModelScript, environment?: Record<string, string>) => Promise<void>
  close: () => Promise<void>
}

/** `webSettings` are those of the web app that it does not need to run. */
export async function startApp(
  webSettings: Record<string, string> = {},
  backendSettings: Record<string, string> = {},
): Promise<RunningApp> {
  buildOnce()
  const folder = mkdtempSync(join(tmpdir(), 'nitro-e2e-'))
  const [backendPort, webPort] = [await freePort(), await freePort()]
  const [backendUrl, url] = [`http://127.0.0.1:${backendPort}`, `http://127.0.0.1:${webPort}`]
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const processes = new Set<ChildProcess>()
  let backend: ChildProcess | undefined

  function start(
    args: string[],
    env: { NODE_ENV: 'test' | 'production' } & Record<string, string>,
    name: string,
  ): ChildProcess {
    const child = spawn(node, args, {
      cwd: join(root, 'frontend'),
      env: { PATH: `${dirname(node)}:${process.env['PATH']}`, NEXT_TELEMETRY_DISABLED: '1', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child.stderr?.on('data', (data: Buffer) => process.stderr.write(`[${name}] ${data.toString()}`))
    processes.add(child)
    child.once('exit', () => processes.delete(child))
    return child
  }

  async function startBackend(script?: ModelScript, environment: Record<string, string> = {}) {
    const scriptPath = join(folder, 'script.json')
    if (script) writeFileSync(scriptPath, JSON.stringify(script))
    backend = start(
      [join(root, 'backend/src/main.ts')],
      {
        NODE_ENV: 'test',
        NITRO_DATA_DIR: join(folder, 'data'),
        NITRO_LOG_LEVEL: 'error',
        NITRO_WEB_PUBLIC_KEY: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        NITRO_PUBLIC_URL: backendUrl,
        NITRO_WEB_URL: url,
        CORS_ORIGINS: url,
        BACKEND_PORT: String(backendPort),
        NITRO_EMBEDDING_WORKERS: '1',
        // One owner goes through all journeys in minutes.
        NITRO_RATE_LIMITS: 'free=100000/1000,person=100000/1000,workspace=100000/1000,refusals=100000',
        ...(script ? { NITRO_SCRIPTED_MODEL: scriptPath } : {}),
        ...backendSettings,
        ...environment,
      },
      'backend',
    )
    await answers(`${backendUrl}/health/live`, backend)
  }

  const end = async (child: ChildProcess | undefined, signal: NodeJS.Signals) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  async function close() {
    await Promise.all([...processes].map((child) => end(child, 'SIGKILL')))
    rmSync(folder, { recursive: true, force: true })
  }

  try {
    await startBackend()
    const web = start(
      [join(root, 'node_modules/next/dist/bin/next'), 'start', '-H', '127.0.0.1', '-p', String(webPort)],
      {
        NODE_ENV: 'production',
        BACKEND_URL: backendUrl,
        NEXTAUTH_URL: url,
        NEXTAUTH_SECRET: randomBytes(32).toString('hex'),
        NITRO_WEB_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        ...webSettings,
      },
      'web',
    )
    await answers(`${url}/icon.svg`, web)
  } catch (error) {
    await close()
    throw error
  }
  return { url, startBackend, killBackend: () => end(backend, 'SIGKILL'), close }
}

/** The launcher has built it; whoever runs Playwright by hand may not have. */
function buildOnce() {
  if (existsSync(join(root, 'frontend/.next/BUILD_ID'))) return
  execFileSync(node, [join(root, 'node_modules/next/dist/bin/next'), 'build'], {
    cwd: join(root, 'frontend'),
    stdio: 'inherit',
  })
}

async function answers(url: string, child: ChildProcess) {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode} before ${url} answered`)
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
    await wait(100)
  }
  throw new Error(`Nothing answers at ${url}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
