import { openDatabase } from './open-ports.ts'
import { readConfig } from './config.ts'
import { openDataDir } from './data-dir.ts'
import { createLog } from './log.ts'
import { migrate, migrationStatus } from './ports/database/migrations.ts'
import { createVectorIndexes } from './ports/database/search-indexes.ts'

/**
 * `migrate-main.ts status|migrate`: the database without a backend, for deployments and for `nitro db`. Prints the
 * status as JSON. Exits with 1 when something is wrong, with 75 when a running backend holds the embedded database.
 */
async function main(command: string | undefined): Promise<void> {
  const config = readConfig(process.env)
  const lock = config.embedded ? openDataDir(config.dataDir, config) : undefined
  const connection = await openDatabase(config.database, createLog({ level: config.logLevel }))
  try {
    if (command === 'migrate') {
      await migrate(connection)
      await createVectorIndexes(connection).tend()
    }
    const status = await migrationStatus(connection)
    process.stdout.write(`${JSON.stringify(status)}\n`)
    if (status.problems.length > 0) process.exitCode = 1
  } finally {
    await connection.close()
    lock?.close()
  }
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(error instanceof Error && 'exitCode' in error ? Number(error.exitCode) : 1)
})
