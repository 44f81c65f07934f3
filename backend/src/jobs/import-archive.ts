import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import { type ArchiveFile, withArchive } from '../ingestion/archive.ts'
import type { DocumentWork } from '../ports/database/documents-port.ts'
import { createDocumentIntake, type DocumentIntake } from '../services/document-intake.ts'
import type { IngestionNeeds } from './ingestion.ts'

const mentionedFiles = 5
const takenIn = 'Taken in as a document of its own'
const pageBatch = 200

/**
 * Makes a document of every file in an archive. Each file is a page of the archive itself, called by its path, that says
 * what became of it, which is also how a cut import knows where to go on. False when it is wanted no more.
 */
export async function importArchive(
  needs: IngestionNeeds,
  call: Call,
  work: DocumentWork,
  tell: () => void,
): Promise<boolean> {
  const { documents, knowledge, objectStore } = needs
  if (work.document.objectKey === null) throw new NitroError('document_corrupt', 'The bytes of this archive are gone')
  const intake = createDocumentIntake(needs)
  const stored = await objectStore.openFile(work.document.objectKey)
  try {
    const isWanted = await withArchive(stored.path, async (files) => {
      if (files.length === 0) throw new NitroError('document_no_text', 'There is no file in this archive')
      await documents.describe(call, work, { pagesTotal: files.length, chunksTotal: 0 })
      tell()
      for (const [index, file] of files.entries()) {
        call.signal.throwIfAborted()
        if (index < work.pagesStored) continue
        const reason = file.leftOut ?? (await takeFile(intake, call, work, file))
        const text = reason === null ? takenIn : `Left out: ${reason}`
        if (!(await knowledge.savePages(call, work, [{ number: index + 1, text, label: file.path }]))) return false
        tell()
      }
      return true
    })
    if (!isWanted) return false
  } finally {
    await stored.release()
  }
  const { taken, leftOut } = await becameOf(needs, call, work)
  if (taken === 0) {
    throw new NitroError('document_unsupported', `No file in this archive can be read. ${describe(leftOut)}`)
  }
  const notice =
    leftOut.length === 0
      ? null
      : `${leftOut.length} of ${taken + leftOut.length} files were left out: ${describe(leftOut)}`
  return knowledge.publish(call, work, notice)
}

/** Why it was left out, or null when it was not. */
async function takeFile(
  intake: DocumentIntake,
  call: Call,
  work: DocumentWork,
  file: ArchiveFile,
): Promise<string | null> {
  const { document } = work
  const received = await receive(intake, call, file)
  if (typeof received === 'string') return received
  if (received.mediaType === 'application/zip' || received.error) {
    await intake.drop(received)
    return received.error ? lower(received.error.message) : 'it is an archive within the archive'
  }
  const externalId = `${document.externalId ?? document.name}/${file.path}`
  const { collectionId, tags } = document
  await intake.take(call, { collectionId, externalId, name: file.path, tags, importId: document.id }, received)
  return null
}

async function receive(intake: DocumentIntake, call: Call, file: ArchiveFile) {
  try {
    return (await intake.receive(call, file.path, file.open(), async () => {})).received
  } catch (error) {
    if (call.signal.aborted || !(error instanceof NitroError)) throw error
    if (error.code === 'document_corrupt') return error.message
    if (error.code === 'payload_too_large') return 'it unpacks to more than it may'
    // Trouble of ours is no reason to leave a file out for good.
    throw error
  }
}

async function becameOf({ knowledge }: IngestionNeeds, call: Call, work: DocumentWork) {
  const found = { taken: 0, leftOut: [] as { path: string; reason: string }[] }
  for (let after = 0; ; after += pageBatch) {
    const pages = await knowledge.pendingPages(call, work, after, pageBatch)
    for (const { text, label } of pages) {
      if (text === takenIn) found.taken++
      else found.leftOut.push({ path: label ?? '', reason: text.replace(/^Left out: /, '') })
    }
    if (pages.length < pageBatch) return found
  }
}

function describe(files: { path: string; reason: string }[]): string {
  const mentioned = files.slice(0, mentionedFiles).map(({ path, reason }) => `${path} (${reason.replace(/\.$/, '')})`)
  const more = files.length > mentionedFiles ? `, and ${files.length - mentionedFiles} more` : ''
  return `${mentioned.join(', ')}${more}`
}

const lower = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1)
