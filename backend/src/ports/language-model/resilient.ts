import { setTimeout as sleep } from 'node:timers/promises'
import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { NitroError } from '@nitroagi/shared/errors'
import type { Pass } from './breaker.ts'
import { failureKind, type ModelLabel } from './failures.ts'
import { beginGuarded, generateGuarded, streamOf, type Deadlines, type GuardedCall } from './guarded.ts'
import { openHedged } from './hedged.ts'
import type { Answered, AnsweringModel, EvidenceOptions, Price } from './port.ts'
import type { ProviderLine } from './provider-line.ts'

export interface Candidate {
  label: ModelLabel
  model: LanguageModelV4
  price: Price | null
  /** Models of our own have no provider that could be down. */
  line: ProviderLine | undefined
}

export interface Patience {
  deadlines: Deadlines
  /** Calls that one request may cost, all models together. */
  tries: number
  retryBaseMs: number
  retryMaxMs: number
  /** A provider that asks for a longer pause is not waited for. */
  retryAfterMaxSeconds: number
  /** Whether a second call may be made when the first is unusually slow. */
  hedge: boolean
  hedgeMinMs: number
}

/** What one request has cost and met so far. */
interface Progress {
  options: LanguageModelV4CallOptions
  endsAt: number
  calls: number
  abandonedCalls: number
  detours: Answered['detours']
  /** Somebody could stand in, so silence may not use up the time of both. */
  sharesTime: boolean
}

type Call<Result> = (call: GuardedCall) => Promise<Result>

/** Answers with the first candidate that can; the others stand in until the first content, and never after it. */
export function createResilientModel(candidates: readonly Candidate[], patience: Patience): AnsweringModel {
  const [first] = candidates
  if (!first) throw new TypeError('A resilient model needs a candidate')
  return {
    specificationVersion: 'v4',
    provider: first.model.provider,
    modelId: first.model.modelId,
    supportedUrls: first.model.supportedUrls,
    async doStream(options) {
      const { result, answered } = await answer(candidates, patience, options, beginGuarded, hedged)
      return { ...streamOf(result), answered }
    },
    async doGenerate(options) {
      const { result, answered } = await answer(candidates, patience, options, generateGuarded, once)
      return { ...result, answered }
    },
  }
}

async function answer<Result>(
  candidates: readonly Candidate[],
  patience: Patience,
  options: LanguageModelV4CallOptions,
  call: Call<Result>,
  attempt: Attempt<Result>,
): Promise<{ result: Result; answered: Answered }> {
  const endsAt = performance.now() + patience.deadlines.totalSeconds * 1000
  const progress: Progress = { options, endsAt, calls: 0, abandonedCalls: 0, detours: [], sharesTime: false }
  const failures: NitroError[] = []
  for (const [place, candidate] of candidates.entries()) {
    const others = candidates.slice(place + 1)
    try {
      const result = await askPatiently(candidate, others, patience, progress, call, attempt)
      const { label, price } = candidate
      const { detours, abandonedCalls } = progress
      return { result, answered: { model: label.name, price, detours, abandonedCalls } }
    } catch (error) {
      if (options.abortSignal?.aborted || !(error instanceof NitroError)) throw error
      failures.push(error)
      progress.detours.push({ model: candidate.label.name, reason: inShort(error) })
      const isOver = progress.calls >= patience.tries || performance.now() > endsAt - spare(patience)
      if (failureKind(error) === 'final' || isOver) break
    }
  }
  throw inOne(failures, progress.detours)
}

/** What was asked for failed in this way, and nobody could stand in. */
function inOne([first, ...others]: readonly NitroError[], [, ...detours]: Answered['detours']): NitroError | undefined {
  if (!first || others.length === 0) return first
  const { code, message, cause, retryAfterSeconds } = first
  const standIns = detours.map(({ model, reason }) => `${model} ${reason}`).join(', ')
  return new NitroError(code, `${message} Nobody could stand in: ${standIns}.`, {
    cause,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })
}

async function askPatiently<Result>(
  candidate: Candidate,
  others: readonly Candidate[],
  patience: Patience,
  progress: Progress,
  call: Call<Result>,
  attempt: Attempt<Result>,
): Promise<Result> {
  candidate.line?.retries.requestMade()
  for (let retry = 0; ; retry++) {
    progress.sharesTime = others.some((other) => other.line?.wouldLet() ?? true)
    try {
      return await attempt(candidate, patience, progress, call)
    } catch (error) {
      const canTurn = others.some((other) => other.line?.wouldLet() ?? true)
      const waitMs = pauseBefore(retry, error, canTurn, patience)
      const isLate = waitMs === undefined || performance.now() + waitMs > progress.endsAt - spare(patience)
      const { abortSignal } = progress.options
      if (isLate || abortSignal?.aborted || progress.calls >= patience.tries - (canTurn ? 1 : 0)) throw error
      if (!candidate.line?.wouldLet() || !candidate.line.retries.take()) throw error
      await sleep(waitMs, undefined, { signal: abortSignal }).catch(() => {
        throw abortSignal?.reason
      })
    }
  }
}

