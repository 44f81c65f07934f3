import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { NitroError } from '@nitroagi/shared/errors'
import { serverOptions } from './app.ts'
import { compose } from './compose.ts'
import { ConfigError, readConfig } from './config.ts'
import { DataDirError, openDataDir } from './data-dir.ts'
import { requireSecrets } from './identity/required-secrets.ts'
import { attachLive } from './live/attach.ts'
import { createLog } from './log.ts'
import { openDatabase, openPorts } from './open-ports.ts'
import { migrate } from './ports/database/migrations.ts'

/** All of it has to fit into the ten seconds that whoever stops us waits; what is cut after that resumes. */
const drainMs = 4_000
const patienceMs = 9_000

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

async function main(): Promise<void> {
  const config = readConfig(process.env)
  requireSecrets(config)
  const log = createLog({ level: config.logLevel })
  const dataDir = openDataDir(config.dataDir, config)
  const connection = await openDatabase(config.database, log)
  const applied = await migrate(connection)
  if (applied.length > 0) log.info('migrated', { applied })
  const ports = await openPorts(config, connection, log)
  const backend = compose({ config, ports, log, version, dataDir })

  const server = createServer(serverOptions, getRequestListener(backend.app.fetch, { overrideGlobalObjects: false }))
  const live = attachLive(server, backend.live)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.port, config.host, resolve)
  })
  await backend.start()
  log.info('ready', { host: config.host, port: config.port, database: connection.adapter, version })

  let isStopping = false
  const stop = async (signal: string) => {
    if (isStopping) return
    isStopping = true
    log.info('stopping', { signal })
    setTimeout(() => process.exit(1), patienceMs).unref()
    server.close()
    await Promise.all([backend.stop(drainMs), live.close()])
    // Readers have had their last event; what is still open now is idle.
    server.closeIdleConnections()
    await Promise.race([new Promise((resolve) => server.once('close', resolve)), sleep(500)])
    server.closeAllConnections()
    await connection.close()
    dataDir.close()
    log.info('stopped')
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
}

/** What the person at the terminal can mend is one sentence; anything else is ours, and comes with its stack. */
main().catch((error: unknown) => {
  // An adapter that cannot be opened says in a NitroError which setting to correct.
  const isTheirs = [ConfigError, DataDirError, NitroError].some((kind) => error instanceof kind) || isListenError(error)
  process.stderr.write(
    `${isTheirs ? sentence(error as Error) : error instanceof Error ? error.stack : String(error)}\n`,
  )
  process.exit(error instanceof DataDirError ? error.exitCode : 1)
})

const isListenError = (error: unknown): error is NodeJS.ErrnoException & { port: number } =>
  error instanceof Error && 'syscall' in error && error.syscall === 'listen'

const sentence = (error: Error) =>
  isListenError(error) && error.code === 'EADDRINUSE'
    ? `Port ${error.port} is in use by another program. Stop it, or set BACKEND_PORT.`
    : error.message
