import { randomBytes } from 'node:crypto'
import { accessSync, chmodSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { newSecret } from './identity/secrets.ts'

export interface DataDir {
  path: string
  /** What the CLI on this machine proves itself with. */
  operatorKey: string
  /** What stored secrets are sealed with; see identity/encryption.ts. */
  secretKeys: readonly string[]
  /** Lets the next backend in. The lock also ends with the process, however that ends. */
  close(): void
}

/** What the environment says, so that none is made. */
interface GivenKeys {
  operatorKey: string | undefined
  secretKeys: readonly string[] | undefined
}

/** A sentence for whoever starts the backend; `exitCode` is what the process shall end with (sysexits). */
export class DataDirError extends Error {
  readonly exitCode: 73 | 75

  constructor(message: string, exitCode: 73 | 75, cause?: unknown) {
    super(message, { cause })
    this.name = 'DataDirError'
    this.exitCode = exitCode
  }
}

/** Makes the folder for its owner alone and keeps other backends out of it: the embedded database bears only one. */
export function openDataDir(path: string, given: Partial<GivenKeys> = {}): DataDir {
  writable(path, () => {
    mkdirSync(join(path, 'keys'), { recursive: true, mode: 0o700 })
    chmodSync(path, 0o700)
    chmodSync(join(path, 'keys'), 0o700)
    accessSync(path, constants.W_OK | constants.X_OK)
  })
  const unlock = lock(path)
  try {
    const keep = (name: string, fresh: string) => writable(path, () => keepSecret(join(path, 'keys', name), fresh))
    return {
      path,
      operatorKey: given.operatorKey ?? keep('operator-key', newSecret('no_')),
      secretKeys: given.secretKeys ?? [keep('secret-key', randomBytes(32).toString('hex'))],
      close: unlock,
    }
  } catch (error) {
    unlock()
    throw error
  }
}

/**
 * The operating system holds this lock for the process, through SQLite, which knows how on every system: it falls with
 * the process, so it is never stale, and no other process that got the same number is taken for its holder. The text
 * file beside it only says who holds it.
 */
function lock(path: string): () => void {
  const holder = join(path, 'backend.lock')
  const file = writable(path, () => new DatabaseSync(join(path, 'backend.lock.db'), { timeout: 0 }))
  try {
    file.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    file.close()
    if (!isBusy(error)) throw unwritable(path, error)
    throw new DataDirError(
      `Another NitroAGI backend (pid ${pidIn(holder)}) uses ${path}. Stop it or set NITRO_DATA_DIR.`,
      75,
      error,
    )
  }
  writable(path, () => {
    const started = new Date(Date.now() - process.uptime() * 1000).toISOString()
    writeFileSync(holder, `${JSON.stringify({ pid: process.pid, startedAt: started })}\n`, { mode: 0o600 })
  })
  return () => {
    if (!file.isOpen) return
    rmSync(holder, { force: true })
    file.close()
  }
}

// SQLITE_BUSY and SQLITE_LOCKED, whatever their extended codes say.
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && [5, 6].includes(Number(error.errcode) & 0xff)

function pidIn(holder: string): string {
  try {
    return String((JSON.parse(readFileSync(holder, 'utf8')) as { pid: number }).pid)
  } catch {
    return 'unknown'
  }
}

function keepSecret(path: string, fresh: string): string {
  try {
    // `wx`: a key that is there already stays.
    writeFileSync(path, `${fresh}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    chmodSync(path, 0o600)
  }
  const secret = readFileSync(path, 'utf8').trim()
  if (secret.length < 32)
    throw new Error(`${path} holds no key; put it back from a backup, or delete it and a new one is made`)
  return secret
}

function writable<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw unwritable(path, error)
  }
}

function unwritable(path: string, error: unknown): DataDirError {
  if (error instanceof DataDirError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new DataDirError(`The data folder ${path} cannot be used: ${reason}. Set NITRO_DATA_DIR.`, 73, error)
}
