import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { LaunchError, root, runProgram } from './launch.mjs'

const pinnedVersion = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.node
const pinnedNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
const alreadyUnderPinnedNode = 'NITRO_UNDER_PINNED_NODE'

/**
 * Installs what the lockfile says when it is not there yet, then goes on under the pinned Node. Returns in the process
 * that shall do the work; the one that was started by an older Node waits for it and ends with its exit code.
 */
export async function underPinnedNode(stages) {
  if (process.env[alreadyUnderPinnedNode]) {
    delete process.env[alreadyUnderPinnedNode]
    return
  }
  await install(stages)
  if (process.versions.node === pinnedVersion) return
  if (existsSync(pinnedNode)) return handOver()
  if (Number(process.versions.node.split('.')[0]) >= 24) return
  throw new LaunchError(
    `Node ${pinnedVersion} is missing from node_modules, probably because npm may not run install scripts here. Run: npm rebuild node --ignore-scripts=false`,
  )
}

async function install(stages) {
  if (isInstalled()) return
  await stages.run('Packages', 'installing', async (progress) => {
    const total = topLevelPackages().length
    const timer = setInterval(() => progress(`${Math.min(installedFolders(), total)} of ${total} packages`), 500)
    const [command, args] = npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
    const { code, output } = await runProgram(command, args).finally(() => clearInterval(timer))
    if (code !== 0) throw new LaunchError(`${output}\nnpm could not install the packages; see the lines above.`)
    return 'installed'
  })
}

// npm's own record of what it installed, compared with the lockfile: right whoever ran npm, and without a request.
function isInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const installed = readPackages(record)
  return Object.entries(readPackages(join(root, 'package-lock.json'))).every(
    ([path, { version, optional, link }]) =>
      !path.startsWith('node_modules/') || optional || link || installed[path]?.version === version,
  )
}

const readPackages = (path) => JSON.parse(readFileSync(path, 'utf8')).packages

const topLevelPackages = () =>
  Object.entries(readPackages(join(root, 'package-lock.json'))).filter(([path, { optional }]) => {
    return path.startsWith('node_modules/') && path.lastIndexOf('node_modules/') === 0 && !optional
  })

function installedFolders() {
  try {
    return readdirSync(join(root, 'node_modules'))
      .filter((name) => !name.startsWith('.'))
      .reduce((count, name) => {
        return count + (name.startsWith('@') ? readdirSync(join(root, 'node_modules', name)).length : 1)
      }, 0)
  } catch {
    return 0
  }
}

/** The npm that started us, so that its own Node runs it; the one on the path otherwise. */
function npm(args) {
  const script = process.env.npm_execpath
  if (script?.endsWith('.js')) return [process.env.npm_node_execpath ?? process.execPath, [script, ...args]]
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', args]
}

function handOver() {
  const child = spawn(pinnedNode, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, [alreadyUnderPinnedNode]: '1' },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // From here on the child decides how it ends.
    process.removeAllListeners(signal)
    process.on(signal, () => child.kill(signal))
  }
  // Never settles: the exit below is this process's only way on.
  return new Promise((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
  })
}
