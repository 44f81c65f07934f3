import type { SystemInfo } from '@nitroagi/shared/modules'
import { createApp, type Backend } from './app.ts'
import type { Actor } from './call.ts'
import { installModules, recognisers } from './compose-modules.ts'
import { meterPorts } from './compose-spending.ts'
import { composePeople } from './compose-people.ts'
import type { Config } from './config.ts'
import type { DataDir } from './data-dir.ts'
import { attachmentRoutes } from './http/attachments.ts'
import { auditRoutes } from './http/audit.ts'
import { audioRoutes } from './http/audio.ts'
import { conversationRoutes } from './http/conversations.ts'
import { collectionRoutes } from './http/collections.ts'
import { documentLinkRoutes } from './http/document-links.ts'
import { documentPictureRoutes } from './http/document-pictures.ts'
import { documentRoutes } from './http/documents.ts'
import { evaluationRoutes, gapRoutes } from './http/evaluation.ts'
import { feedbackRoutes } from './http/feedback.ts'
import { learningRoutes } from './http/learning.ts'
import { memberRoutes } from './http/members.ts'
import { moduleMetricsRoutes } from './http/module-metrics.ts'
import { moduleRoutes } from './http/modules.ts'
import { openaiFailureBody } from './http/openai/errors.ts'
import { openaiRoutes } from './http/openai/routes.ts'
import { reliabilityRoutes } from './http/reliability.ts'
import { runRoutes } from './http/runs.ts'
import { sourceRoutes } from './http/sources.ts'
import { storedSecretRoutes } from './http/stored-secrets.ts'
import { searchRoutes } from './http/search.ts'
import { spendingRoutes } from './http/spending.ts'
import { createEncryption } from './identity/encryption.ts'
import { createIdentity } from './identity/identity.ts'
import { registerAttachmentCleaning } from './jobs/attachments.ts'
import { registerEvaluation } from './jobs/evaluation.ts'
import { createIngestion } from './jobs/ingestion.ts'
import { registerVectorIndexes } from './jobs/vector-indexes.ts'
import { registerMetricRollups } from './jobs/metric-rollups.ts'
import { queueLetters } from './jobs/letters.ts'
import { registerLearning } from './jobs/learning.ts'
import { registerSources } from './jobs/sources.ts'
import { registerSpendingSweep } from './jobs/spending.ts'
import { registerReencryption } from './jobs/reencryption.ts'
import { registerReindexing } from './jobs/reindex.ts'
import { registerCollectionRemoval } from './jobs/remove-collections.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics.ts'
import { createTurnMemory } from './modules/memory/turn-memory.ts'
import type { Ports } from './open-ports.ts'
import { createOrchestrator } from './orchestrator/orchestrator.ts'
import { createModuleRegistry } from './orchestrator/registry.ts'
import { createSelectionMeasures } from './orchestrator/selection-measures.ts'
import { createAccountCareRepository } from './ports/database/account-care.ts'
import { createAccountsRepository } from './ports/database/accounts.ts'
import { createApiKeysRepository } from './ports/database/api-keys.ts'
import { createAttachmentsRepository } from './ports/database/attachments.ts'
import { createAuditRepository } from './ports/database/audit.ts'
import { createCollectionMembersRepository } from './ports/database/collection-members.ts'
import { createCollectionsRepository } from './ports/database/collections.ts'
import { createConfidenceRepository } from './ports/database/confidence.ts'
import { createConversationsRepository } from './ports/database/conversations.ts'
import { createDocumentsRepository } from './ports/database/documents.ts'
import { createEvaluationRepository } from './ports/database/evaluation.ts'
import { createFeedbackRepository } from './ports/database/feedback.ts'
import { createIdentitiesRepository } from './ports/database/identities.ts'
import { createInstallationRepository } from './ports/database/installation.ts'
import { createInvitationsRepository } from './ports/database/invitations.ts'
import { createKnowledgeRepository } from './ports/database/knowledge.ts'
import { createMetricRollups } from './ports/database/metric-rollups.ts'
import { createMetricsRepository } from './ports/database/metrics.ts'
import { createLearningRepository } from './ports/database/learning.ts'
import { createMessagesRepository } from './ports/database/messages.ts'
import { migrate, migrationStatus } from './ports/database/migrations.ts'
import { createModuleSettingsRepository } from './ports/database/module-settings.ts'
import { createReindexingRepository } from './ports/database/reindexing.ts'
import { createRunsRepository } from './ports/database/runs.ts'
import { createVectorIndexes } from './ports/database/search-indexes.ts'
import { createSecondFactorsRepository } from './ports/database/second-factors.ts'
import { createSealedSecretsRepository } from './ports/database/sealed-secrets.ts'
import { createSessionsRepository } from './ports/database/sessions.ts'
import { createSignInAttemptsRepository } from './ports/database/sign-in-attempts.ts'
import { createSourcesRepository } from './ports/database/sources.ts'
import { createTablesRepository } from './ports/database/tables.ts'
import { createTicketsRepository } from './ports/database/tickets.ts'
import { createWorkspacesRepository } from './ports/database/workspaces.ts'
import type { Embedders } from './ports/embedder/port.ts'
import type { LanguageModels } from './ports/language-model/port.ts'
import { createHttpReranker } from './ports/reranker/http.ts'
import { createInProcessWorkingMemory } from './ports/working-memory/in-process.ts'
import { createEventReader } from './runs/event-reader.ts'
import { createEventWriter } from './runs/event-writer.ts'
import { createLeaseKeeper } from './runs/leases.ts'
import { createLiveRuns } from './runs/live-runs.ts'
import { createAttachments } from './services/attachments.ts'
import { createAudio } from './services/audio.ts'
import { createAudit } from './services/audit.ts'
import { createConversations } from './services/conversations.ts'
import { createChunkPreview } from './services/chunk-preview.ts'
import { createCollectionMembers } from './services/collection-members.ts'
import { createCollections } from './services/collections.ts'
import { createDocumentFeed } from './services/document-feed.ts'
import { createDocumentIntake } from './services/document-intake.ts'
import { createDocumentLinks } from './services/document-links.ts'
import { createDocumentPictures } from './services/document-pictures.ts'
import { createDocuments } from './services/documents.ts'
import { createEvaluation } from './services/evaluation.ts'
import { createFeedback } from './services/feedback.ts'
import { createGaps } from './services/gaps.ts'
import { createLearning } from './services/learning.ts'
import { createModuleMetrics } from './services/module-metrics.ts'
import { createModuleSettings } from './services/module-settings.ts'
import { createMetering } from './services/metering.ts'
import { createModules } from './services/modules.ts'
import { createRateLimits } from './services/rate-limits.ts'
import { createRefusedCredentials } from './services/refused-credentials.ts'
import { createReliability } from './services/reliability.ts'
import { createSearch } from './services/search.ts'
import { createSources } from './services/sources.ts'
import { createSpending } from './services/spending.ts'
import { createStoredSecrets } from './services/stored-secrets.ts'
import { createRuns } from './services/runs.ts'
import { createTables, withTables } from './services/tables.ts'
import { createWorkspaceRemoval } from './services/workspace-removal.ts'

