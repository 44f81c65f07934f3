import './require-node.mjs'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { asPattern, guarded } from '../test/security/guarded-files.mjs'
import { underPinnedNode } from './install.mjs'
import { LaunchError, endWithSignals, launch, root, runInForeground } from './launch.mjs'
import { generateDatabaseClient } from './prepare.mjs'
import { createStages } from './stages.mjs'

// A sentence that says something else is noticed by readers, not by tests; what decides by a word is typed.
const notMutated = ['StringLiteral']
/** Of what no test could ever notice there is nothing to count. */
const killed = new Set(['Killed', 'Timeout'])
const alive = new Set(['Survived', 'NoCoverage'])

/** The files by group, because each group has its own tests. */
function choose(args) {
  if (args.length === 0) return Object.fromEntries(Object.entries(guarded).map(([group, { files }]) => [group, files]))
  const chosen = {}
  for (const arg of args) {
    const [group, files] = guarded[arg]
      ? [arg, guarded[arg].files]
      : [Object.keys(guarded).find((name) => guarded[name].files.includes(arg)), [arg]]
    if (!group) throw new LaunchError(`"${arg}" is neither a guarded file nor one of ${Object.keys(guarded)}.`, 2)
    chosen[group] = [...new Set([...(chosen[group] ?? []), ...files])]
  }
  return chosen
}

/** The tests beside the files; of a file that has none there, such as one of routes, those of the same name. */
function unitsOf(files, tests) {
  const triedBy = (path) => path.replace(/(\.[\w-]+)?\.test\.ts$/, '.ts')
  const alone = files.filter((file) => !tests.some((test) => triedBy(test) === file)).map((file) => basename(file))
  return tests.filter((test) => files.includes(triedBy(test)) || alone.includes(basename(triedBy(test))))
}

async function mutate(stages, group, files, isUnitsOnly) {
  const folder = mkdtempSync(join(tmpdir(), 'nitro-mutation-'))
  try {
    const tests = isUnitsOnly ? unitsOf(files, guarded[group].tests) : guarded[group].tests
    stages.say('Mutation', `${group}: ${files.length} files, ${tests.length} files of tests`)
    writeFileSync(join(folder, 'stryker.json'), JSON.stringify(settings(folder, files)))
    const { TEST_DATABASE_URL: _database, TEST_REDIS_URL: _redis, ...env } = process.env
    const code = await runInForeground(
      process.execPath,
      [join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js'), 'run', join(folder, 'stryker.json')],
      { env: { ...env, NITRO_MUTATION_TESTS: JSON.stringify(tests.map(asPattern)) } },
    )
    const report = join(folder, 'mutation.json')
    if (code !== 0 || !existsSync(report)) throw new LaunchError(`The changes to ${group} could not be tried.`)
    return JSON.parse(readFileSync(report, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const settings = (folder, files) => ({
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  mutate: files.map(asPattern),
  mutator: { excludedMutations: notMutated },
  reporters: ['json', process.stdout.isTTY ? 'progress' : 'progress-append-only'],
  jsonReporter: { fileName: join(folder, 'mutation.json') },
  concurrency: Number(process.env.NITRO_MUTATION_WORKERS ?? 2),
  tempDirName: join(folder, 'checkout'),
  ignorePatterns: ['.nitro', '.next', 'frontend/.next', 'docs', '**/test-results', 'data'],
  vitest: { configFile: 'backend/test/security/vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // Such a change is there before any test begins, so that all tests would have to run for each.
  ignoreStatic: true,
  timeoutMS: 20_000,
  allowEmpty: true,
})

function tell({ files }, total) {
  for (const [path, { mutants, source }] of Object.entries(files)) {
    const count = { killed: 0, alive: 0 }
    const lines = source.split('\n')
    for (const { status, mutatorName, replacement, location } of mutants) {
      if (killed.has(status)) count.killed++
      if (!alive.has(status)) continue
      count.alive++
      const line = location.start.line
      const before = textAt(lines, location)
      console.log(`  ${path}:${line} ${mutatorName}, ${status === 'Survived' ? 'not noticed' : 'no test comes here'}`)
      console.log(`    ${before}  →  ${shortened(replacement ?? '')}`)
    }
    console.log(`${scoreOf(count).padStart(7)} of ${String(count.killed + count.alive).padEnd(4)} ${path}`)
    total.killed += count.killed
    total.alive += count.alive
  }
}

const scoreOf = ({ killed, alive }) =>
  killed + alive === 0 ? 'none' : `${Math.floor((killed / (killed + alive)) * 1000) / 10} %`

function textAt(lines, { start, end }) {
  const first = lines[start.line - 1].slice(start.column - 1, start.line === end.line ? end.column - 1 : undefined)
  return shortened(first)
}

const shortened = (text) => text.replace(/\s+/g, ' ').slice(0, 90)

// Changes the guarded files, one place at a time, and asks of each change whether a test fails. Arguments: files or
// groups; `--units` takes the tests beside the files alone, or those of their names. Hours for all of them, minutes for
// a few. At the end, because a module's constants are there only after their line.
await launch(async () => {
  const stages = createStages()
  endWithSignals()
  await underPinnedNode(stages)
  await generateDatabaseClient(stages)
  const args = process.argv.slice(2)
  const isUnitsOnly = args.includes('--units')
  const chosen = choose(args.filter((arg) => arg !== '--units'))
  const total = { killed: 0, alive: 0 }
  for (const [group, files] of Object.entries(chosen)) {
    const report = await mutate(stages, group, files, isUnitsOnly)
    tell(report, total)
  }
  console.log(`${scoreOf(total)} of ${total.killed + total.alive} changes noticed, ${total.alive} not`)
})
