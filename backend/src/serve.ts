import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { serverOptions } from './app.ts'
import { compose } from './compose.ts'
import type { Config } from './config.ts'
import { openDataDir } from './data-dir.ts'
import { attachLive } from './live/attach.ts'
import { createLog } from './log.ts'
import { openDatabase, openPorts } from './open-ports.ts'
import { migrate } from './ports/database/migrations.ts'

/** All of it has to fit into the ten seconds that whoever stops us waits; what is cut after that resumes. */
const drainMs = 4_000
const patienceMs = 9_000

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** Opens all there is, listens, and drains when it is told to stop. */
export async function serve(config: Config): Promise<void> {
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