/** From what calls have shown; asking a provider would cost money. */
function checkProviders(models: LanguageModels): string {
  const failing = models.providers().filter(({ status }) => status !== 'ok')
  if (failing.length === 0) return `answers with ${models.defaultModel}`
  throw new Error(failing.map(({ provider, detail }) => `${provider}: ${detail}`).join(' '))
}

/** Says which one fails. */
async function checkEmbedders(embedders: Embedders): Promise<string> {
  const names = embedders.list().map(({ id }) => id)
  const checks = await Promise.allSettled(embedders.list().map((embedder) => embedder.check()))
  const failing = checks.flatMap((check, index) =>
    check.status === 'rejected' ? `${names[index]}: ${(check.reason as Error).message}` : [],
  )
  if (failing.length === 0) return names.join(', ')
  throw new Error(failing.join(' '))
}

interface Surroundings {
  config: Config
  ports: Ports
  log: Log
  version: string
  dataDir: Pick<DataDir, 'operatorKey' | 'secretKeys'>
}

/** Puts the product together over its ports. `start` begins the work in the background, `stop` ends it in order. */
export function compose({ config, ports: given, log, version, dataDir }: Surroundings) {
  const spent = meterPorts(config, given, log)
  const encryption = createEncryption(dataDir.secretKeys)
  const mail = queueLetters({ mail: given.mail, jobs: given.jobs, encryption, log })
  const ports = { ...given, ...spent.ports, mail }
  const { connection, embedders, ocr, models, objectStore, jobs, workingMemory } = ports
  const metrics = createMetrics({ modelProviders: () => models.providers() })
  const address = config.host.includes(':') ? `[${config.host}]` : config.host
  const publicUrl = config.publicUrl ?? `http://${address}:${config.port}`
  const corsOrigins = config.corsOrigins ?? ['http://127.0.0.1:3000', 'http://localhost:3000']

  const audit = createAudit({ repository: createAuditRepository(connection), log })
  const accounts = createAccountsRepository(connection)
  const invitations = createInvitationsRepository(connection)
  const installation = createInstallationRepository(connection)
  const identity = createIdentity({
    log,
    audit,
    repositories: {
      accounts,
      sessions: createSessionsRepository(connection),
      signInAttempts: createSignInAttemptsRepository(connection),
      accountCare: createAccountCareRepository(connection),
      apiKeys: createApiKeysRepository(connection),
      tickets: createTicketsRepository(connection),
      collections: createCollectionsRepository(connection),
      invitations,
      installation,
      secondFactors: createSecondFactorsRepository(connection),
      identities: createIdentitiesRepository(connection),
    },
    encryption,
    operatorKey: dataDir.operatorKey,
    webPublicKeys: config.webPublicKeys,
    webPublicKeyFile: config.webPublicKeyFile,
    workingMemory,
    publicUrl,
    webUrl: config.webUrl,
    mail,
    corsOrigins,
    isFirstOwnerOpen: config.embedded && config.loopback,
    ownerEmail: config.ownerEmail,
    sessionDays: config.sessionDays,
    apiKeyTier: config.apiKeyTier,
  })

  const take = createMetering({ shared: workingMemory, local: createInProcessWorkingMemory(), log })
  const rateLimits = createRateLimits({ take, limits: config.rateLimits.requests })
  const refusedCredentials = createRefusedCredentials({ take, perMinute: config.rateLimits.refusals })

  const indexes = createVectorIndexes(connection)
  const knowledge = {
    collections: createCollectionsRepository(connection),
    documents: createDocumentsRepository(connection),
    knowledge: createKnowledgeRepository(connection, indexes),
    tables: createTablesRepository(connection),
    feed: createDocumentFeed(),
    objectStore,
    embedders,
    ocr,
    jobs,
    audit,
    log,
  }
  const collections = createCollections(knowledge)
  const members = createCollectionMembers({
    members: createCollectionMembersRepository(connection),
    collections,
    audit,
  })
  const preview = createChunkPreview({ ...knowledge, collections })
  registerCollectionRemoval(knowledge)
  registerReindexing({ ...knowledge, reindexing: createReindexingRepository(connection) })
  const reranker = config.reranker && spent.reranker(createHttpReranker(config.reranker))
  const search = createSearch({ ...knowledge, reranker, models })
  const tables = createTables(knowledge)
  const ingestion = createIngestion(knowledge)
  ingestion.register()
  const sources = {
    sources: createSourcesRepository(connection),
    collections: knowledge.collections,
    outbound: ports.outbound,
    intake: createDocumentIntake(knowledge),
    jobs,
    log,
  }
  registerSources(sources)
  const evaluation = createEvaluationRepository(connection)
  const evaluations = createEvaluation({ ...knowledge, evaluation, search, version })
  registerEvaluation({ evaluation, service: evaluations, version, jobs, log })
  registerVectorIndexes({ indexes, jobs, log })
  const secrets = createStoredSecrets({ repository: createSealedSecretsRepository(connection), encryption, jobs })
  registerReencryption({ secrets, jobs, log })
  registerMetricRollups({ rollups: createMetricRollups(connection), jobs, log })

  const turns = createTurnMemory({ workingMemory })
  const moduleSettings = createModuleSettings({ repository: createModuleSettingsRepository(connection), audit })
  const learning = createLearning({ repository: createLearningRepository(connection), audit })
  registerLearning({ learning, jobs, log })
  const installed = installModules({ config, ports, turns, tables, search, moduleSettings })
  const registry = createModuleRegistry(installed, moduleSettings, {
    measures: createSelectionMeasures({ endedSteps: learning.endedSteps }),
    policy: learning.policy,
  })
  const modules = createModules({ registry, settings: moduleSettings })
  const reliability = createReliability({ repository: createConfidenceRepository(connection) })
  const orchestrator = createOrchestrator({
    calibrate: reliability.calibrate,
    registry,
    models,
    embedder: embedders.default,
    limits: { budget: config.answerBudget },
    ...recognisers,
  })

  const runsRepository = createRunsRepository(connection)
  const conversationsRepository = createConversationsRepository(connection)
  const writer = createEventWriter({ append: runsRepository.append, log })
  const liveRuns = createLiveRuns({
    orchestrator,
    writer,
    repository: runsRepository,
    onEnd: metrics.runEnded,
    onTurn: turns.ended,
  })
  const reader = createEventReader({ liveRuns, repository: runsRepository, log })
  const leases = createLeaseKeeper({ liveRuns, repository: runsRepository, log, soleProcess: config.embedded })
  const attachments = createAttachments({ repository: createAttachmentsRepository(connection), objectStore })
  registerAttachmentCleaning({ attachments, jobs, log })
  registerSpendingSweep({ repository: spent.repository, jobs, log })
  const runs = createRuns({
    repository: runsRepository,
    conversations: conversationsRepository,
    liveRuns,
    reader,
    attachments,
  })
  const conversations = createConversations({
    repository: conversationsRepository,
    liveRuns,
    onDelete: async (call, id) => void (await Promise.all([turns.forget(call, id), attachments.clear(call)])),
  })

  const workspaces = createWorkspacesRepository(connection)
  const removal = createWorkspaceRemoval({ workspaces, liveRuns, workingMemory, jobs, log })
  const people = composePeople({
    ...{ ports, log, identity, audit, accounts, workspaces, invitations, installation, attachments, removal },
    collections: knowledge.collections,
    documents: knowledge.documents,
    webUrl: config.webUrl,
  })

  const feedback = createFeedback({ repository: createFeedbackRepository(connection) })
  const moduleMetrics = createModuleMetrics({ repository: createMetricsRepository(connection) })

  const messages = createMessagesRepository(connection)
  const audio = createAudio({ models: ports.speech, messages, settings: moduleSettings })

  let isReady = false
  const backend: Backend = {
    log,
    metrics,
    version,
    corsOrigins,
    hosts: [new URL(publicUrl).host, ...config.allowedHosts],
    identity,
    rateLimits,
    refusedCredentials,
    trustedProxies: config.trustedProxies,
    health: {
      isReady: async () => isReady && (await connection.query('SELECT 1')).length === 1,
      checks: {
        database: { critical: true, check: async () => void (await connection.query('SELECT 1')) },
        objects: { critical: false, check: () => objectStore.check() },
        embedder: { critical: false, check: () => checkEmbedders(embedders) },
        jobs: { critical: false, check: () => jobs.check() },
        workingMemory: { critical: false, check: () => workingMemory.check() },
        models: { critical: false, check: async () => checkProviders(models) },
      },
    },
    database: {
      status: () => migrationStatus(connection),
      async migrate() {
        await migrate(connection)
        return migrationStatus(connection)
      },
    },
    system: async (call): Promise<SystemInfo> => ({
      version,
      models: models.list(),
      defaultModel: models.defaultModel,
      modules: await modules.overview(call),
      providers: models.providers(),
    }),
    routes: [
      { path: '/api/v1/conversations', app: conversationRoutes({ conversations, runs, metrics }) },
      { path: '/api/v1/attachments', app: attachmentRoutes(attachments) },
      { path: '/api/v1/audio', app: audioRoutes(audio) },
      { path: '/api/v1/audit', app: auditRoutes(audit) },
      { path: '/api/v1/operator/secrets', app: storedSecretRoutes(secrets) },
      { path: '/api/v1/runs', app: runRoutes({ runs, metrics }) },
      { path: '/api/v1/messages', app: feedbackRoutes(feedback) },
      { path: '/api/v1/modules', app: moduleMetricsRoutes(moduleMetrics) },
      { path: '/api/v1/modules', app: reliabilityRoutes(reliability) },
      { path: '/api/v1/modules', app: moduleRoutes(modules) },
      { path: '/api/v1/learning', app: learningRoutes(learning) },
      { path: '/api/v1/collections', app: collectionRoutes({ collections, members, preview }) },
      { path: '/api/v1/members', app: memberRoutes(members) },
      ...people,
      { path: '/api/v1', app: documentRoutes(createDocuments(knowledge)) },
      { path: '/api/v1', app: documentLinkRoutes(createDocumentLinks(knowledge)) },
      { path: '/api/v1', app: documentPictureRoutes(createDocumentPictures(knowledge)) },
      { path: '/api/v1', app: sourceRoutes(createSources(sources)) },
      { path: '/api/v1/collections', app: evaluationRoutes(evaluations) },
      { path: '/api/v1/gaps', app: gapRoutes(createGaps({ evaluation })) },
      { path: '/api/v1/search', app: searchRoutes(search) },
      { path: '/api/v1', app: spendingRoutes(createSpending({ ...spent, audit })) },
      {
        path: '/v1',
        app: openaiRoutes({ orchestrator: withTables(orchestrator, tables), models, embedder: embedders.default }),
        failureBody: openaiFailureBody,
      },
    ],
  }

  return {
    app: createApp(backend),
    live: {
      runs,
      tickets: identity.tickets,
      accounts: {
        current: (actor: Actor) => (actor.keyId ? identity.apiKeys.current(actor) : identity.accounts.current(actor)),
      },
      rateLimits,
      refusedCredentials,
      trustedProxies: config.trustedProxies,
      allowedOrigins: corsOrigins,
      log,
      metrics,
      version,
    },
    async start() {
      await leases.start()
      await jobs.start()
      await ingestion.start()
      isReady = true
    },
    /** Takes nothing new, gives what runs `drainMs` to end, and leaves nothing half-done behind. */
    async stop(drainMs: number) {
      isReady = false
      runs.refuseNew()
      ingestion.stop()
      await Promise.all([liveRuns.drain(drainMs), jobs.stop(drainMs)])
      leases.stop()
      reader.close()
      await spent.meter.settled()
      tables.close()
      models.close()
      await ocr.close()
      await embedders.close()
      rateLimits.close()
      await workingMemory.close()
      objectStore.close?.()
    },
  }
}
