import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'
import { lateFailure, modelFailure, type ModelLabel } from './failures.ts'
import { createPartReader } from './part-reader.ts'
import { mayLeaveOutAids } from './refused-aids.ts'

export interface Deadlines {
  /** Until the first part that carries content. */
  firstSeconds: number
  /** Between two parts after that. */
  idleSeconds: number
  totalSeconds: number
}

/** An answer whose first content has arrived. */
export interface Begun {
  about: Omit<LanguageModelV4StreamResult, 'stream'>
  /** All parts, from the first. Fails with a `NitroError` or the caller's own reason. */
  next(): Promise<IteratorResult<LanguageModelV4StreamPart, undefined>>
  /** Ends the provider's work; nothing more is read. */
  leave(reason: unknown): void
}

export interface GuardedCall {
  model: LanguageModelV4
  options: LanguageModelV4CallOptions
  label: ModelLabel
  deadlines: Deadlines
  /** Exactly once, when nothing more will come; with what went wrong, unless it finished or was left. */
  onEnd?: (failure?: unknown) => void
}

type Reader = ReadableStreamDefaultReader<LanguageModelV4StreamPart>
type Read = Awaited<ReturnType<Reader['read']>>

/** Keeps the port's promise for any model: deadlines, `NitroError` only, no `error` parts, no empty answer. */
export function guardModel(model: LanguageModelV4, label: ModelLabel, deadlines: Deadlines): LanguageModelV4 {
  return {
    specificationVersion: 'v4',
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,
    doStream: async (options) => streamOf(await beginGuarded({ model, options, label, deadlines })),
    doGenerate: (options) => generateGuarded({ model, options, label, deadlines }),
  }
}

export async function generateGuarded(call: GuardedCall): Promise<LanguageModelV4GenerateResult> {
  const { model, options, label, deadlines, onEnd } = call
  const watch = startWatch(options.abortSignal, label, deadlines)
  let failure: unknown
  try {
    const result = await watch.race(model.doGenerate({ ...options, abortSignal: watch.signal }), asItIs)
    createPartReader(label).checkWhole(result)
    return result
  } catch (error) {
    failure = watch.explain(error, false)
    throw failure
  } finally {
    watch.end()
    onEnd?.(failure)
  }
}

/** Resolves with the first content, so that until then the caller may still turn to another model. */
export async function beginGuarded(call: GuardedCall): Promise<Begun> {
  const { model, options, label, deadlines, onEnd } = call
  const watch = startWatch(options.abortSignal, label, deadlines)
  const parts = createPartReader(label, { tellsModel: mayLeaveOutAids(options) })
  let reader: Reader | undefined
  let isOver = false

  const end = (failure?: unknown) => {
    if (isOver) return
    isOver = true
    watch.end()
    onEnd?.(failure)
  }
  const fail = (error: unknown): unknown => {
    const failure = watch.explain(error, parts.textBegun())
    end(failure)
    // The provider's stream may be past cancelling; nobody is left to hear of it.
    reader?.cancel().catch(() => {})
    return failure
  }
  const take = (read: Read) => {
    if (read.done) {
      parts.checkEnd()
      end()
      return read as IteratorReturnResult<undefined>
    }
    const part = parts.take(read.value)
    watch.heard(parts.contentBegun())
    if (part.type === 'finish') end()
    if (part !== read.value) read.value = part
    return read
  }
  /** One promise a part: this is the hot path of every answer. */
  const pull = (from: Reader) => watch.race(from.read(), take, fail)
  // A deadline may pass while nobody reads; the provider's place must be free then all the same.
  watch.signal.addEventListener('abort', () => void fail(watch.signal.reason), { once: true })

  const opening: IteratorResult<LanguageModelV4StreamPart, undefined>[] = []
  let about: Begun['about']
  try {
    const { stream, ...rest } = await watch.race(model.doStream({ ...options, abortSignal: watch.signal }), asItIs)
    about = rest
    reader = stream.getReader()
  } catch (error) {
    throw fail(error)
  }
  while (!parts.contentBegun()) {
    const read = await pull(reader)
    // Some servers say nothing a thousand times before they speak; there is no reason to keep that.
    if (read.done || !isEmptyDelta(read.value)) opening.push(read)
  }
  const source = reader
  let told = 0
  return {
    about,
    next: () => (told < opening.length ? Promise.resolve(opening[told++]!) : pull(source)),
    leave(reason) {
      end()
      watch.abort(reason)
      source.cancel(reason).catch(() => {})
    },
  }
}

