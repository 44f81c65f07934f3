import { randomUUID } from 'node:crypto'
import { isErrorCode, NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import type { Log } from '../log.ts'
import type { DocumentsRepository, DocumentWork } from '../ports/database/documents-port.ts'
import type { KnowledgeRepository } from '../ports/database/knowledge-port.ts'
import type { TablesRepository } from '../ports/database/tables-port.ts'
import type { Embedder, Embedders } from '../ports/embedder/port.ts'
import type { Job, JobQueue } from '../ports/job-queue/port.ts'
import type { ObjectStore } from '../ports/object-store/port.ts'
import type { Ocr } from '../ports/ocr/port.ts'
import type { DocumentFeed } from '../services/document-feed.ts'
import { ingestDocumentKind, payloadOf } from '../services/document-intake.ts'
import { importArchive } from './import-archive.ts'
import { importLines } from './import-lines.ts'
import { readDocument } from './read-document.ts'

export interface IngestionNeeds {
  documents: DocumentsRepository
  knowledge: KnowledgeRepository
  tables: TablesRepository
  objectStore: ObjectStore
  embedders: Embedders
  /** Without it, pages that are pictures of text stay empty. */
  ocr?: Ocr
  jobs: JobQueue
  feed: DocumentFeed
  log: Log
}

type Payload = ReturnType<typeof payloadOf>

/** A document that does not come forward in so many tries is given up, and the queue goes on. */
const triesWithoutProgress = 3
/** An embedding model that does not answer gets so many, with the queue's growing pauses: some minutes. */
const triesWhileAway = 8
const sweepMs = 30_000
const lookEveryMs = 1_000

/**
 * Reads documents in the background. `register` before the queue starts; `start` then picks up what an earlier process
 * left: documents whose job was never sent, and deletions that were cut.
 */
export function createIngestion(needs: IngestionNeeds) {
  const { documents, objectStore, jobs, log } = needs
  let timer: NodeJS.Timeout | undefined

  async function sweep(): Promise<void> {
    try {
      for (const { workspaceId, id, ownerId, status } of await documents.unfinished()) {
        if (status === 'deleting') await remove(workspaceId, ownerId, id)
        else await jobs.send(ingestDocumentKind, payloadOf({ workspaceId, id, ownerId }), { key: id })
      }
    } catch (error) {
      log.warn('ingestion-sweep-failed', { error })
    }
  }

  async function remove(workspaceId: string, ownerId: string, id: string): Promise<void> {
    const call = jobCall({ workspaceId, ownerId }, randomUUID(), AbortSignal.timeout(sweepMs), log)
    const [document] = await documents.markDeleting(call, { documentId: id })
    if (document?.objectKey) await objectStore.delete(document.objectKey)
    await documents.remove(call, [id])
  }

  return {
    register(concurrency = 2): void {
      jobs.handle<Payload>(
        ingestDocumentKind,
        // A cut job counts as a try of the queue, not of the document, which may be long and the machine restless.
        { concurrency, maxAttempts: 50, leaseSeconds: 15 },
        (payload, job) => ingest(needs, payload, job),
      )
    },
    async start(): Promise<void> {
      await sweep()
      timer = setInterval(() => void sweep(), sweepMs).unref()
    },
    stop(): void {
      clearInterval(timer)
    },
  }
}

async function ingest(needs: IngestionNeeds, payload: Payload, job: Job): Promise<void> {
  const { documents, feed, log } = needs
  const fields = { documentId: payload.documentId, workspaceId: payload.workspaceId }
  const call = jobCall(payload, job.id, job.signal, log.with(fields))
  for (;;) {
    const started = performance.now()
    const work = await documents.begin(call, payload.documentId)
    if (!work) return
    const tell = () => feed.tell(payload.workspaceId)
    tell()
    const watch = watchWork(documents, call, work)
    try {
      // A try that took the whole process down could not count itself out.
      if (work.attempts > triesWithoutProgress) throw new NitroError('internal', 'Reading it failed again and again')
      const read = imports[work.document.mediaType] ?? readDocument
      const finished = await read(needs, { ...call, signal: watch.signal }, work, tell)
      const durationMs = Math.round(performance.now() - started)
      call.log.info(finished ? 'document-ready' : 'document-unwanted', { durationMs })
    } catch (error) {
      if (watch.isUnwanted()) call.log.info('document-unwanted')
      else await giveUpOrThrow(needs, call, work, job, error)
    } finally {
      watch.stop()
      tell()
    }
    // Paused and wanted again, or replaced, while this job still had it: no second job was let in, so that it goes on here.
  }
}

/** Its signal aborts when nobody wants the work any more, however long a provider or a page makes one wait. */
function watchWork(documents: IngestionNeeds['documents'], call: Call, work: DocumentWork) {
  const unwanted = new AbortController()
  let isLooking = false
  const timer = setInterval(() => {
    if (isLooking) return
    isLooking = true
    documents
      .isWanted(call, work)
      .then((isWanted) => isWanted || unwanted.abort())
      // Whoever does the work meets the same trouble, and says so.
      .catch(() => {})
      .finally(() => (isLooking = false))
  }, lookEveryMs)
  return {
    signal: AbortSignal.any([call.signal, unwanted.signal]),
    isUnwanted: () => unwanted.signal.aborted,
    stop: () => clearInterval(timer),
  }
}

/** What many documents come out of; all else is one. */
const imports: Record<string, typeof readDocument | undefined> = {
  'application/x-ndjson': importLines,
  'application/zip': importArchive,
}

/** What may go well later is thrown, so that the queue tries again. */
async function giveUpOrThrow(
  { documents }: IngestionNeeds,
  call: Call,
  work: DocumentWork,
  job: Job,
  error: unknown,
): Promise<void> {
  if (job.signal.aborted) throw error
  if (isAway(error) && job.attempt < triesWhileAway) {
    // The document is not to blame.
    await documents.spare(call, work)
    throw error
  }
  if (!isFinal(error) && !isAway(error) && work.attempts < triesWithoutProgress) throw error
  const reason = reasonOf(error)
  // What is wrong with a file is no incident of ours, and its words stay out of the log.
  call.log.warn('document-failed', {
    code: reason.code,
    attempts: work.attempts,
    ...(isFinal(error) ? {} : { error }),
  })
  await documents.fail(call, work, reason)
}

/** Throws `model_not_found` when the model that the collection uses is not set up any more. */
export function embedderOf({ embedders }: IngestionNeeds, { embeddingModel }: DocumentWork): Embedder {
  const embedder = embedders.find(embeddingModel)
  if (embedder) return embedder
  throw new NitroError(
    'model_not_found',
    `Its collection uses the embedding model ${embeddingModel}, which is not set up here. Set it up, or choose another for the collection.`,
  )
}

/** What is wrong with the file will be wrong the next time too, and so will what a provider refuses. */
const isFinal = (error: unknown) =>
  error instanceof NitroError &&
  (error.code.startsWith('document_') ||
    ['not_found', 'model_not_found', 'model_unauthorized', 'spending_cap_reached'].includes(error.code) ||
    isLasting(error))

/** Trouble of those that make the vectors, which mostly passes, unless they say that it will not. */
const isAway = (error: unknown) =>
  error instanceof NitroError &&
  ['unavailable', 'model_rate_limited', 'model_timeout', 'model_failed'].includes(error.code) &&
  !isLasting(error)

const isLasting = ({ details }: NitroError) => (details as { isPassing?: boolean } | undefined)?.isPassing === false

function reasonOf(error: unknown): { code: string; message: string } {
  if (error instanceof NitroError && isErrorCode(error.code)) return { code: error.code, message: error.message }
  return {
    code: 'internal',
    message: 'Reading this document failed three times for a reason of our own. Try it again later.',
  }
}

function jobCall(owner: { workspaceId: string; ownerId: string }, id: string, signal: AbortSignal, log: Log): Call {
  return {
    actor: { userId: owner.ownerId, workspaceId: owner.workspaceId, role: 'owner', via: 'job', scopes: [] },
    requestId: id,
    signal,
    log,
  }
}
