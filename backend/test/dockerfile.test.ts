import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, describe, expect, it } from 'vitest'

// Does without a container engine what `docker build` would do, each stage in a folder of its own, and starts the result.

const root = fileURLToPath(new URL('../..', import.meta.url))
const dockerfile = readFileSync(join(root, 'backend/Dockerfile'), 'utf8')
const adminUrl = process.env['TEST_DATABASE_URL']
const whyNot = !adminUrl
  ? 'TEST_DATABASE_URL is not set'
  : !process.env['CI'] && !process.env['NITRO_TEST_SLOW']
    ? 'it installs packages twice; set NITRO_TEST_SLOW=1 to run it'
    : undefined
if (whyNot) console.log(`The image is not built: ${whyNot}.`)

const work = mkdtempSync(join(tmpdir(), 'nitro-image-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

describe.skipIf(whyNot !== undefined)('the backend image', () => {
  it('holds what the backend needs, and starts on Postgres in production', { timeout: 600_000 }, async () => {
    const image = await build()
    const app = join(image.root, 'app')
    for (const unwanted of ['vitest', 'prisma', 'prisma-cli', 'next', 'eslint', 'playwright', 'node']) {
      expect(existsSync(join(app, 'node_modules', unwanted)), unwanted).toBe(false)
    }
    expect(existsSync(join(app, 'backend/test'))).toBe(false)
    expect(existsSync(join(app, '.git'))).toBe(false)

    const url = await freshDatabase()
    const port = await freePort()
    const { publicKey } = generateKeyPairSync('ed25519')
    const env = {
      PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
      ...image.env,
      HOST: '127.0.0.1',
      PORT: String(port),
      NITRO_DATA_DIR: join(image.root, 'data'),
      DATABASE_URL: url,
      NITRO_OPERATOR_KEY: randomBytes(32).toString('base64url'),
      NITRO_SECRET_KEY: randomBytes(32).toString('base64url'),
      NITRO_WEB_PUBLIC_KEY: String(publicKey.export({ type: 'spki', format: 'pem' })),
      NITRO_PUBLIC_URL: `http://127.0.0.1:${port}`,
      CORS_ORIGINS: 'https://nitro.example.org',
    }
    // As railway.json has it done before a deployment.
    const { deploy } = JSON.parse(readFileSync(join(root, 'railway.json'), 'utf8'))
    await run(deploy.preDeployCommand[0], app, env)

    const [command = '', ...args] = image.command
    const backend = spawn(command, args, { cwd: app, env, stdio: ['ignore', 'inherit', 'inherit'] })
    try {
      await untilReady(`http://127.0.0.1:${port}${deploy.healthcheckPath}`, backend)
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/operator/database`, {
        headers: { authorization: `Bearer ${env.NITRO_OPERATOR_KEY}` },
      })
      expect(await answer.json()).toMatchObject({ adapter: 'postgres', pending: [], problems: [] })
    } finally {
      backend.kill('SIGTERM')
      await once(backend, 'exit')
    }
    expect(backend.exitCode).toBe(0)
  })
})

describe.skipIf(whyNot !== undefined)('an image for a model in a folder', () => {
  it('holds what runs it, in the versions of the lockfile', { timeout: 600_000 }, async () => {
    const { root: stage } = await build({ NITRO_LOCAL_EMBEDDINGS: '1' }, 'dependencies')
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
    for (const name of ['onnxruntime-web', '@huggingface/tokenizers']) {
      const { version } = JSON.parse(readFileSync(join(stage, 'app/node_modules', name, 'package.json'), 'utf8'))
      expect(version).toBe(packages[`node_modules/${name}`].version)
    }
    for (const unwanted of ['vitest', 'next', 'docx', 'prisma-cli']) {
      expect(existsSync(join(stage, 'app/node_modules', unwanted)), unwanted).toBe(false)
    }
    await run(
      `node --input-type=module -e "await import('onnxruntime-web'); await import('@huggingface/tokenizers')"`,
      join(stage, 'app/backend'),
      bareEnvironment(npmCache()),
    )
  })
})

it('holds nothing that runs a model in a folder unless it is asked for', () => {
  const [argument, ...others] = instructions().filter(({ name }) => name === 'ARG')
  expect([argument?.text, others.length]).toEqual(['NITRO_LOCAL_EMBEDDINGS=', 0])
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'backend/package.json'), 'utf8'))
  const moved = /for \(const name of \[(.+?)\]/.exec(dockerfile)?.[1] ?? ''
  const names = moved.split(', ').map((name) => name.slice(1, -1))
  expect(names).toHaveLength(2)
  for (const name of names) expect(devDependencies).toHaveProperty([name])
})

it('runs as nobody special and tells its health', () => {
  const lines = instructions()
  expect(lines.findLast(({ name }) => name === 'USER')?.text).toBe('node')
  const health = lines.find(({ name }) => name === 'HEALTHCHECK')?.text
  expect(health).toMatch(
    /^--interval=30s --timeout=30s --start-period=5s --retries=3 CMD \["node", "-e", ".*\/health\/live/,
  )
})

function instructions(): { name: string; text: string }[] {
  return dockerfile
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => ({ name: line.split(' ')[0] ?? '', text: line.slice(line.indexOf(' ') + 1) }))
}

/** Up to the stage, or to the end. */
async function build(buildArguments: Record<string, string> = {}, last?: string) {
  const stages = new Map<string, string>()
  const cache = npmCache()
  let stage = ''
  let directory = '/'
  let env: Record<string, string> = {}
  let command: string[] = []
  for (const { name, text } of instructions()) {
    const inside = (path: string) => join(stage, resolve(directory, path))
    switch (name) {
      case 'FROM': {
        if (stage !== '' && stage === stages.get(last ?? '')) return { root: stage, env, command }
        const [base = '', , alias = 'image'] = text.split(' ')
        stage = join(work, [...Object.keys(buildArguments), alias].join('-'))
        const parent = stages.get(base)
        if (parent) cpSync(parent, stage, { recursive: true, verbatimSymlinks: true })
        else mkdirSync(stage)
        stages.set(alias, stage)
        env = {}
        break
      }
      case 'WORKDIR':
        directory = resolve(directory, text)
        mkdirSync(join(stage, directory), { recursive: true })
        break
      case 'COPY':
        copy(text, inside, stages)
        break
      case 'RUN':
        await run(inStage(text, stage), join(stage, directory), { ...bareEnvironment(cache), ...env })
        break
      case 'ARG': {
        const [argument = '', usual = ''] = text.split('=')
        env[argument] = buildArguments[argument] ?? usual
        break
      }
      case 'ENV':
        for (const pair of text.split(' ')) env[pair.split('=')[0] ?? ''] = pair.slice(pair.indexOf('=') + 1)
        break
      case 'CMD':
        command = JSON.parse(text)
    }
  }
  return { root: stage, env, command }
}

function copy(text: string, inside: (path: string) => string, stages: Map<string, string>): void {
  const words = text.split(' ')
  const from = words[0]?.startsWith('--from=') ? stages.get(words.shift()?.slice(7) ?? '') : undefined
  const target = words.pop() ?? ''
  for (const source of words) {
    const path = join(from ?? root, source)
    const isFile = /\.[a-z]+$/.test(source) || source.endsWith('.npmrc')
    cpSync(path, inside(isFile ? join(target, source.split('/').at(-1) ?? '') : target), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => from !== undefined || !isIgnored(file.slice(root.length)),
    })
  }
}

/** What .dockerignore keeps out: the last line that matches decides. */
function isIgnored(path: string): boolean {
  const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
  let ignored = false
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue
    const pattern = line.replace(/^!/, '')
    const expression = pattern
      .replace(/[.+]/g, '\\$&')
      .replaceAll('**/', '(.*/)?')
      .replace(/(?<!\.)\*/g, '[^/]*')
    if (new RegExp(`^${expression}(/|$)`).test(path)) ignored = !line.startsWith('!')
  }
  return ignored
}

const inStage = (text: string, stage: string) =>
  // There is no user `node` here, and nobody to give the folder to.
  text.replace(/ && chown \S+ \S+/, '').replaceAll(/(^|\s)\/data\b/g, `$1${stage}/data`)

/** What says how the network is reached and whom to trust there, as a build on the same machine would have it. */
const network =
  /^(node_extra_ca_certs|ssl_cert_(file|dir)|(https?|no)_proxy|npm_config_(registry|cafile|(https?-?)?proxy))$/i

const bareEnvironment = (cache: string) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => network.test(name))),
  PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
  HOME: process.env['HOME'] ?? work,
  npm_config_cache: cache,
  npm_config_prefer_offline: 'true',
})

/** A cache of one build's own, because the Dockerfile cleans it; it begins as links to what npm has fetched already. */
function npmCache(): string {
  const own = join(mkdtempSync(join(work, 'npm-')), 'cache')
  const theirs = process.env['npm_config_cache'] ?? join(process.env['HOME'] ?? work, '.npm')
  try {
    execFileSync('cp', ['-al', theirs, own], { stdio: 'ignore' })
  } catch {
    // On another disk, or not there: then npm fetches the packages once more.
    mkdirSync(own, { recursive: true })
  }
  return own
}

function run(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', command], { cwd, env, timeout: 300_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command}\n${stdout}\n${stderr}`))
      else resolve()
    })
  })
}

async function freshDatabase(): Promise<string> {
  const name = `image_${randomBytes(6).toString('hex')}`
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  const url = new URL(adminUrl ?? '')
  url.pathname = name
  return url.href
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

async function untilReady(url: string, backend: ChildProcess): Promise<void> {
  while (backend.exitCode === null) {
    const isReady = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    )
    if (isReady) return
    await sleep(100)
  }
  throw new Error(`The backend ended with ${backend.exitCode}`)
}
