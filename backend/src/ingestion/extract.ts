import { type ChildProcess, fork } from 'node:child_process'
import { on } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ErrorCode, NitroError } from '@nitroagi/shared/errors'
import type { TableDescription } from '../ports/database/tables-port.ts'
import type { Ocr, PictureText } from '../ports/ocr/port.ts'
import type { ReadPage } from './page-sink.ts'
import type { FileToRead } from './read-file.ts'

export interface ExtractRequest extends FileToRead {
  /** Pages before this one are stored already. */
  fromPage: number
}

export type ExtractReply =
  | { type: 'total'; pages: number }
  | ({ type: 'page'; number: number } & ReadPage)
  /** Worth knowing, but no reason to refuse the file. */
  | { type: 'notice'; text: string }
  /** When the document says that it was written, sent or published. */
  | { type: 'date'; date: string }
  | { type: 'table'; table: TableDescription }
  /** Its letters are wanted before it goes on. */
  | { type: 'picture'; picture: Uint8Array }
  /** Work that shows nothing yet goes on. */
  | { type: 'busy' }
  | { type: 'done' }
  | { type: 'failed'; code: ErrorCode; message: string; detail?: string }

export type ExtractAnswer = { type: 'stored'; pages: number } | { type: 'letters'; letters: PictureText | undefined }

export type ExtractEvent = Extract<ExtractReply, { type: 'total' | 'page' | 'notice' | 'date' | 'table' }>

/** What a file may cost. A page is given up after so much work of the processor, so a busy machine is no reason to fail. */
export const extractLimits = {
  heapMb: 512,
  residentMb: 900,
  cpuSecondsPerPage: 8,
  /** Without the time that letters are read in, which has a limit of its own for each picture. */
  wallSeconds: 600,
  characters: 50_000_000,
  /** For the letters of one page, the machine being busy. */
  lettersSeconds: 120,
}

/** Pages that the child is told of at once; fewer than it may have on their way, or it would wait for ever. */
const answeredTogether = 16

/**
 * Reads a file in a process of its own, which has no secrets in its environment, little memory, and no way to take the
 * backend down with it. The caller asks for the next event when it has stored the last. Pages without text are read by
 * `ocr`, one picture after the other; without it they stay empty. Throws what is wrong with the file.
 */
export async function* extract(
  request: Omit<ExtractRequest, 'scratch'>,
  signal: AbortSignal,
  ocr?: Ocr,
): AsyncGenerator<ExtractEvent> {
  signal.throwIfAborted()
  const scratch = request.type === 'message/rfc822' ? await mkdtemp(join(tmpdir(), 'nitro-mail-')) : undefined
  const child = startChild(new URL('./extract-child.ts', import.meta.url))
  const ended = new AbortController()
  const guard = watch(child, (reason) => ended.abort(reason))
  child.once('exit', (code, by) => setImmediate(() => ended.abort(died(code, by))))
  child.once('error', (error) => ended.abort(error))
  const abort = AbortSignal.any([signal, ended.signal])
  const answer = (message: ExtractAnswer) => void (child.connected && child.send(message))
  let characters = 0
  let stored = 0
  try {
    const replies = on(child, 'message', { signal: abort })
    child.send({ ...request, ...(scratch && { scratch }) } satisfies ExtractRequest)
    for await (const [reply] of replies as AsyncIterable<[ExtractReply]>) {
      guard.progress()
      if (reply.type === 'done') return
      if (reply.type === 'failed') {
        throw new NitroError(reply.code, reply.message, { cause: reply.detail ? new Error(reply.detail) : undefined })
      }
      if (reply.type === 'page') {
        characters += reply.text.length
        if (characters > extractLimits.characters) throw tooLarge('it holds more text than can be taken in')
      }
      if (reply.type === 'busy') continue
      if (reply.type === 'picture') {
        const began = Date.now()
        answer({ type: 'letters', letters: await lettersIn(reply.picture, abort, ocr) })
        guard.excuse(Date.now() - began)
        continue
      }
      yield reply
      if (reply.type !== 'page' || ++stored < answeredTogether) continue
      answer({ type: 'stored', pages: stored })
      stored = 0
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw ended.signal.aborted ? ended.signal.reason : error
  } finally {
    guard.stop()
    child.kill('SIGKILL')
    if (scratch) await rm(scratch, { recursive: true, force: true })
  }
}

/** One picture that cannot be read is a page without text, and no reason to refuse the others. */
async function lettersIn(
  picture: Uint8Array,
  signal: AbortSignal,
  ocr: Ocr | undefined,
): Promise<PictureText | undefined> {
  try {
    return await ocr?.read(picture, signal, { seconds: extractLimits.lettersSeconds })
  } catch (error) {
    // Too many wait, or the server ends: later it can be read.
    if (!(error instanceof NitroError) || error.code === 'unavailable') throw error
    return undefined
  }
}

/** Without secrets, and with little memory. */
export const startChild = (file: URL): ChildProcess =>
  fork(file, {
    execArgv: [`--max-old-space-size=${extractLimits.heapMb}`, '--disable-warning=ExperimentalWarning'],
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  })

/** Reads /proc where there is one; elsewhere only the wall clock and V8's own limit hold. */
export function watch(
  child: ChildProcess,
  kill: (reason: NitroError) => void,
  wallSeconds = extractLimits.wallSeconds,
) {
  let started = Date.now()
  let cpuAtProgress = 0
  let cpuNow = 0
  const timer = setInterval(() => {
    if (Date.now() - started > wallSeconds * 1000) kill(tooLarge('reading it takes too long'))
    void usage(child.pid).then((used) => {
      if (!used) return
      cpuNow = used.cpuSeconds
      if (cpuNow - cpuAtProgress > extractLimits.cpuSecondsPerPage)
        kill(tooLarge('a single page of it takes too long to read'))
      if (used.residentMb > extractLimits.residentMb) kill(tooLarge('reading it needs too much memory'))
    })
  }, 250)
  return {
    progress: () => void (cpuAtProgress = cpuNow),
    /** Time that somebody else took. */
    excuse: (ms: number) => void (started += ms),
    stop: () => clearInterval(timer),
  }
}

async function usage(pid: number | undefined): Promise<{ cpuSeconds: number; residentMb: number } | undefined> {
  if (process.platform !== 'linux' || pid === undefined) return undefined
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold blanks; the fields after it do not.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    return { cpuSeconds: (fields[11]! + fields[12]!) / 100, residentMb: (fields[21]! * 4_096) / 1024 / 1024 }
  } catch {
    return undefined
  }
}

export function died(code: number | null, by: NodeJS.Signals | null): NitroError {
  // V8 ends itself so when its heap is full.
  if (by === 'SIGABRT' || code === 134) return tooLarge('reading it needs too much memory')
  return new NitroError('document_corrupt', 'The file broke the program that reads it, so it is probably damaged', {
    cause: new Error(`ended with ${by ?? code}`),
  })
}

const tooLarge = (why: string) =>
  new NitroError('document_too_large', `The document cannot be taken in, because ${why}`)
