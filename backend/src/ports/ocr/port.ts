/** Reads the letters in pictures. It sees nothing else in them. */
export interface Ocr {
  /** What reads, as a trace names it. */
  readonly id: string
  /** What it can read, for the person: "English". */
  readonly language: string
  /**
   * One picture at a time, so a picture may wait for others. Throws `invalid_input` when it cannot be decoded,
   * `step_failed` when reading takes too long (longer than usual, when `seconds` says so), `unavailable` when too many
   * wait; rejects when the signal aborts.
   */
  read(picture: Uint8Array, signal: AbortSignal, limits?: { seconds?: number }): Promise<PictureText>
  close(): Promise<void>
}

export interface PictureText {
  /** From top to bottom, without what is more likely a scratch than a letter; empty for a picture without text. */
  lines: string[]
  /** How sure the reader is of its words on average, 0..1, as it says itself; null without words. */
  confidence: number | null
  /** Where they stand, in order; a reader that cannot tell leaves it out. */
  words?: PictureWord[]
}

/** `lines[line].slice(start, end)`, in pixels of the picture from its upper left corner. */
export interface PictureWord {
  line: number
  start: number
  end: number
  x: number
  y: number
  width: number
  height: number
}