const isEmptyDelta = (part: LanguageModelV4StreamPart): boolean =>
  (part.type === 'text-delta' || part.type === 'reasoning-delta') && part.delta === ''

/**
 * The parts as the AI SDK's stream. Most readers loop over it, and a loop is served directly: a stream's own queue costs
 * a hundred chats a twentieth of their time.
 */
export function streamOf({ about, next, leave }: Begun): LanguageModelV4StreamResult {
  const stream = new ReadableStream<LanguageModelV4StreamPart>(
    {
      async pull(controller) {
        const read = await next()
        if (read.done) controller.close()
        else controller.enqueue(read.value)
      },
      cancel: leave,
    },
    // Nothing is read ahead: what the reader has not asked for may still be cancelled.
    { highWaterMark: 0 },
  )
  const iterator: AsyncIterator<LanguageModelV4StreamPart, undefined> = {
    next,
    return() {
      leave(undefined)
      return Promise.resolve({ done: true, value: undefined })
    },
  }
  Object.defineProperty(stream, Symbol.asyncIterator, { value: () => iterator })
  return { ...about, stream }
}

const asItIs = <Value>(value: Value): Value => value

/** Three clocks and the caller's signal, joined into the one signal that the provider hears. */
function startWatch(outer: AbortSignal | undefined, label: ModelLabel, deadlines: Deadlines) {
  const abort = new AbortController()
  const late = (seconds: number, what: string) => () => abort.abort(lateFailure(label, what, seconds))
  const start = (seconds: number, what: string) => setTimeout(late(seconds, what), seconds * 1000)
  const total = start(deadlines.totalSeconds, 'did not finish')
  let quiet = start(deadlines.firstSeconds, 'did not begin to answer')
  let contentBegun = false

  const forward = () => abort.abort(outer?.reason)
  if (outer?.aborted) forward()
  else outer?.addEventListener('abort', forward, { once: true })

  // One rejection for all reads: a race per read would leave a listener per part behind.
  let reject: (reason: unknown) => void = () => {}
  abort.signal.addEventListener('abort', () => reject(abort.signal.reason), { once: true })

  return {
    signal: abort.signal,
    abort: (reason: unknown) => abort.abort(reason),
    /** Rejects at once on a deadline or abort, even when the provider does not listen to its signal. */
    race<T, U>(work: PromiseLike<T>, take: (value: T) => U, fail: (error: unknown) => unknown = asItIs): Promise<U> {
      if (abort.signal.aborted) {
        work.then(undefined, () => {})
        return Promise.reject(fail(abort.signal.reason))
      }
      return new Promise<U>((resolve, rejectThis) => {
        const refuse = (error: unknown) => rejectThis(fail(error))
        reject = refuse
        work.then((value) => {
          try {
            resolve(take(value))
          } catch (error) {
            refuse(error)
          }
        }, refuse)
      })
    },
    heard(hasContent: boolean) {
      if (contentBegun) quiet.refresh()
      else if (hasContent) {
        contentBegun = true
        clearTimeout(quiet)
        quiet = start(deadlines.idleSeconds, 'sent nothing more')
      }
    },
    /** The caller's own abort is passed on as it is; everything else becomes a `NitroError`. */
    explain(error: unknown, textBegun: boolean): unknown {
      if (outer?.aborted) return outer.reason
      return modelFailure(label, abort.signal.aborted ? abort.signal.reason : error, { textBegun })
    },
    end() {
      clearTimeout(total)
      clearTimeout(quiet)
      outer?.removeEventListener('abort', forward)
    },
  }
}
