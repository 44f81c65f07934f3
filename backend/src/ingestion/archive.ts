import { Readable } from 'node:stream'
import { NitroError } from '@nitroagi/shared/errors'
import { limits } from '@nitroagi/shared/limits'
import yauzl from 'yauzl'

export interface ArchiveFile {
  /** As the archive names it, or as much of that as can be shown. */
  path: string
  /** Why it is left out, when that is known without unpacking it. */
  leftOut: string | null
  /** Ends with `document_corrupt` when it does not unpack to what it says. */
  open(): Readable
}

/** What an archive may unpack to. Files count what they say and what they turn out to be. */
export const archiveLimits = {
  files: 10_000,
  unpackedBytes: 2 * 1024 * 1024 * 1024,
  fileBytes: limits.uploadBytes,
  /** Text packs well, but nothing that is read packs better than this once it is large. */
  ratio: 250,
  largeBytes: 16 * 1024 * 1024,
  pathCharacters: 400,
}

/**
 * The files of a ZIP archive in the order of its directory, which is the same every time. Folders, hidden files and what
 * macOS adds of its own are no files. Throws `document_corrupt` and `document_too_large` for the archive as a whole.
 */
export async function withArchive<Result>(
  path: string,
  work: (files: readonly ArchiveFile[]) => Promise<Result>,
): Promise<Result> {
  // Names are looked at here: one that is not safe is left out, and the others are not.
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true }
  const zip = await yauzl.openPromise(path, options).catch(damaged)
  try {
    return await work(await filesOf(zip).catch(damaged))
  } finally {
    zip.close()
  }
}

async function filesOf(zip: yauzl.ZipFile): Promise<ArchiveFile[]> {
  const files: ArchiveFile[] = []
  const paths = new Set<string>()
  let unpackedBytes = 0
  let entries = 0
  for await (const entry of zip.eachEntry()) {
    unpackedBytes += entry.uncompressedSize
    if (++entries > archiveLimits.files) throw tooLarge(`it holds more than ${archiveLimits.files} files`)
    if (unpackedBytes > archiveLimits.unpackedBytes) throw tooLarge('it unpacks to more than 2 GB')
    const name = nameOf(entry)
    if (name.endsWith('/') || isHidden(name)) continue
    const leftOut = paths.has(name) ? 'it is in the archive twice' : (unsafeName(name) ?? unreadable(entry))
    paths.add(name)
    files.push({
      path: showable(name),
      leftOut,
      open: () => Readable.from(unpack(zip, entry), { objectMode: false }),
    })
  }
  return files
}

async function* unpack(zip: yauzl.ZipFile, entry: yauzl.Entry): AsyncGenerator<Buffer> {
  try {
    yield* (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>
  } catch (cause) {
    throw new NitroError('document_corrupt', 'it is damaged', { cause })
  }
}

const nameOf = (entry: yauzl.Entry) =>
  yauzl.getFileNameLowLevel(
    entry.generalPurposeBitFlag,
    entry.fileName as unknown as Buffer,
    entry.extraFields,
    // Backslashes stay, so that they can be seen.
    true,
  )

const isHidden = (name: string) =>
  name.split('/').some((part) => (part.startsWith('.') && part !== '.' && part !== '..') || part === '__MACOSX') ||
  /(?:^|\/)(?:thumbs\.db|desktop\.ini)$/i.test(name)

/** Nothing is ever written under these names; one that tries to lead elsewhere is no document of anybody's. */
function unsafeName(name: string): string | null {
  if (name.length > archiveLimits.pathCharacters) return 'its path is too long'
  if (/[\p{Cc}\uFFFD]/u.test(name) || !name.isWellFormed()) return 'its name holds characters that no name has'
  if (name.includes('\\')) return 'its name holds a backslash'
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) return 'its path begins at the root'
  if (name.split('/').some((part) => part === '..' || part === '.' || part === '')) return 'its path leads elsewhere'
  return null
}

const fileKind = 0xf000
const regularFile = 0x8000

function unreadable(entry: yauzl.Entry): string | null {
  const kind = (entry.externalFileAttributes >>> 16) & fileKind
  if (kind !== 0 && kind !== regularFile) return 'it is a link or a device, not a file'
  if (entry.isEncrypted()) return 'it is protected by a password'
  if (!entry.canDecodeFileData()) return 'it is packed in a way that is not known here'
  const { uncompressedSize, compressedSize } = entry
  if (uncompressedSize > archiveLimits.fileBytes) {
    return `it is larger than ${archiveLimits.fileBytes / 1024 / 1024} MB`
  }
  const isBomb = uncompressedSize > archiveLimits.largeBytes && uncompressedSize > compressedSize * archiveLimits.ratio
  return isBomb ? 'it unpacks to hundreds of times its size' : null
}

const showable = (name: string) =>
  name
    .replace(/\p{Cc}/gu, '\uFFFD')
    .slice(0, archiveLimits.pathCharacters)
    .toWellFormed()

function damaged(cause: unknown): never {
  if (cause instanceof NitroError) throw cause
  throw new NitroError('document_corrupt', 'The archive is damaged or was cut: the list of its files cannot be read', {
    cause,
  })
}

const tooLarge = (why: string) =>
  new NitroError(
    'document_too_large',
    `The archive cannot be taken in, because ${why}. Divide it and upload the parts.`,
  )
