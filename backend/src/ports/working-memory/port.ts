import { z } from 'zod'

/**
 * Short-lived memory that processes share. Nothing in it is the only copy of anything: it may be emptied at any moment.
 * Every method rejects with NitroError `unavailable` when the memory is away or slow; whoever asks goes on without it.
 */
export interface WorkingMemory {
  /** What is held for a conversation, newest first; nothing is known of one that is new, faded or forgotten. */
  recall(scope: MemoryScope): Promise<Remembered>
  /**
   * Adds notes, or replaces those with the same id, and starts the time to live anew. Beyond `notesAtMost` the weakest fall
   * out: each is handed back once, so that it can be summarised, together with the summary held so far.
   */
  remember(scope: MemoryScope, notes: readonly Note[]): Promise<{ fellOut: Note[]; summary: string }>
  /** Replaces the summary of what fell out. It fades together with the notes. */
  summarise(scope: MemoryScope, summary: string): Promise<void>
  forget(scope: MemoryScope): Promise<void>

  /**
   * Takes one from each of these meters of the workspace, or from none when one of them has nothing left. Where `atOnce`
   * is counted, `lease` is under way from then on: until `release`, or `leaseSeconds` after the last `take` or `hold`.
   * In any `windowSeconds` never more than `atMost` are taken; what was taken comes back by twelfths of that.
   */
  take(workspaceId: string, meters: readonly Meter[], lease: string): Promise<Taken>
  /** What the lease was taken for is still under way. */
  hold(workspaceId: string, names: readonly string[], lease: string): Promise<void>
  release(workspaceId: string, names: readonly string[], lease: string): Promise<void>

  /** Adds one and gives the count so far; the count ends `ttlSeconds` after its first. */
  count(workspaceId: string, name: string, ttlSeconds: number): Promise<number>
  /** Undefined when it was never put, or has expired. */
  cached(workspaceId: string, name: string): Promise<string | undefined>
  cache(workspaceId: string, name: string, value: string, ttlSeconds: number): Promise<void>

  /** To all that listen now, in any process; nothing is kept for those who do not. */
  publish(workspaceId: string, channel: string, message: string): Promise<void>
  /** Listening when it resolves; what comes back ends it. */
  subscribe(workspaceId: string, channel: string, hear: (message: string) => void): Promise<() => Promise<void>>

  /** Rejects when it is of no use at the moment; may say in a sentence what runs. */
  check(): Promise<string | void>
  close(): Promise<void>
}

/** 7 ± 2: as much as one can hold in mind at once. */
export const notesAtMost = 9
/** How long it takes for half of a note's relevance to fade. */
export const halfLifeMs = 30 * 60 * 1000

/** How long something counts as under way when whoever began it says nothing more, as after a crash. */
export const leaseSeconds = 90
/** A window is counted in so many parts; a part is forgotten as a whole, once all of it is older than the window. */
export const windowParts = 12

export interface Meter {
  name: string
  atMost: number
  windowSeconds: number
  /** Null when it does not matter how many are under way together. */
  atOnce: number | null
}

export interface Taken {
  /** Which meter had nothing left, and why; then nothing was taken. */
  refused: { meter: number; by: 'window' | 'at-once' } | undefined
  /** As the meters stand now, in their order. */
  readings: Reading[]
}

export interface Reading {
  spent: number
  underWay: number
  /** When the oldest part of what was spent comes back; now, when nothing was. */
  nextFreeAtMs: number
}

export interface MemoryScope {
  workspaceId: string
  conversationId: string
}

/** One thing held in mind: a turn of a conversation, in its own words. */
export const Note = z.object({
  id: z.string(),
  question: z.string(),
  /** The first sentences of the answer and what it cited. */
  gist: z.string(),
  /** What the turn was about, for a follow-up that says only "it". */
  subject: z.string(),
  createdAtMs: z.number(),
  /** 0..1: how much of a question it answered to, as it was at `usedAtMs`; fades from there. */
  relevance: z.number(),
  /** When it was last recalled, or else made. */
  usedAtMs: z.number(),
  uses: z.number(),
})
export type Note = z.infer<typeof Note>

export interface Remembered {
  notes: Note[]
  summary: string
}
