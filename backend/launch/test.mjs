import './require-node.mjs'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { guarded } from '../test/security/guarded-files.mjs'
import { coverageArguments, missingForCoverage, tellCoverage } from './branch-coverage.mjs'
import { runChecks } from './check.mjs'
import { underPinnedNode } from './install.mjs'
import { LaunchError, endWithSignals, launch, root, runInForeground } from './launch.mjs'
import { buildWebApp, generateDatabaseClient } from './prepare.mjs'
import { createStages } from './stages.mjs'

const bin = (...path) => join(root, 'node_modules', ...path)
const suites = { check: runChecks, unit: runVitest, e2e: runPlaywright }
/** Run when asked for by name: more of what `unit` does a little of. */
const longSuites = { crash: runCrashTest, security: runSecuritySuites, coverage: runGuardedTests }

/** Unit, contract and whole-backend tests. All of them together take every branch of the guarded files, or fail. */
async function runVitest(stages, args, { title = 'unit, contract, whole backend', env = {}, groups } = {}) {
  return withReport(async (report, folder) => {
    stages.say('Tests', title)
    const isMeasured = groups !== undefined || (args.length === 0 && mayMeasure(stages))
    const code = await runInForeground(
      process.execPath,
      [
        bin('vitest/vitest.mjs'),
        'run',
        ...(args.some((arg) => arg.startsWith('--reporter')) ? [] : ['--reporter=default']),
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...(isMeasured ? coverageArguments(folder) : []),
        ...args,
      ],
      { env: { ...process.env, NODE_ENV: 'test', ...env } },
    )
    const untaken = isMeasured ? tellCoverage(stages, folder, groups) : 0
    const branches = missingForCoverage() === undefined && untaken !== 0 ? ['branches of guarded files'] : []
    return sum(code, readReport(report), ({ numPassedTests, numPendingTests, numTodoTests, testResults }) => ({
      passed: numPassedTests,
      failed: [...testResults.flatMap(failedInFile), ...branches],
      skipped: numPendingTests + numTodoTests,
    }))
  })
}

function mayMeasure(stages) {
  const missing = missingForCoverage()
  if (missing) stages.say('Branches', `of the guarded files are not measured: ${missing}`)
  return missing === undefined
}

/** The tests that go through the guarded files, and which of their branches they take. Arguments name groups. */
async function runGuardedTests(stages, args) {
  const unknown = args.find((arg) => !guarded[arg])
  if (unknown) throw new LaunchError(`There is no group "${unknown}"; choose ${Object.keys(guarded).join(', ')}.`, 2)
  const chosen = args.length > 0 ? args : Object.keys(guarded)
  const missing = missingForCoverage()
  if (missing) stages.say('Branches', `some are taken by tests that are skipped now: ${missing}`)
  return runVitest(stages, [...new Set(chosen.flatMap((group) => guarded[group].tests))], {
    title: `what goes through the guarded files: ${chosen.join(', ')}`,
    groups: chosen,
  })
}

/** Kills the process that reads documents ten times at each of its stages. */
async function runCrashTest(stages, args) {
  return runVitest(stages, ['backend/test/ingestion-stages.test.ts', '--reporter=verbose', ...args], {
    title: 'ten kills at each stage of ingestion',
    env: { NITRO_CRASH_ROUNDS: '10' },
  })
}

/** Who gets where they do not belong, over every route: with thousands of generated requests instead of hundreds. */
async function runSecuritySuites(stages, args) {
  const suites = [
    'backend/test/security',
    'backend/test/credentials.test.ts',
    'backend/test/tenancy.test.ts',
    'backend/src/ports/outbound',
    'frontend/app/api/backend',
  ]
  return runVitest(stages, [...suites, ...args], {
    title: 'who gets where they do not belong',
    env: { NITRO_TEST_SECURITY: '1' },
  })
}

