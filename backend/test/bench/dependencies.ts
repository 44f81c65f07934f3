import { execFileSync } from 'node:child_process'
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { atMost, type Row } from './row.ts'
import { root, temporaryFolder } from './surroundings.ts'

const workspaces = ['backend', 'shared']
const manifests = ['package.json', 'package-lock.json', '.npmrc', ...['backend', 'shared', 'frontend'].map(manifestOf)]

export const dependencies: Row = {
  name: 'dependencies',
  title: 'Installed dependencies',
  method: 'What `npm ci --omit=dev` installs for the workspaces backend and shared, in bytes on the disk.',
  isSlow: true,
  run({ say }) {
    const folder = temporaryFolder()
    try {
      for (const path of manifests) {
        mkdirSync(dirname(join(folder.path, path)), { recursive: true })
        cpSync(join(root, path), join(folder.path, path), { force: true })
      }
      say('npm ci')
      const chosen = workspaces.flatMap((name) => ['--workspace', `@nitroagi/${name}`])
      const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] }
      execFileSync('npm', ['ci', '--omit=dev', ...chosen, '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: folder.path,
        env,
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      const packages = join(folder.path, 'node_modules')
      const measured = (bytesOf(packages) + bytesOf(join(folder.path, 'backend/node_modules'))) / 1024 ** 2
      const figure = { what: 'Production dependencies of the backend', aim: atMost(450, 'MB'), measured, unit: 'MB' }
      const installed = { ...figure, remark: largest(packages) }
      for (const name of prunedInImage()) rmSync(join(packages, name), { recursive: true, force: true })
      const shipped = (bytesOf(packages) + bytesOf(join(folder.path, 'backend/node_modules'))) / 1024 ** 2
      return Promise.resolve([
        installed,
        { ...figure, what: 'The same in the image, as the Dockerfile prunes it', measured: shipped },
      ])
    } finally {
      folder.remove()
    }
  },
}

/** What the Dockerfile deletes after its install, read from the Dockerfile itself. */
function prunedInImage(): string[] {
  const dockerfile = readFileSync(join(root, 'backend/Dockerfile'), 'utf8')
  const names = /cd node_modules && rm -rf (.+)/.exec(dockerfile)?.[1]?.split(' ')
  if (!names) throw new Error('backend/Dockerfile no longer says what it prunes')
  return names
}

function manifestOf(workspace: string): string {
  return `${workspace}/package.json`
}

/** What it takes on the disk, in blocks as `du` counts them. */
function bytesOf(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (!stat) return 0
  const own = (stat.blocks ?? 0) * 512
  return stat.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), own) : own
}

function largest(packages: string): string {
  const sizes = readdirSync(packages)
    .map((name) => ({ name, megabytes: bytesOf(join(packages, name)) / 1024 ** 2 }))
    .sort((a, b) => b.megabytes - a.megabytes)
  return `largest: ${sizes
    .slice(0, 4)
    .map(({ name, megabytes }) => `${name} ${megabytes.toFixed(0)}`)
    .join(', ')}`
}
