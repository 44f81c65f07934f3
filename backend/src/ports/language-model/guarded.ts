import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'
import { NitroError } from '@nitroagi/shared/errors'
import { emptyAnswer, modelFailure, type ModelLabel } from './failures.ts'

export interface Deadlines {
  /** Until the first part that carries content. */
  firstSeconds: number
  /** Between two parts after that. */
  idleSeconds: number
  totalSeconds: number
}

/** Keeps the port's promise for any model: deadlines, `NitroError` only, no `error` parts, no empty answer. */
export function guardModel(model: LanguageModelV4, label: ModelLabel, deadlines: Deadlines): LanguageModelV4 {
  return {
    specificationVersion: 'v4',
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,
    doStream: (options) => guardStream(model, options, label, deadlines),
    async doGenerate(options) {
      const watch = startWatch(options.abortSignal, label, deadlines)
      try {
        const result = await watch.race(model.doGenerate({ ...options, abortSignal: watch.signal }))
        if (result.content.length === 0) throw emptyAnswer(label, result.finishReason.unified)
        return result
      } catch (error) {
        throw watch.explain(error, false)
      } finally {
        watch.end()
      }
    },
  }
}

async function guardStream(
  model: LanguageModelV4,
  options: LanguageModelV4CallOptions,
  label: ModelLabel,
  deadlines: Deadlines,
): Promise<LanguageModelV4StreamResult> {
  const watch = startWatch(options.abortSignal, label, deadlines)
  let result: LanguageModelV4StreamResult
  try {
    result = await watch.race(model.doStream({ ...options, abortSignal: watch.signal }))
  } catch (error) {
    watch.end()
    throw watch.explain(error, false)
  }
  const reader = result.stream.getReader()
  const state = { textBegun: false, contentBegun: false, finished: false }

  const fail = (error: unknown) => {
    watch.end()
    // The provider's stream may be past cancelling; nobody is left to hear of it.
    reader.cancel().catch(() => {})
    return watch.explain(error, state.textBegun)
  }
  const stream = new ReadableStream<LanguageModelV4StreamPart>(
    {
      async pull(controller) {
        try {
          const { done, value: part } = await watch.race(reader.read())
          if (done) {
            if (!state.finished) throw new NitroError('model_failed', `${label.name} stopped in mid-answer.`)
            watch.end()
            return controller.close()
          }
          watch.heard(noteContent(part, state, label))
          controller.enqueue(part)
        } catch (error) {
          controller.error(fail(error))
        }
      },
      cancel(reason) {
        watch.end()
        watch.abort(reason)
        return reader.cancel(reason)
      },
    },
    // Nothing is read ahead: what the reader has not asked for may still be cancelled.
    { highWaterMark: 0 },
  )
  return { ...result, stream }
}

interface StreamState {
  textBegun: boolean
  contentBegun: boolean
  finished: boolean
}

/** Whether content has begun; throws on the parts by which a provider says that it failed. */
function noteContent(part: LanguageModelV4StreamPart, state: StreamState, label: ModelLabel): boolean {
  switch (part.type) {
    case 'error':
      throw part.error
    case 'finish':
      if (part.finishReason.unified === 'error' || part.finishReason.unified === 'interrupted') {
        throw new NitroError('model_failed', `${label.name} stopped in mid-answer.`)
      }
      if (!state.contentBegun) throw emptyAnswer(label, part.finishReason.unified)
      state.finished = true
      break
    case 'text-delta':
      if (part.delta !== '') state.textBegun = state.contentBegun = true
      break
    case 'reasoning-delta':
    case 'tool-call':
    case 'tool-input-start':
      state.contentBegun = true
      break
    default:
  }
  return state.contentBegun
}

/** Three clocks and the caller's signal, joined into the one signal that the provider hears. */
function startWatch(outer: AbortSignal | undefined, label: ModelLabel, deadlines: Deadlines) {
  const abort = new AbortController()
  const late = (seconds: number, what: string) => () =>
    abort.abort(
      new NitroError('model_timeout', `${label.name} ${what} within ${seconds} s. Try again, or choose another model.`),
    )
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
    race<T>(work: PromiseLike<T>): Promise<T> {
      if (abort.signal.aborted) {
        work.then(undefined, () => {})
        return Promise.reject(abort.signal.reason)
      }
      return new Promise<T>((resolve, rejectThis) => {
        reject = rejectThis
        work.then(resolve, rejectThis)
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