/** Full jitter, so that those who failed together do not come back together. Undefined: trying again has no point. */
function pauseBefore(retry: number, error: unknown, canTurn: boolean, patience: Patience): number | undefined {
  if (!(error instanceof NitroError)) return undefined
  const kind = failureKind(error)
  // Somebody else can answer now, which is sooner than a provider that asks for time.
  if (kind !== 'passing' && (kind !== 'limited' || canTurn)) return undefined
  const jitter = Math.random() * Math.min(patience.retryMaxMs, patience.retryBaseMs * 2 ** retry)
  if (error.retryAfterSeconds === undefined) return jitter
  return error.retryAfterSeconds > patience.retryAfterMaxSeconds ? undefined : error.retryAfterSeconds * 1000 + jitter
}

type Attempt<Result> = (
  candidate: Candidate,
  patience: Patience,
  progress: Progress,
  call: Call<Result>,
) => Promise<Result>

/** One call: through the breaker, then through the door, and how it went is told to both. */
async function once<Result>(
  candidate: Candidate,
  patience: Patience,
  progress: Progress,
  call: Call<Result>,
  options: LanguageModelV4CallOptions = progress.options,
  entered?: () => void,
): Promise<Result> {
  const { line, label, model } = candidate
  const remainingSeconds = Math.max(0.05, (progress.endsAt - performance.now()) / 1000)
  const deadlines = withinRemaining(patience.deadlines, remainingSeconds, progress.sharesTime)
  if (!line) {
    progress.calls++
    return call({ model, options, label, deadlines })
  }
  const pass = line.enter()
  if (!pass) throw line.closedFailure()
  const place = line.admission.enter({
    priority: priorityOf(options),
    signal: options.abortSignal,
    withinMs: deadlines.firstSeconds * 1000,
  })
  let leave
  try {
    leave = typeof place === 'function' ? place : await place
  } catch (error) {
    pass.givenUp()
    throw error
  }
  const startedAt = performance.now()
  progress.calls++
  entered?.()
  let hasBegun = false
  const onEnd = (failure?: unknown) => {
    leave()
    if (hasBegun && failure instanceof NitroError) line.brokeOff(failure)
  }
  try {
    const result = await call({ model, options, label, deadlines, onEnd })
    hasBegun = true
    line.succeeded(pass)
    if (call === (beginGuarded as unknown)) line.latencies.note(label.name, performance.now() - startedAt)
    return result
  } catch (error) {
    tell(candidate, pass, error, options, progress)
    throw error
  }
}

function tell(
  { line, label, model }: Candidate,
  pass: Pass,
  error: unknown,
  { abortSignal }: LanguageModelV4CallOptions,
  progress: Progress,
): void {
  if (abortSignal?.aborted) return line?.abandoned(pass)
  // The provider had the prompt and was working on it when our patience ended.
  if (error instanceof NitroError && failureKind(error) === 'slow') progress.abandonedCalls++
  line?.failed(pass, error, () => generateGuarded({ model, options: probe, label, deadlines: probeDeadlines }))
}

/** The smallest thing that one can ask; asked of providers only while they fail. */
const probe: LanguageModelV4CallOptions = {
  prompt: [{ role: 'user', content: [{ type: 'text', text: 'Say OK.' }] }],
  maxOutputTokens: 16,
}
const probeDeadlines: Deadlines = { firstSeconds: 10, idleSeconds: 10, totalSeconds: 10 }

/** Asks a second time when the first answer is later than nearly all before it; whoever begins first goes on. */
const hedged: Attempt<Awaited<ReturnType<typeof beginGuarded>>> = (candidate, patience, progress, call) => {
  const { line } = candidate
  const predictedMs = patience.hedge ? line?.latencies.predictMs(candidate.label.name) : undefined
  if (!line || predictedMs === undefined) return once(candidate, patience, progress, call)
  return openHedged({
    signal: progress.options.abortSignal,
    afterMs: Math.max(patience.hedgeMinMs, predictedMs * 1.5),
    open: (signal, entered) =>
      once(candidate, patience, progress, call, { ...progress.options, abortSignal: signal }, entered),
    mayAskAgain: () => progress.calls < patience.tries && line.isIdle() && line.retries.take(),
    onAbandoned: () => progress.abandonedCalls++,
  })
}

const withinRemaining = (deadlines: Deadlines, seconds: number, isShared: boolean): Deadlines => ({
  firstSeconds: rounded(Math.min(deadlines.firstSeconds, isShared ? seconds / 2 : seconds)),
  idleSeconds: deadlines.idleSeconds,
  totalSeconds: rounded(seconds),
})

/** With less time than this left, another call is not worth its price. */
const spare = ({ deadlines }: Patience) => Math.min(1_000, deadlines.totalSeconds * 100)

/** These numbers stand in sentences. */
const rounded = (seconds: number) => (seconds > 1 ? Math.round(seconds) : Math.round(seconds * 100) / 100)

function priorityOf({ providerOptions }: LanguageModelV4CallOptions): number {
  const ours = providerOptions?.['nitro'] as Pick<EvidenceOptions, 'priority'> | undefined
  return ours?.priority === 'background' ? 0 : 1
}

/** For "openai/gpt was rate limited; answered by …". */
function inShort({ code }: NitroError): string {
  if (code === 'model_rate_limited') return 'was rate limited'
  if (code === 'model_unauthorized') return 'refused its key'
  if (code === 'model_timeout') return 'took too long'
  if (code === 'model_not_found') return 'does not exist'
  return 'did not answer'
}
