/** Turns the rows that answers leave behind into hourly sums, for all workspaces. */
export interface MetricRollups {
  /**
   * Rolls up finished hours, at most a day of them, each as a whole or not at all; doing so twice changes nothing, and of
   * several processes one works while the others wait. `isDone` is false while more hours are finished than that.
   */
  rollUp(): Promise<{ hours: number; isDone: boolean }>
  /** Deletes a batch of old rows whose hours are rolled up; gives how many it deleted. */
  prune(): Promise<number>
}
