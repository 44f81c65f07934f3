/** An answer with a measured confidence that somebody has rated. */
export interface RatedAnswer {
  /** As it was measured. */
  raw: number
  /** As it was shown, after ratings of that time had corrected it. */
  stated: number
  /** Share of thumbs up among those who rated it. */
  good: number
}

export interface ConfidenceRepository {
  /** Of that workspace and of no other; the newest first, at most `limit`. */
  rated(workspaceId: string, limit: number): Promise<RatedAnswer[]>
}
