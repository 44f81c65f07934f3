import type { Begun } from './guarded.ts'

interface Hedge {
  signal: AbortSignal | undefined
  afterMs: number
  /** `entered` is called when the provider has been asked: waiting for a place is not the provider's slowness. */
  open(signal: AbortSignal, entered: () => void): Promise<Begun>
  mayAskAgain(): boolean
  /** A call whose answer somebody else was faster with. */
  onAbandoned(): void
}

/** The first of at most two calls to begin; the other is aborted at once. Fails when all that were made have failed. */
export function openHedged({ signal, afterMs, open, mayAskAgain, onAbandoned }: Hedge): Promise<Begun> {
  return new Promise((resolve, reject) => {
    const running = new Set<AbortController>()
    let isDecided = false
    let firstFailure: { error: unknown } | undefined
    let timer: NodeJS.Timeout | undefined

    const start = (entered: () => void) => {
      const leave = new AbortController()
      running.add(leave)
      open(signal ? AbortSignal.any([signal, leave.signal]) : leave.signal, entered).then(
        (begun) => {
          running.delete(leave)
          if (isDecided) return begun.leave(undefined)
          isDecided = true
          clearTimeout(timer)
          for (const other of running) {
            onAbandoned()
            other.abort(new Error('Another call was faster'))
          }
          resolve(begun)
        },
        (error: unknown) => {
          running.delete(leave)
          firstFailure ??= { error }
          if (isDecided || running.size > 0) return
          isDecided = true
          clearTimeout(timer)
          reject(firstFailure.error)
        },
      )
    }
    start(() => {
      timer = setTimeout(() => {
        if (!isDecided && mayAskAgain()) start(() => {})
      }, afterMs)
    })
  })
}
