/** At-least-once work with backoff. Handlers must be idempotent; a job that is cut comes again. */
export interface JobQueue {
  /**
   * Registers the handler for a kind of job and starts taking work once `start` was called.
   * A handler that throws is retried with backoff up to `maxAttempts`, then `onDead` is told once.
   */
  handle<Payload extends object>(
    kind: string,
    options: JobOptions,
    handler: (payload: Payload, job: Job) => Promise<void>,
  ): void
  /**
   * Puts a job in. At most one of a `key` waits or runs: what is sent while one waits is dropped, and what is sent while
   * one runs comes after it (the latest of several), so that a job that has looked already is never taken for one to come.
   * Within `together` of the database it is part of that transaction, and comes only if the rest of it does.
   */
  send(kind: string, payload: object, options?: { key?: string; delaySeconds?: number }): Promise<void>
  start(): Promise<void>
  /** Takes no more work, waits for what runs up to `timeoutMs`, then aborts it; what was cut comes again later. */
  stop(timeoutMs: number): Promise<void>
  check(): Promise<void>
}

export interface JobOptions {
  /** Jobs of this kind at once in this process. */
  concurrency: number
  maxAttempts: number
  /** A job that has not ended or shown life by then is taken to be lost. */
  leaseSeconds: number
  /** Between two tries, each about twice the one before. Without it, from one second to half a minute. */
  pauses?: { firstSeconds: number; longestSeconds: number }
  /**
   * Is also done by itself, with an empty payload: once in each stretch of so many seconds (counted from midnight UTC, by
   * the database's clock), by one process of all, as soon in it as one is up. A stretch without any is left out.
   */
  everySeconds?: number
  onDead?: (payload: object, error: unknown) => Promise<void>
}

export interface Job {
  id: string
  /** 1 for the first try. */
  attempt: number
  signal: AbortSignal
}
