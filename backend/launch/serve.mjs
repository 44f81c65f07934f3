import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { requireFreePort, requireWritable } from './checks-before-start.mjs'
import { LaunchError, readLines, root } from './launch.mjs'
import { readKeys } from './keys.mjs'

const drainMs = 9_300
const startMs = 180_000
const logBytes = 10 * 1024 * 1024

/** Starts backend and web app together, says when a page can be opened, and ends both when told to or when one fails. */
export async function serve(stages, { port, backendPort, host, dataDir }, { watch }) {
  const env = environments({ port, backendPort, host, dataDir, watch })
  const stopping = stopRequest()
  const backend = startChild(
    'backend',
    watch ? ['--watch', '--watch-preserve-output', 'backend/src/main.ts'] : ['backend/src/main.ts'],
    {
      env: env.backend,
      cwd: root,
      log: watch ? undefined : join(dataDir, 'logs', 'backend.log'),
    },
  )
  const web = startChild(
    'web app',
    [join(root, 'node_modules/next/dist/bin/next'), watch ? 'dev' : 'start', '-p', String(port), '-H', host],
    {
      env: env.web,
      cwd: join(root, 'frontend'),
      log: watch ? undefined : join(dataDir, 'logs', 'web.log'),
    },
  )
  const children = [web, backend]
  const failed = Promise.race(children.map((child) => child.ended.then((how) => ({ child, how }))))
  const outcome = Promise.race([failed, stopping.then(() => 'stop')])

  const first = await Promise.race([outcome, whenReady(stages, { backend, port, backendPort, host, dataDir, watch })])
  if (first === 'ready') console.log(`ready http://${printable(host)}:${port}`)
  const reason = first === 'ready' ? await outcome : first
  const drained = await stopAll(children)

  if (reason === 'stop') {
    if (drained.includes('backend')) return 0
    throw new LaunchError('The backend did not end in time and was killed; it recovers at the next start.')
  }
  if (reason === 'late') throw new LaunchError(`Not ready after ${startMs / 1000} s.\n${lastWords(backend)}`)
  const words = lastWords(reason.child)
  // One line that it wrote before it was ready says all that there is to say, such as who holds the data folder.
  if (first !== 'ready' && words !== '' && !words.includes('\n')) throw new LaunchError(words)
  throw new LaunchError(`${words}\nThe ${reason.child.name} stopped by itself (${reason.how}).`)
}

export async function requireRoom({ port, backendPort, host, dataDir }) {
  requireWritable(dataDir)
  await requireFreePort('web app', '--port', host, port)
  await requireFreePort('backend', '--backend-port', host, backendPort)
}

function environments({ port, backendPort, host, dataDir, watch }) {
  const keys = readKeys(dataDir, process.env)
  const shared = {
    ...process.env,
    HOST: host,
    NITRO_LAUNCHER_PID: String(process.pid),
    // Compiled code is kept, which makes every start after the first one faster.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'node-compile'),
  }
  delete shared.NITRO_WEB_PRIVATE_KEY
  const address = `http://${printable(host)}`
  const origins = [...new Set([address, 'http://127.0.0.1', 'http://localhost'])].map((origin) => `${origin}:${port}`)
  const publicUrl = process.env.NITRO_PUBLIC_URL || `${address}:${backendPort}`
  return {
    backend: {
      ...shared,
      BACKEND_PORT: String(backendPort),
      NITRO_DATA_DIR: dataDir,
      ...keys.backend,
      NITRO_PUBLIC_URL: publicUrl,
      CORS_ORIGINS: process.env.CORS_ORIGINS || origins.join(','),
      NITRO_WEB_URL: process.env.NITRO_WEB_URL || process.env.NEXTAUTH_URL || `${address}:${port}`,
    },
    web: {
      ...withoutBackendSecrets(shared),
      NODE_ENV: watch ? 'development' : 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      PORT: String(port),
      BACKEND_URL: process.env.BACKEND_URL || `${address}:${backendPort}`,
      NEXT_PUBLIC_API_URL: process.env.NEXT_PUBLIC_API_URL || publicUrl,
      ...keys.web,
      NEXTAUTH_URL: process.env.NEXTAUTH_URL || `${address}:${port}`,
    },
  }
}

