/** Failed sign-ins, by subject: an account or a client address, never in clear text. */
export interface SignInAttemptsRepository {
  /**
   * Counts the attempt as failed before it is tried, so that many at once cannot outrun the limit. Locked when any
   * subject has `limit` failures within the window; nothing is counted then.
   */
  begin(subjects: readonly string[], limit: { failures: number; seconds: number }): Promise<SignInAttempt>
  /** It did not fail after all: the account's failures are forgotten, other subjects keep their earlier ones. */
  succeed(attempt: SignInAttempt, account: string): Promise<void>
  /** It is no try after all: nothing is counted for it, and nothing forgotten. */
  withdraw(attempt: SignInAttempt): Promise<void>
  /** All that was counted for it. */
  forget(subject: string): Promise<void>
}

export interface SignInAttempt {
  /** Set when there were too many. */
  lockedSeconds: number | undefined
  subjects: readonly string[]
  at: string
}
