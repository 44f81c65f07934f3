import { NitroError } from '@nitroagi/shared/errors'

/** Gives the place back; the second time does nothing. */
export type Leave = () => void

export interface AdmissionSettings {
  /** How many may be inside at once. */
  places: number
  /** How long one has to wait to stand where the next higher priority begins. */
  ageingSeconds: number
  queueMax: number
}

interface Waiting {
  /** The moment at which somebody of priority 0 would have had to come to stand here. */
  rank: number
  admit(): void
}

/** Lets so many in at once; the rest wait, higher priority first, in order within one, and nobody for ever. */
export function createAdmission({ places, ageingSeconds, queueMax }: AdmissionSettings, label: string) {
  const queue: Waiting[] = []
  let active = 0

  function take(): Leave {
    active++
    let isInside = true
    return () => {
      if (!isInside) return
      isInside = false
      active--
      queue.shift()?.admit()
    }
  }

  /** Everybody ages at the same speed, so an order once found stays right. */
  function insert(entry: Waiting): void {
    let low = 0
    let high = queue.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (queue[middle]!.rank <= entry.rank) low = middle + 1
      else high = middle
    }
    queue.splice(low, 0, entry)
  }

  function wait({ priority, signal, withinMs }: Entrance): Promise<Leave> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (queue.length >= queueMax) {
      return Promise.reject(
        new NitroError('unavailable', `Too many requests wait for ${label}. Try again in a moment.`, {
          retryAfterSeconds: 5,
        }),
      )
    }
    return new Promise((resolve, reject) => {
      const entry: Waiting = { rank: performance.now() - priority * ageingSeconds * 1000, admit: () => end(resolve) }
      const giveUp = (reason: unknown) => {
        queue.splice(queue.indexOf(entry), 1)
        end(() => reject(reason))
      }
      const aborted = () => giveUp(signal?.reason)
      const late = setTimeout(
        () => giveUp(new NitroError('model_timeout', `${label} had no place free in time. Try again in a moment.`)),
        withinMs,
      )
      const end = (settle: (leave: Leave) => void) => {
        clearTimeout(late)
        signal?.removeEventListener('abort', aborted)
        settle(settle === resolve ? take() : () => {})
      }
      signal?.addEventListener('abort', aborted, { once: true })
      insert(entry)
    })
  }

  return {
    /** At once while there is a place. Rejects with the signal's reason, or when none came free in time. */
    enter: (entrance: Entrance): Leave | Promise<Leave> =>
      active < places && queue.length === 0 ? take() : wait(entrance),
    hasRoom: () => active < places && queue.length === 0,
    active: () => active,
    waiting: () => queue.length,
  }
}

export interface Entrance {
  /** Higher goes first. */
  priority: number
  signal: AbortSignal | undefined
  withinMs: number
}
