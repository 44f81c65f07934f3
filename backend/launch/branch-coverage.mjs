import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { guarded } from '../test/security/guarded-files.mjs'
import { root } from './launch.mjs'

const databases = ['TEST_DATABASE_URL', 'TEST_REDIS_URL']

/** What is not set, so that branches for a whole server cannot be taken; undefined when all is there. */
export function missingForCoverage() {
  const missing = databases.filter((name) => !process.env[name])
  return missing.length > 0 ? `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not set` : undefined
}

/** For vitest. Code that runs in processes which tests start is not seen: it is tried in the test's own process too. */
export const coverageArguments = (folder) => ['--coverage.enabled', `--coverage.reportsDirectory=${folder}`]

/** One line a group, and one a branch that no test takes. Gives how many those are, or undefined without a report. */
export function tellCoverage(stages, folder, groups = Object.keys(guarded)) {
  const report = join(folder, 'coverage-final.json')
  if (!existsSync(report)) {
    stages.say('Branches', 'not measured: the tests ended without a report of them')
    return undefined
  }
  const files = new Map(
    Object.values(JSON.parse(readFileSync(report, 'utf8'))).map((file) => [
      relative(root, file.path).replaceAll('\\', '/'),
      branchesOf(file),
    ]),
  )
  const untaken = []
  for (const group of groups) {
    const paths = guarded[group].files
    const branches = paths.flatMap((path) => files.get(path) ?? [])
    const missing = paths.flatMap((path) =>
      (files.get(path) ?? []).flatMap(({ count, line }) => (count === 0 ? `${path}:${line}` : [])),
    )
    const percent = Math.floor((1 - missing.length / branches.length) * 1000) / 10
    stages.say('Branches', `${group} ${percent} % of ${branches.length} branches`)
    untaken.push(...missing)
  }
  for (const place of untaken) console.log(`  no test takes a branch at ${place}`)
  return untaken.length
}

const branchesOf = ({ branchMap, b }) =>
  Object.entries(branchMap).flatMap(([id, { locations, loc, line }]) =>
    b[id].map((count, index) => ({ count, line: locations[index]?.start?.line ?? loc?.start?.line ?? line })),
  )
