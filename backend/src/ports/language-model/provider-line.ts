import type { ProviderState } from '@nitroagi/shared/modules'
import { NitroError } from '@nitroagi/shared/errors'
import type { Log } from '../../log.ts'
import { createAdmission } from './admission.ts'
import { createBreaker, createRetryBudget, type BreakerSettings, type Pass } from './breaker.ts'
import { failureKind } from './failures.ts'
import { createLatencies } from './latencies.ts'

export interface LineSettings {
  breaker: BreakerSettings
  /** Calls at once to one provider. */
  places: number
  /** How often a failing provider is asked whether it is back; 0 leaves that to the next request. */
  probeSeconds: number
  /** Answers of a model that must have been timed before its latency is predicted. */
  latencySamples: number
  log?: Log | undefined
}

export type ProviderLine = ReturnType<typeof createProviderLine>

/** What is known about one provider under one key, and the way in to it: every call passes here and says how it went. */
export function createProviderLine(provider: string, settings: LineSettings) {
  const breaker = createBreaker(settings.breaker)
  const admission = createAdmission(
    { places: settings.places, ageingSeconds: 10, queueMax: Math.max(1_000, settings.places) },
    provider,
  )
  const retries = createRetryBudget({ share: 0.1, inHand: 10 })
  const latencies = createLatencies(settings.latencySamples)
  const totals = { succeeded: 0, failed: 0, abandoned: 0 }
  let lastFailure: NitroError | undefined
  let probeTimer: NodeJS.Timeout | undefined
  let probe: (() => Promise<unknown>) | undefined
  let isClosed = false

  /** While it works nothing is asked; each answer of a real request says more than a probe. */
  function watch(): void {
    if (isClosed || probeTimer || settings.probeSeconds === 0) return
    probeTimer = setTimeout(() => {
      probeTimer = undefined
      if (breaker.state() === 'closed') return
      const pass = breaker.enterEarly()
      if (!pass || !probe) return watch()
      probe().then(
        () => line.succeeded(pass),
        (error: unknown) => line.failed(pass, error),
      )
    }, settings.probeSeconds * 1000).unref()
  }

  const line = {
    admission,
    retries,
    latencies,
    enter: (): Pass | undefined => breaker.enter(),
    wouldLet: (): boolean => breaker.wouldLet(),
    /** Healthy, and with a place that nobody waits for. */
    isIdle: (): boolean => breaker.state() === 'closed' && admission.hasRoom(),
    succeeded(pass: Pass): void {
      totals.succeeded++
      const wasDown = breaker.state() !== 'closed'
      pass.succeeded()
      if (wasDown && breaker.state() === 'closed') settings.log?.info('model-provider-back', { provider })
    },
    /** An answer that broke off after it had begun. */
    brokeOff: (error: unknown): void => line.failed(breaker.afterwards(), error),
    failed(pass: Pass | undefined, error: unknown, probeWith?: () => Promise<unknown>): void {
      totals.failed++
      const kind = error instanceof NitroError ? failureKind(error) : 'passing'
      // What lies in the request says nothing about the provider, except that it is there.
      if (kind === 'request' || kind === 'final') return pass?.succeeded()
      const wasUp = breaker.state() === 'closed'
      if (error instanceof NitroError) {
        lastFailure = error
        pass?.failed(error.retryAfterSeconds)
      } else pass?.failed()
      probe = probeWith ?? probe
      if (breaker.state() === 'closed') return
      if (wasUp) settings.log?.warn('model-provider-failing', { provider, ...breaker.counts(), error })
      watch()
    },
    abandoned(pass: Pass): void {
      totals.abandoned++
      pass.givenUp()
    },
    /** Said instead of a call while nobody should make one. */
    closedFailure(): NitroError {
      const seconds = breaker.secondsToWait()
      const { code, message } = lastFailure ?? { code: 'model_failed', message: `${provider} keeps failing.` }
      return new NitroError(code, `${message} ${provider} is asked again in ${seconds} s.`, {
        retryAfterSeconds: seconds,
        cause: lastFailure?.cause,
      })
    },
    state(): ProviderState {
      const state = breaker.state()
      return {
        provider,
        status: state === 'closed' ? 'ok' : state === 'open' ? 'failing' : 'trying',
        ...breaker.counts(),
        active: admission.active(),
        waiting: admission.waiting(),
        places: settings.places,
        retryInSeconds: state === 'closed' ? null : breaker.secondsToWait(),
        detail: state === 'closed' ? null : (lastFailure?.message ?? null),
        totals: { ...totals },
        models: latencies.all().map(({ model, measured }) => {
          const predicted = latencies.predictMs(model)
          return { id: model, firstDeltaMs: predicted === undefined ? null : Math.round(predicted), measured }
        }),
      }
    },
    close(): void {
      isClosed = true
      clearTimeout(probeTimer)
      probeTimer = undefined
    },
  }
  return line
}
