import type { SystemInfo } from '@nitroagi/shared/modules'
import { createApp, type Backend } from './app.ts'
import type { Config } from './config.ts'
import type { DataDir } from './data-dir.ts'
import { conversationRoutes } from './http/conversations.ts'
import { openaiFailureBody } from './http/openai/errors.ts'
import { openaiRoutes } from './http/openai/routes.ts'
import { runRoutes } from './http/runs.ts'
import { createIdentity } from './identity/identity.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics.ts'
import { createKnowledgeModule } from './modules/knowledge/knowledge.ts'
import { createLanguageModule } from './modules/language/language.ts'
import { createReasoningModule } from './modules/reasoning/reasoning.ts'
import { recognise } from './modules/reasoning/recognise.ts'
import { createOrchestrator } from './orchestrator/orchestrator.ts'
import { createModuleRegistry } from './orchestrator/registry.ts'
import { createAccountsRepository } from './ports/database/accounts.ts'
import { createApiKeysRepository } from './ports/database/api-keys.ts'
import type { Connection } from './ports/database/connection.ts'
import { createConversationsRepository } from './ports/database/conversations.ts'
import { migrate, migrationStatus } from './ports/database/migrations.ts'
import { createRunsRepository } from './ports/database/runs.ts'
import { createSignInAttemptsRepository } from './ports/database/sign-in-attempts.ts'
import { createTicketsRepository } from './ports/database/tickets.ts'
import type { Embedder } from './ports/embedder/port.ts'
import { createUseLiteEmbedder } from './ports/embedder/use-lite.ts'
import { createLanguageModels } from './ports/language-model/language-models.ts'
import type { LanguageModels } from './ports/language-model/port.ts'
import { createFilesystemObjectStore } from './ports/object-store/filesystem.ts'
import type { ObjectStore } from './ports/object-store/port.ts'
import { createEventReader } from './runs/event-reader.ts'
import { createEventWriter } from './runs/event-writer.ts'
import { createLeaseKeeper } from './runs/leases.ts'
import { createLiveRuns } from './runs/live-runs.ts'
import { createConversations } from './services/conversations.ts'
import { createRuns } from './services/runs.ts'

/** What the backend stands on; tests bring their own. */
export interface Ports {
  connection: Connection
  objectStore: ObjectStore
  embedder: Embedder
  models: LanguageModels
}

/** The one place that names adapters. */
export function openPorts(config: Config, connection: Connection): Ports {
  return {
    connection,
    objectStore: createFilesystemObjectStore({ dir: config.objectStore.dataDir }),
    embedder: createUseLiteEmbedder({ workers: config.embedder.workers }),
    models: createLanguageModels(config.languageModel),
  }
}

export async function openDatabase(database: Config['database'], log: Log): Promise<Connection> {
  const onIdleError = (error: Error) => log.warn('database-connection-lost', { error })
  switch (database.adapter) {
    // Imported when picked: each brings a database or a driver with it.
    case 'pglite':
      return (await import('./ports/database/pglite.ts')).openPglite({ dataDir: database.dataDir })
    case 'postgres':
      return (await import('./ports/database/postgres.ts')).openPostgres({ url: database.url, onIdleError })
    case 'neon':
      return (await import('./ports/database/neon.ts')).openNeon({ url: database.url, onIdleError })
  }
}

interface Surroundings {
  config: Config
  ports: Ports
  log: Log
  version: string
  dataDir: Pick<DataDir, 'operatorKey'>
}

/** Puts the product together over its ports. `start` begins the work in the background, `stop` ends it in order. */
export function compose({ config, ports, log, version, dataDir }: Surroundings) {
  const { connection, embedder, models, objectStore } = ports
  const metrics = createMetrics()
  const address = config.host.includes(':') ? `[${config.host}]` : config.host
  const publicUrl = config.publicUrl ?? `http://${address}:${config.port}`
  const corsOrigins = config.corsOrigins ?? ['http://127.0.0.1:3000', 'http://localhost:3000']

  const identity = createIdentity({
    log,
    repositories: {
      accounts: createAccountsRepository(connection),
      signInAttempts: createSignInAttemptsRepository(connection),
      apiKeys: createApiKeysRepository(connection),
      tickets: createTicketsRepository(connection),
    },
    operatorKey: dataDir.operatorKey,
    webPublicKeys: config.webPublicKeys,
    publicUrl,
    corsOrigins,
    isFirstOwnerOpen: config.embedded && config.loopback,
    ownerEmail: config.ownerEmail,
  })

  const registry = createModuleRegistry([
    createKnowledgeModule({ search: async () => [] }),
    createReasoningModule(),
    createLanguageModule({ models }),
  ])
  const orchestrator = createOrchestrator({ registry, canCompute: (question) => recognise(question) !== undefined })

  const runsRepository = createRunsRepository(connection)
  const conversationsRepository = createConversationsRepository(connection)
  const writer = createEventWriter({ append: runsRepository.append, log })
  const liveRuns = createLiveRuns({
    orchestrator,
    writer,
    repository: runsRepository,
    onEnd: metrics.runEnded,
  })
  const reader = createEventReader({ liveRuns, repository: runsRepository, log })
  const leases = createLeaseKeeper({ liveRuns, repository: runsRepository, log, soleProcess: config.embedded })
  const runs = createRuns({ repository: runsRepository, conversations: conversationsRepository, liveRuns, reader })
  const conversations = createConversations({ repository: conversationsRepository, liveRuns })

  let isReady = false
  const backend: Backend = {
    log,
    metrics,
    version,
    corsOrigins,
    identity,
    health: {
      isReady: async () => isReady && (await connection.query('SELECT 1')).length === 1,
      checks: {
        database: { critical: true, check: async () => void (await connection.query('SELECT 1')) },
        objects: { critical: false, check: () => objectStore.check() },
        embedder: { critical: false, check: () => embedder.check() },
      },
    },
    database: {
      status: () => migrationStatus(connection),
      async migrate() {
        await migrate(connection)
        return migrationStatus(connection)
      },
    },
    system: async (): Promise<SystemInfo> => ({
      version,
      models: models.list(),
      defaultModel: models.defaultModel,
      modules: await registry.list(),
    }),
    routes: [
      { path: '/api/v1/conversations', app: conversationRoutes({ conversations, runs }) },
      { path: '/api/v1/runs', app: runRoutes(runs) },
      { path: '/v1', app: openaiRoutes({ orchestrator, models, embedder }), failureBody: openaiFailureBody },
    ],
  }

  return {
    app: createApp(backend),
    live: { runs, tickets: identity.tickets, accounts: identity.accounts, allowedOrigins: corsOrigins, log, version },
    async start() {
      await leases.start()
      isReady = true
    },
    /** Takes nothing new, gives what runs `drainMs` to end, and leaves nothing half-done behind. */
    async stop(drainMs: number) {
      isReady = false
      runs.refuseNew()
      await liveRuns.drain(drainMs)
      leases.stop()
      reader.close()
      await embedder.close()
    },
  }
}