// The web app holds no key to the database, to a model or to the operator's door.
const withoutBackendSecrets = (env) =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) =>
        !/^(DATABASE_URL|NEON_DATABASE_URL|NITRO_OPERATOR_KEY|NITRO_SECRET_KEY|NITRO_SMTP_URL|(NITRO_)?S3_.*|.*REDIS.*|.*_API_KEY)$/.test(
          name,
        ),
    ),
  )

// Listening everywhere is not an address that one can open.
const printable = (host) =>
  host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host

function startChild(name, args, { env, cwd, log }) {
  const preload = new URL('./end-with-parent.mjs', import.meta.url).href
  const logged = log && openLog(log)
  const output = logged ? logged.file : 'pipe'
  const child = spawn(process.execPath, ['--import', preload, ...args], {
    cwd,
    env,
    stdio: ['ignore', output, output, 'ipc'],
    // A Ctrl-C reaches the launcher alone, which passes it on once; two of them would cut the draining short.
    detached: true,
  })
  const recent = []
  if (logged) closeSync(logged.file)
  else for (const stream of [child.stdout, child.stderr]) readLines(stream, (line) => print(line))
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`))
  })
  return {
    name,
    ended,
    kill: (signal) => child.kill(signal),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    recentLines: () => (logged ? readFileSync(log).subarray(logged.start).toString('utf8').trim().split('\n') : recent),
  }

  function print(line) {
    recent.push(line)
    if (recent.length > 100) recent.shift()
    console.log(`${name.padEnd(8)}| ${line}`)
  }
}

/** Appends, because a second start in the same folder must not wipe the log of the first before it is refused. */
function openLog(path) {
  const size = () => statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size() > logBytes) renameSync(path, `${path}.1`)
  const start = size()
  return { file: openSync(path, 'a', 0o600), start }
}

/** What it wrote for people when it wrote any, otherwise the end of its log. */
function lastWords(child) {
  const lines = child.recentLines().filter(Boolean)
  const plain = lines.filter((line) => !line.startsWith('{'))
  return (plain.length > 0 ? plain : lines).slice(-20).join('\n')
}

async function whenReady(stages, { backend, port, backendPort, host, dataDir, watch }) {
  const base = `http://${printable(host)}`
  const deadline = Date.now() + startMs
  const begun = performance.now()
  const where = watch
    ? ''
    : `, log in ${relative(root, dataDir).startsWith('..') ? dataDir : relative(root, dataDir)}/logs`
  const backendReady = until(() => answers(`${base}:${backendPort}/health/ready`, (status) => status === 200))
  const webReady = until(() => answers(`${base}:${port}/`, (status) => status < 500))
  const isReady = await backendReady
  if (isReady) stages.say('Backend', `ready in ${((performance.now() - begun) / 1000).toFixed(1)} s${where}`)
  return isReady && (await webReady) ? 'ready' : 'late'

  async function until(isTrue) {
    while (Date.now() < deadline && backend.isRunning()) {
      if (await isTrue()) return true
      await sleep(50)
    }
    return false
  }
}

async function answers(url, isGood) {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(60_000) })
    await response.body?.cancel()
    return isGood(response.status)
  } catch {
    return false
  }
}

/** Resolves at the first wish to end. A second one, later than the echo of the first, ends at once. */
function stopRequest() {
  return new Promise((resolve) => {
    let since
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.removeAllListeners(signal)
      process.on(signal, () => {
        if (since === undefined) {
          since = Date.now()
          console.log('Stopping …')
          resolve()
        } else if (Date.now() - since > 1_000) process.exit(130)
      })
    }
  })
}

/** Gives the names of those that ended by themselves. The web app holds nothing, so it is not waited for as long. */
async function stopAll(children) {
  const ended = await Promise.all(
    children.map(async (child) => {
      child.kill('SIGTERM')
      const inTime = await Promise.race([
        child.ended.then(() => true),
        sleep(child.name === 'backend' ? drainMs : drainMs / 2, false, { ref: false }),
      ])
      if (!inTime) {
        child.kill('SIGKILL')
        await child.ended
      }
      return inTime ? child.name : undefined
    }),
  )
  return ended.filter(Boolean)
}
