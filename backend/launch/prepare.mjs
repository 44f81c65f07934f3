import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LaunchError, root, runProgram } from './launch.mjs'

const bin = (...path) => join(root, 'node_modules', ...path)

/** Makes the Prisma client from the schema, unless it stands there already. Needs no network and no database. */
export async function generateDatabaseClient(stages) {
  const output = join(root, 'backend/src/ports/database/generated')
  const sources = hashFiles(['backend/prisma/schema.prisma', 'backend/prisma.config.ts'], readVersion('prisma-cli'))
  const stamp = join(output, '.sources')
  if (isCurrent(stamp, sources)) return
  await stages.run('Database', 'generating the client', async () => {
    // Installed under a name of its own: as `prisma` it is an optional peer of its client, and comes along in production.
    const { code, output: lines } = await runProgram(
      process.execPath,
      [bin('prisma-cli', 'build', 'index.js'), 'generate'],
      { cwd: join(root, 'backend'), env: prismaEnvironment() },
    )
    if (code !== 0) throw new LaunchError(`${lines}\nThe database client could not be generated; see the lines above.`)
    write(stamp, sources)
    return 'client generated'
  })
}

// Prisma would download an engine that `generate` never runs; any file that exists keeps it from trying.
const prismaEnvironment = () => ({
  ...process.env,
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  CHECKPOINT_DISABLE: '1',
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
})

/** Builds the web app when its sources are not those of the last build. */
export async function buildWebApp(stages, env = {}) {
  // Next writes these names' values into the bundle.
  const baked = Object.entries(process.env).filter(([name]) => name.startsWith('NEXT_PUBLIC_'))
  const sources = hashFiles(['frontend', 'shared/src', 'package-lock.json'], JSON.stringify(baked.sort()))
  const stamp = join(root, 'frontend/.next/.sources')
  if (isCurrent(stamp, sources) && existsSync(join(root, 'frontend/.next/BUILD_ID'))) return
  await stages.run('Web app', 'building', async (progress) => {
    let result = await nextBuild(progress, env)
    while (result.output.includes('Another next build process is already running')) {
      progress('waiting for another build')
      await sleep(2_000)
      if (isCurrent(stamp, sources)) return 'built by another process'
      result = await nextBuild(progress, env)
    }
    if (result.code !== 0)
      throw new LaunchError(`${result.output}\nThe web app could not be built; see the lines above.`)
    write(stamp, sources)
    return 'built'
  })
}

const nextBuild = (progress, env) =>
  runProgram(process.execPath, [bin('next', 'dist', 'bin', 'next'), 'build'], {
    cwd: join(root, 'frontend'),
    env: { ...process.env, ...env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    onLine: (line) => line.trim() && progress(line.trim()),
  })

const isCurrent = (stamp, sources) => existsSync(stamp) && readFileSync(stamp, 'utf8') === sources

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

const readVersion = (name) => JSON.parse(readFileSync(bin(name, 'package.json'), 'utf8')).version

const notSources = new Set(['node_modules', '.next', 'e2e', 'test-results', 'playwright-report', 'next-env.d.ts'])

function hashFiles(paths, salt) {
  const hash = createHash('sha256').update(salt)
  const add = (path) => {
    hash.update(`\0${path}\0`).update(readFileSync(join(root, path)))
  }
  const walk = (path) => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true }).sort(byName)) {
      if (notSources.has(entry.name) || /\.(test|spec)\.tsx?$|\.tsbuildinfo$/.test(entry.name)) continue
      if (entry.isDirectory()) walk(`${path}/${entry.name}`)
      else if (entry.isFile()) add(`${path}/${entry.name}`)
    }
  }
  for (const path of paths) {
    if (!existsSync(join(root, path))) throw new LaunchError(`${path} is missing; this is not a whole checkout.`)
    if (/\.[a-z]+$/.test(path)) add(path)
    else walk(path)
  }
  return hash.digest('hex')
}

const byName = (a, b) => (a.name < b.name ? -1 : 1)
