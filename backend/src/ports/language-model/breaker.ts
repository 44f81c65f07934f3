export interface BreakerSettings {
  /** Calls that ended longer ago say nothing about now. */
  windowSeconds: number
  /** Fewer failures than this prove nothing, however large their share. */
  minimumFailures: number
  /** The share of failed calls at which it opens. */
  failureShare: number
  /** The first pause; it doubles with every trial that fails. */
  openSeconds: number
  openSecondsMax: number
}

/** The right to make one call. Says once how it went; a call that was given up says nothing about the provider. */
export interface Pass {
  succeeded(): void
  /** `pauseSeconds`: how long the provider itself asked to be left alone. */
  failed(pauseSeconds?: number): void
  givenUp(): void
}

const slices = 10

/** Stops asking a provider that mostly fails: closed while it works, open for a pause, then one call to try it. */
export function createBreaker(settings: BreakerSettings, now: () => number = () => performance.now()) {
  const sliceMs = (settings.windowSeconds * 1000) / slices
  let window: { at: number; calls: number; failures: number }[] = []
  let state: 'closed' | 'open' | 'trying' = 'closed'
  let pauseSeconds = 0
  let openUntil = 0

  function counts() {
    window = window.filter(({ at }) => at > now() - settings.windowSeconds * 1000)
    return window.reduce(
      (sum, slice) => ({ calls: sum.calls + slice.calls, failures: sum.failures + slice.failures }),
      { calls: 0, failures: 0 },
    )
  }
  function count(failures: number): void {
    const last = window.at(-1)
    if (last && last.at > now() - sliceMs) {
      last.calls++
      last.failures += failures
    } else window.push({ at: now(), calls: 1, failures })
  }
  function open(askedFor: number): void {
    state = 'open'
    pauseSeconds = Math.min(pauseSeconds === 0 ? settings.openSeconds : pauseSeconds * 2, settings.openSecondsMax)
    openUntil = now() + Math.min(Math.max(pauseSeconds, askedFor), settings.openSecondsMax) * 1000
  }

  function pass(isTrial: boolean): Pass {
    let isOver = false
    const once = (work: () => void) => () => {
      if (isOver) return
      isOver = true
      work()
    }
    return {
      succeeded: once(() => {
        count(0)
        if (!isTrial) return
        state = 'closed'
        pauseSeconds = 0
        window = []
      }),
      failed: (askedFor = 0) =>
        once(() => {
          count(1)
          if (isTrial) return open(askedFor)
          if (state !== 'closed') return
          const { calls, failures } = counts()
          if (failures >= settings.minimumFailures && failures / calls >= settings.failureShare) open(askedFor)
        })(),
      givenUp: once(() => {
        if (isTrial) state = 'open'
      }),
    }
  }

  return {
    /** Undefined while nobody should call. */
    enter(): Pass | undefined {
      if (state === 'closed') return pass(false)
      if (state === 'trying' || now() < openUntil) return undefined
      state = 'trying'
      return pass(true)
    },
    /** A trial before its time, for whoever watches over failing providers; undefined when none is needed. */
    enterEarly(): Pass | undefined {
      if (state !== 'open') return undefined
      state = 'trying'
      return pass(true)
    },
    /** For what becomes known of a call after its pass was used: an answer that broke off. */
    afterwards: () => pass(false),
    wouldLet: () => state === 'closed' || (state === 'open' && now() >= openUntil),
    state: () => state,
    secondsToWait: () => (state === 'closed' ? 0 : Math.max(1, Math.ceil((openUntil - now()) / 1000))),
    counts,
  }
}

/**
 * How many second attempts a provider is worth: a share of its requests, and a few in hand for quiet times. In an
 * outage everybody's retries together stay under that share, however many people wait.
 */
export function createRetryBudget({ share, inHand }: { share: number; inHand: number }) {
  let tokens = inHand
  return {
    requestMade() {
      tokens = Math.min(inHand, tokens + share)
    },
    take(): boolean {
      if (tokens < 1) return false
      tokens--
      return true
    },
  }
}
