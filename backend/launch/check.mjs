import './require-node.mjs'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { underPinnedNode } from './install.mjs'
import { endWithSignals, launch, root, runProgram } from './launch.mjs'
import { generateDatabaseClient } from './prepare.mjs'
import { createStages } from './stages.mjs'

const atOnce = 2
const bin = (...path) => join(root, 'node_modules', ...path)
const cache = (name) => bin('.cache', 'check', name)

const typesOf = (workspace) => ({
  name: `types of ${workspace}`,
  args: [bin('typescript/bin/tsc'), '-p', workspace, '--incremental', '--tsBuildInfoFile', cache(`${workspace}.json`)],
})

// The slow ones first, so that the quick ones fill the gaps.
const checks = [
  {
    name: 'lint',
    args: [
      bin('eslint/bin/eslint.js'),
      '.',
      '--max-warnings=0',
      '--cache',
      '--cache-strategy=content',
      '--cache-location',
      cache('eslint'),
    ],
  },
  typesOf('backend'),
  typesOf('frontend'),
  {
    name: 'format',
    args: [
      bin('prettier/bin/prettier.cjs'),
      '--check',
      '.',
      '--log-level=warn',
      '--cache',
      '--cache-location',
      cache('prettier'),
    ],
  },
  { name: 'unused code', args: [bin('knip/bin/knip.js'), '--no-progress'] },
  typesOf('frontend/e2e'),
  typesOf('shared'),
  { name: 'paths in docs', run: findDeadPaths },
]

/**
 * Runs all of them, says what each found, and gives how many `passed` and the names of what `failed`. Needs no database
 * and no build.
 */
export async function runChecks(stages) {
  const waiting = [...checks]
  const outcomes = []
  await stages.run('Check', 'format, lint, types, unused code', async (progress) => {
    const worker = async () => {
      for (let check = waiting.shift(); check; check = waiting.shift()) {
        const { code, output } = await (check.run?.() ?? runProgram(process.execPath, check.args, { keepLines: 400 }))
        outcomes.push({ name: check.name, ok: code === 0, output })
        progress(`${outcomes.length} of ${checks.length}`)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    return `${outcomes.filter(({ ok }) => ok).length} of ${checks.length} in order`
  })
  for (const { name, ok, output } of outcomes) if (!ok) console.log(`\n${name}:\n${output}`)
  const failed = outcomes.filter(({ ok }) => !ok).map(({ name }) => name)
  return { passed: outcomes.length - failed.length, failed }
}

// A path in backticks or in a link of the docs that looks like a file or a folder of ours must exist.
function findDeadPaths() {
  const pages = ['README.md', ...markdownUnder('docs')].filter((page) => existsSync(join(root, page)))
  const dead = pages.flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '')
    const cited = [...text.matchAll(/`((?:frontend|backend|shared|docs|\.ci|\.github)\/[^`\s*<>[\]]*)`/g)].map(
      ([, path]) => path,
    )
    const linked = [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, path]) =>
      resolve('/', dirname(page), path).slice(1),
    )
    return [...cited, ...linked]
      .filter((path) => !existsSync(join(root, path.replace(/:\d+$/, ''))))
      .map((path) => `  ${page}: ${path} does not exist`)
  })
  return { code: dead.length === 0 ? 0 : 1, output: dead.join('\n') }
}

const markdownUnder = (folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true })
        .filter((name) => name.endsWith('.md'))
        .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    : []

if (import.meta.url === new URL(process.argv[1], 'file:').href) {
  await launch(async () => {
    const stages = createStages()
    endWithSignals()
    await underPinnedNode(stages)
    await generateDatabaseClient(stages)
    const { failed } = await runChecks(stages)
    return failed.length === 0 ? 0 : 1
  })
}
