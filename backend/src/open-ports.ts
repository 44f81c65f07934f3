import { type Config, ConfigError } from './config.ts'
import type { Log } from './log.ts'
import type { Connection } from './ports/database/connection.ts'
import { createEmbedders } from './ports/embedder/embedders.ts'
import type { Embedder, Embedders } from './ports/embedder/port.ts'
import { createProviderEmbedder } from './ports/embedder/provider.ts'
import { createUseLiteEmbedder } from './ports/embedder/use-lite.ts'
import { createPgBossJobQueue } from './ports/job-queue/pg-boss.ts'
import type { JobQueue } from './ports/job-queue/port.ts'
import { createLanguageModels } from './ports/language-model/language-models.ts'
import type { LanguageModels } from './ports/language-model/port.ts'
import type { SpeechModels } from './ports/language-model/speech-port.ts'
import { createSpeechModels } from './ports/language-model/speech.ts'
import { createFilesystemObjectStore } from './ports/object-store/filesystem.ts'
import type { ObjectStore } from './ports/object-store/port.ts'
import { createNoMail } from './ports/mail/none.ts'
import type { Mail } from './ports/mail/port.ts'
import { createSmtpMail } from './ports/mail/smtp.ts'
import type { Ocr } from './ports/ocr/port.ts'
import { createTesseractOcr, missingLanguages } from './ports/ocr/tesseract.ts'
import type { OutboundClient } from './ports/outbound/port.ts'
import { openOutboundClient } from './ports/outbound/open.ts'
import { guardWorkingMemory, timeoutMs } from './ports/working-memory/guarded.ts'
import { createInProcessWorkingMemory } from './ports/working-memory/in-process.ts'
import type { WorkingMemory } from './ports/working-memory/port.ts'

/** What the backend stands on; tests bring their own. */
export interface Ports {
  connection: Connection
  objectStore: ObjectStore
  embedders: Embedders
  ocr: Ocr
  outbound: OutboundClient
  models: LanguageModels
  speech: SpeechModels
  jobs: JobQueue
  workingMemory: WorkingMemory
  mail: Mail
}

/** Which adapter each port has is decided here, from the settings. */
export async function openPorts(config: Config, connection: Connection, log: Log): Promise<Ports> {
  return {
    connection,
    objectStore: await openObjectStore(config.objectStore),
    embedders: await openEmbedders(config.embedder),
    ocr: openOcr(config.ocrLanguages),
    outbound: openOutboundClient(config.outbound),
    models: createLanguageModels(config.languageModel, { log }),
    speech: createSpeechModels(config.speech, config.languageModel),
    jobs: createPgBossJobQueue({ connection, log }),
    workingMemory: await openWorkingMemory(config.workingMemory, log),
    mail: config.mail ? createSmtpMail(config.mail) : createNoMail(),
  }
}

async function openObjectStore(setting: Config['objectStore']): Promise<ObjectStore> {
  if (setting.adapter === 'filesystem') return createFilesystemObjectStore({ dir: setting.dataDir })
  // Imported when picked: it brings a large SDK with it.
  const { createS3ObjectStore } = await import('./ports/object-store/s3.ts')
  return createS3ObjectStore(setting)
}

async function openEmbedders({ workers, models }: Config['embedder']): Promise<Embedders> {
  const open = async (model: (typeof models)[number]): Promise<Embedder> => {
    switch (model.kind) {
      case 'use-lite':
        return createUseLiteEmbedder({ workers })
      case 'provider':
        return createProviderEmbedder(model)
      // Imported when picked, because it looks for packages that are mostly not installed.
      case 'local':
        return (await import('./ports/embedder/local-model.ts')).openLocalEmbedder({ ...model, workers })
    }
  }
  const [first, ...others] = await Promise.all(models.map(open))
  return createEmbedders([first ?? createUseLiteEmbedder({ workers }), ...others])
}

function openOcr(languages: readonly string[]): Ocr {
  const missing = missingLanguages(languages)
  if (missing.length > 0) {
    const packages = missing.map((language) => `@tesseract.js-data/${language}`).join(' ')
    throw new ConfigError(`NITRO_OCR_LANGUAGES needs packages that are not installed. Install them: ${packages}`)
  }
  return createTesseractOcr({ languages })
}

async function openWorkingMemory(setting: Config['workingMemory'], log: Log): Promise<WorkingMemory> {
  switch (setting.adapter) {
    case 'in-process':
      return createInProcessWorkingMemory()
    // Imported when picked: a client of hundreds of commands is not read for nothing.
    case 'redis': {
      const { createRedisWorkingMemory } = await import('./ports/working-memory/redis.ts')
      const onTrouble = (error: Error) => log.warn('redis-connection-lost', { error })
      return guardWorkingMemory(createRedisWorkingMemory({ url: setting.url, onTrouble }))
    }
    case 'upstash': {
      const { createUpstashWorkingMemory } = await import('./ports/working-memory/upstash.ts')
      return guardWorkingMemory(createUpstashWorkingMemory({ ...setting, timeoutMs }))
    }
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
