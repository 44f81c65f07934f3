import { existsSync } from 'node:fs'
import { access, constants, readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { Health } from '@nitroagi/shared/health'
import { SystemInfo } from '@nitroagi/shared/modules'
import { DatabaseStatus } from '@nitroagi/shared/operator'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { isLocal } from './config.ts'
import type { Output } from './output.ts'

interface Finding {
  name: string
  status: 'ok' | 'warn' | 'fail'
  detail: string
  /** What to do about it; null when all is well. */
  advice: string | null
}

const gigabyte = 1024 ** 3

/** Looks at everything that can keep NitroAGI from working, and says for each what to do. */
export async function doctor(
  output: Output,
  { openClient, url, dataDir }: { openClient: () => Client; url: string; dataDir: string },
): Promise<void> {
  const findings = [
    checkNode(),
    ...(isLocal(url) ? [...(await checkDataDir(dataDir)), ...(await checkKeys(dataDir))] : []),
    ...(await checkBackend(url, openClient)),
  ]
  output.result({ ok: findings.every(({ status }) => status !== 'fail'), findings }, () =>
    findings
      .map(
        ({ status, name, detail, advice }) =>
          `${status.padEnd(5)} ${name}: ${detail}${advice ? `\n      → ${advice}` : ''}`,
      )
      .join('\n'),
  )
  const failed = findings.filter(({ status }) => status === 'fail').length
  if (failed > 0) throw new CliError('unhealthy', `${failed} of ${findings.length} checks failed`)
}

const ok = (name: string, detail: string): Finding => ({ name, status: 'ok', detail, advice: null })
const warn = (name: string, detail: string, advice: string): Finding => ({ name, status: 'warn', detail, advice })
const fail = (name: string, detail: string, advice: string): Finding => ({ name, status: 'fail', detail, advice })

function checkNode(): Finding {
  const version = process.versions.node
  return Number(version.split('.')[0]) >= 24
    ? ok('Node.js', version)
    : fail('Node.js', version, 'Run it through npm (npm run -s nitro), which brings the pinned Node 24.')
}

async function checkDataDir(dataDir: string): Promise<Finding[]> {
  if (!existsSync(dataDir))
    return [warn('Data folder', `${dataDir} is not there yet`, 'It is made by the first npm start.')]
  const writable = await access(dataDir, constants.W_OK).then(
    () => ok('Data folder', `${dataDir} takes files`),
    () =>
      fail(
        'Data folder',
        `${dataDir} cannot be written to`,
        'Give the user who runs NitroAGI the right to write there.',
      ),
  )
  const { bavail, bsize } = await statfs(dataDir)
  const free = bavail * bsize
  const detail = `${(free / gigabyte).toFixed(1)} GB free`
  if (free < gigabyte / 4) return [writable, fail('Disk', detail, 'Free some space; uploads are refused soon.')]
  return [
    writable,
    free < 2 * gigabyte ? warn('Disk', detail, 'Free some space before it runs out.') : ok('Disk', detail),
  ]
}

async function checkKeys(dataDir: string): Promise<Finding[]> {
  const folder = join(dataDir, 'keys')
  if (!existsSync(folder) || process.platform === 'win32') return []
  const open: string[] = []
  for (const path of [folder, ...(await readdir(folder)).map((name) => join(folder, name))]) {
    if (((await stat(path)).mode & 0o077) !== 0) open.push(path)
  }
  if (open.length === 0) return [ok('Keys', 'readable by their owner only')]
  return [fail('Keys', `others can read ${open.join(', ')}`, `chmod go= ${open.join(' ')}`)]
}

async function checkBackend(url: string, openClient: () => Client): Promise<Finding[]> {
  const begun = performance.now()
  const alive = await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(5_000) }).then(
    (response) => response.ok,
    () => false,
  )
  if (!alive)
    return [fail('Backend', `${url} does not answer`, 'Start it (npm start), or name another address with --url.')]
  const reached = ok('Backend', `${url} answers in ${(performance.now() - begun).toFixed(0)} ms`)
  try {
    const client = openClient()
    return [
      reached,
      ...(await ask('Health', () => checkHealth(client))),
      ...(await ask('Migrations', () => checkMigrations(client))),
      ...(await ask('Models', () => checkModels(client))),
    ]
  } catch (error) {
    return [reached, fail('Key', wordsOf(error), 'Without a key nothing more can be seen.')]
  }
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

async function ask(name: string, check: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await check()
  } catch (error) {
    if (error instanceof CliError && error.code === 'conflict') {
      return [
        warn(
          name,
          'nobody has an account yet',
          'Open the web app and sign up, or use: npm run -s nitro -- user create',
        ),
      ]
    }
    if (error instanceof CliError && ['not_found', 'forbidden'].includes(error.code)) {
      return [warn(name, 'not shown to this key', 'Use the operator key to see it.')]
    }
    return [fail(name, wordsOf(error), 'Look at the log of the backend.')]
  }
}

async function checkHealth(client: Client): Promise<Finding[]> {
  const { dependencies, version } = await client.request('/health', Health, { acceptStatus: 503 })
  return [
    ok('Version', version),
    ...Object.entries(dependencies).map(([name, { status, latencyMs, detail }]) =>
      status === 'ok'
        ? ok(
            name,
            [latencyMs === null ? 'works' : `works, ${latencyMs.toFixed(1)} ms`, detail].filter(Boolean).join(', '),
          )
        : fail(name, detail ?? 'is down', 'Look at its settings and at the log of the backend.'),
    ),
  ]
}

async function checkMigrations(client: Client): Promise<Finding[]> {
  const { adapter, applied, pending, problems } = await client.request('/api/v1/operator/database', DatabaseStatus)
  const name = 'Migrations'
  if (problems.length > 0)
    return problems.map((problem) => fail(name, problem, 'Restore the file or the database it came from.'))
  if (pending.length > 0) return [fail(name, `${pending.length} are pending`, 'npm run -s nitro -- db migrate')]
  return [ok(name, `all ${applied.length} applied on ${adapter}`)]
}

async function checkModels(client: Client): Promise<Finding[]> {
  const { models, defaultModel, modules } = await client.request('/api/v1/system', SystemInfo)
  const languageModels = models.filter(({ isLanguageModel }) => isLanguageModel).map(({ id }) => id)
  return [
    languageModels.length > 0
      ? ok('Models', `${languageModels.join(', ')}; answers come from ${defaultModel}`)
      : ok(
          'Models',
          `${defaultModel} only, which quotes and does not write; .env.example says how to add a language model`,
        ),
    ...modules
      .filter(({ health }) => health.status === 'down')
      .map(({ name, health }) => fail(`Module ${name}`, health.detail ?? 'is down', 'Look at the log of the backend.')),
  ]
}
