import { type ErrorCode, NitroError } from '@nitroagi/shared/errors'
import { died, startChild, watch } from './extract.ts'
import type { MarkedText } from './marked-text.ts'
import type { ReadableType } from './media-type.ts'
import type { PagePicture } from './page-picture.ts'

export interface PageViewRequest {
  path: string
  type: ReadableType
  page: number
  /** A picture to look at or to read the letters of, the text with its places, or the page's size alone. */
  want: 'picture' | 'reading' | 'text' | 'size'
  /** Of a picture to look at, in pixels. */
  width: number
}

export interface PageView {
  picture?: PagePicture
  /** In a unit of its own; it says how wide the page is for its height. */
  size?: { width: number; height: number }
  text?: MarkedText
}

export type PageViewReply = { view: PageView } | { code: ErrorCode; message: string }

const wallSeconds = 60

/** One page of a PDF or a picture, looked at in a process with the limits of `extract`. */
export async function viewPage(request: PageViewRequest, signal: AbortSignal): Promise<PageView> {
  signal.throwIfAborted()
  const child = startChild(new URL('./page-view-child.ts', import.meta.url))
  let fail: (reason: unknown) => void = () => {}
  const failed = new Promise<never>((_, reject) => (fail = reject))
  const stop = () => fail(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  const guard = watch(child, fail, wallSeconds)
  child.once('exit', (code, by) => setImmediate(() => fail(died(code, by))))
  child.once('error', fail)
  try {
    const answered = new Promise<PageViewReply>((resolve) => child.once('message', resolve as () => void))
    child.send(request)
    const reply = await Promise.race([answered, failed])
    if ('code' in reply) throw new NitroError(reply.code, reply.message)
    return reply.view
  } finally {
    signal.removeEventListener('abort', stop)
    failed.catch(() => {})
    guard.stop()
    child.kill('SIGKILL')
  }
}
