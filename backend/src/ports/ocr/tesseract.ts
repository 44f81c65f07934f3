import { fork } from 'node:child_process'
import { NitroError } from '@nitroagi/shared/errors'
import { languageFile, languageNames } from './languages.ts'
import type { Ocr, PictureText } from './port.ts'
import type { OcrReply, OcrRequest } from './tesseract-child.ts'

export interface OcrLimits {
  /** For one picture, the start of the reader included. */
  seconds: number
  /** Without a picture, after which the reader's memory is given back. */
  idleSeconds: number
  waiting: number
}

const usualLimits: OcrLimits = { seconds: 30, idleSeconds: 60, waiting: 20 }

interface Reader {
  read(picture: Uint8Array): Promise<PictureText>
  end(reason: NitroError): void
}

/** Those that it cannot read, because their data is not installed. */
export const missingLanguages = (languages: readonly string[]) =>
  languages.filter((language) => languageFile(language) === undefined)

/** Tesseract, entirely from installed packages. Its process is started by the first picture and ends when none come. */
export function createTesseractOcr({
  languages = ['eng'],
  ...limits
}: Partial<OcrLimits> & { languages?: readonly string[] } = {}): Ocr {
  const { seconds: usualSeconds, idleSeconds, waiting: waitingAtMost } = { ...usualLimits, ...limits }
  let reader: Reader | undefined
  let idle: NodeJS.Timeout | undefined
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let isClosed = false

  async function readNow(picture: Uint8Array, signal: AbortSignal, seconds: number): Promise<PictureText> {
    signal.throwIfAborted()
    if (isClosed) throw closing()
    clearTimeout(idle)
    const active = (reader ??= startReader(languages, (own) => own === reader && (reader = undefined)))
    // There is no other way to stop it in the middle of a picture.
    const forward = () => active.end(new NitroError('step_failed', 'Reading this picture was stopped.'))
    signal.addEventListener('abort', forward, { once: true })
    const timer = setTimeout(
      () =>
        active.end(new NitroError('step_failed', `The text in this picture could not be read within ${seconds} s.`)),
      seconds * 1000,
    )
    try {
      return await active.read(picture)
    } catch (error) {
      signal.throwIfAborted()
      throw error
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', forward)
      idle = setTimeout(() => reader?.end(closing()), idleSeconds * 1000).unref()
    }
  }

  return {
    id: 'tesseract',
    language: languageNames(languages),
    async read(picture, signal, { seconds = usualSeconds } = {}) {
      if (waiting >= waitingAtMost) {
        throw new NitroError('unavailable', 'Too many pictures are waiting to be read. Try again in a moment.', {
          retryAfterSeconds: 10,
        })
      }
      waiting++
      const before = last
      const turn = before.then(() => readNow(picture, signal, seconds))
      last = turn.catch(() => {})
      try {
        return await untilAborted(turn, signal)
      } finally {
        waiting--
      }
    },
    async close() {
      isClosed = true
      clearTimeout(idle)
      reader?.end(closing())
    },
  }
}

function startReader(languages: readonly string[], onEnd: (own: Reader) => void): Reader {
  const child = fork(new URL('./tesseract-child.ts', import.meta.url), languages, {
    execArgv: ['--max-old-space-size=256', '--disable-warning=ExperimentalWarning'],
    // No secrets are needed to read letters.
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  })
  child.unref()
  child.channel?.unref()
  let open: { id: number; resolve(text: PictureText): void; reject(reason: unknown): void } | undefined
  let ids = 0

  function end(reason: NitroError): void {
    onEnd(own)
    open?.reject(reason)
    open = undefined
    child.kill('SIGKILL')
  }
  const died = (cause?: Error) =>
    end(new NitroError('step_failed', 'This picture broke the program that reads it. It may be damaged.', { cause }))
  child.once('error', died)
  child.once('exit', () => (open ? died() : onEnd(own)))
  child.on('message', (reply: OcrReply) => {
    if (open?.id !== reply.id) return
    const { resolve, reject } = open
    open = undefined
    if ('text' in reply) return resolve(reply.text)
    reject(
      new NitroError('invalid_input', 'This picture cannot be decoded. Save it again, as PNG or JPEG.', {
        cause: new Error(reply.failure),
      }),
    )
  })

  const own: Reader = {
    read: (picture) =>
      new Promise((resolve, reject) => {
        open = { id: ++ids, resolve, reject }
        child.send({ id: ids, picture } satisfies OcrRequest, (error) => error && died(error))
      }),
    end,
  }
  return own
}

const closing = () => new NitroError('unavailable', 'The server is stopping. Try again in a moment.')

async function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  let stop: () => void = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  // Whichever loses is heard by nobody.
  aborted.catch(() => {})
  work.catch(() => {})
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
