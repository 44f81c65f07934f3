import { parseArgs } from 'node:util'
import { api } from './api.ts'
import { concurrentChats } from './concurrent-chats.ts'
import { dependencies } from './dependencies.ts'
import { firstToken } from './first-token.ts'
import { ingestion } from './ingestion.ts'
import { memory } from './memory.ts'
import { neighbourFaults } from './neighbours.ts'
import { orchestration } from './orchestration.ts'
import { asText, verdict, write } from './report.ts'
import type { Bench, Figure, Row } from './row.ts'
import { rowLevelSecurity } from './row-level-security.ts'
import { search100k, search5k } from './search.ts'
import { start } from './start.ts'
import { cleanUp } from './surroundings.ts'
import { upload } from './upload.ts'

const rows: readonly Row[] = [
  start,
  memory,
  dependencies,
  firstToken,
  orchestration,
  neighbourFaults,
  concurrentChats,
  upload,
  ingestion,
  search5k,
  search100k,
  rowLevelSecurity,
  api,
]

const usage = `Usage: npm run bench -- [row …] [options]

Rows: ${rows.map(({ name, isSlow }) => (isSlow ? `${name} (slow)` : name)).join(', ')}; all but the slow ones when none is named.

  --slow           the slow ones too
  --quick          few samples: shows that it works, not what it measures
  --write          puts what was measured into docs/benchmarks.md
  --profile DIR    lets the backend leave CPU profiles there, which makes it slower

With TEST_DATABASE_URL, what is meant for Postgres is measured there, in databases of its own.`

async function main(): Promise<number> {
  const given = read()
  if (given.help) return print(usage, 0)
  const unknown = given.names.filter((name) => !rows.some((row) => row.name === name))
  if (unknown.length > 0) return print(`There is no row ${unknown.join(', ')}.\n\n${usage}`, 2)
  if (process.platform !== 'linux') return print('The bench reads its figures from /proc, so it needs Linux.', 1)
  const bench: Bench = {
    isQuick: given.quick,
    postgres: process.env['TEST_DATABASE_URL'],
    profileDir: given.profile,
    say: (text) => process.stderr.write(`  … ${text}\n`),
  }
  const chosen = rows.filter(({ name, isSlow }) =>
    given.names.length > 0 ? given.names.includes(name) : given.slow || !isSlow,
  )
  const verdicts: string[] = []
  let broken = 0
  for (const row of chosen) {
    process.stderr.write(`${row.title}\n`)
    try {
      const figures: Figure[] = await row.run(bench)
      console.log(asText(row, figures))
      if (given.write) write(row, figures)
      verdicts.push(...figures.map(verdict))
    } catch (error) {
      // The other rows are worth having all the same.
      console.error(`\n${row.title} broke off:`, error)
      broken++
    }
  }
  const count = (word: string) => verdicts.filter((given) => given === word).length
  console.log(
    `\n${count('pass')} pass, ${count('miss')} miss, ${count('not measured')} not measured, ${broken} rows broke off`,
  )
  return broken > 0 ? 1 : 0
}

function read() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      slow: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  return { ...values, names: positionals }
}

function print(text: string, code: number): number {
  console.log(text)
  return code
}

const code = await main()
await cleanUp()
// Kept connections would hold the process open.
process.exit(code)