/** The journeys through a browser, against a production build. */
async function runPlaywright(stages, args) {
  const config = ['frontend/playwright.config.ts', 'frontend/e2e/playwright.config.ts'].find((path) =>
    existsSync(join(root, path)),
  )
  if (!config) throw new LaunchError('The configuration of the browser journeys is missing.')
  const browser = findBrowser()
  if (!browser) {
    stages.say('Journeys', 'skipped: no Chromium found. Install one, or name it with CHROMIUM_PATH.')
    return { passed: 0, failed: [], skipped: 1 }
  }
  await buildWebApp(stages, secretsAtBuild)
  return withReport(async (report) => {
    stages.say('Journeys', `in ${browser}`)
    const code = await runInForeground(
      process.execPath,
      [bin('@playwright/test/cli.js'), 'test', '-c', config, '--reporter=list,json', ...args],
      { env: { ...process.env, CHROMIUM_PATH: browser, PLAYWRIGHT_JSON_OUTPUT_NAME: report } },
    )
    return sum(code, readReport(report), ({ stats, errors, suites }) => ({
      passed: stats.expected + stats.flaky,
      failed: [...suites.flatMap(failedJourneys), ...errors.map(({ message }) => told('before any journey', message))],
      skipped: stats.skipped,
    }))
  })
}

/** Hosts build with the secrets of production around them. A journey looks for these in all that the build gives away. */
const secretsAtBuild = Object.fromEntries(
  [...readFileSync(join(root, '.env.example'), 'utf8').matchAll(/^#? ?(\w*(?:SECRET|KEY|TOKEN))=/gm)].map(
    ([, name]) => [name, `secret-at-build-${name}`],
  ),
)

const findBrowser = () =>
  [
    process.env.CHROMIUM_PATH,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ].find((path) => path && existsSync(path))

async function withReport(work) {
  const folder = mkdtempSync(join(tmpdir(), 'nitro-test-'))
  try {
    return await work(join(folder, 'report.json'), folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const readReport = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined)

/** Of vitest's report. A file that does not load has no tests, and fails as a whole. */
function failedInFile({ name, status, message, assertionResults }) {
  const file = relative(root, name)
  const failed = assertionResults
    .filter((test) => test.status === 'failed')
    .map((test) => told(`${file} > ${test.fullName}`, test.failureMessages[0]))
  return status === 'failed' && failed.length === 0 ? [told(file, message)] : failed
}

/** Of Playwright's report, whose suites are in each other. */
function failedJourneys({ specs = [], suites = [] }) {
  const failed = specs.filter(({ ok }) => !ok)
  const errorOf = ({ tests }) => tests.flatMap(({ results }) => results).find(({ error }) => error)?.error
  return [
    ...failed.map((spec) => told(`${spec.file}:${spec.line} > ${spec.title}`, errorOf(spec)?.message)),
    ...suites.flatMap(failedJourneys),
  ]
}

const told = (where, message = '') => `${where}\n    ${stripVTControlCharacters(message).trim().split('\n', 1)[0]}`

// A run that failed without a failed test (an error outside of any, a run that was killed) counts as one.
function sum(code, report, count) {
  const counted = report ? count(report) : { passed: 0, failed: [], skipped: 0 }
  return code !== 0 && counted.failed.length === 0 ? { ...counted, failed: ['outside of any test'] } : counted
}

// At the end, because a module's constants are there only after their line.
await launch(async () => {
  const stages = createStages()
  endWithSignals()
  await underPinnedNode(stages)
  const [only, ...args] = process.argv.slice(2)
  const chosen = only ? { [only]: suites[only] ?? longSuites[only] } : suites
  if (only && !chosen[only])
    throw new LaunchError(`There is no suite "${only}"; choose check, unit, e2e, crash, security or coverage.`, 2)
  await generateDatabaseClient(stages)

  const total = { passed: 0, failed: [], skipped: 0 }
  for (const run of Object.values(chosen)) {
    const { passed, failed, skipped = 0 } = await run(stages, only ? args : [])
    total.passed += passed
    total.failed.push(...failed)
    total.skipped += skipped
  }
  // Once more and last, because of thousands of lines only the end is seen.
  for (const failure of total.failed) console.log(`Failed: ${failure}`)
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
  console.log(`${total.passed} passed, ${total.failed.length} failed${skipped}`)
  return total.failed.length === 0 ? 0 : 1
})
