import type { Call } from '../../call.ts'
import type { Price } from './port.ts'

/** Whose caps hold for a call, and who spends. */
export type Payer = Pick<Call, 'actor' | 'log'>

/** What a call takes; `usd` is null where nobody knows the price. */
export interface Taken {
  tokens: number
  usd: number | null
}

export interface BilledCall {
  /** Its name, for the sentence that refuses it. */
  model: string
  /** The most that it can take. Asked only where a cap holds. */
  most(): Taken
  /** What it takes even if nothing ever comes of it. */
  least(): Taken
}

/** A call that may be made now. */
export interface Metered {
  /** Something was set aside for it, so it may take no more than that. */
  isLimited: boolean
  /** With what it has taken, whatever became of it. The first time counts, and nobody waits for it. */
  settle(taken: Taken): void
}

/** The one place that every call passes which a provider bills. */
export interface Meter {
  /**
   * Sets the most that the call can take aside. Throws `spending_cap_reached`, and then nothing was. A call that nobody
   * pays for is a mistake of ours, and is not made.
   */
  begin(payer: Payer | undefined, call: BilledCall): Promise<Metered>
}

export const costOf = (price: Price | null, inputTokens: number, outputTokens: number): number | null =>
  price && (inputTokens * price.inputUsd + outputTokens * price.outputUsd) / 1_000_000

/** No token is less than a byte, so this is the most; of ordinary text it is enough for four calls. */
export const tokensAtMost = (text: string): number => Buffer.byteLength(text)

/** Four characters of an alphabet make a token in today's models, or one of a script such as Han. */
export function likelyTokens(text: string): number {
  let quarters = 0
  for (const character of text) quarters += character.codePointAt(0)! >= 0x2e80 ? 4 : 1
  return Math.ceil(quarters / 4)
}
