import type { ConsensusData } from '@nitroagi/shared/runs'
import type { Embedder } from '../ports/embedder/port.ts'
import type { Call } from '../call.ts'
import { termsOf } from '../terms.ts'

/** An answer as it is compared: its words, and the spans of documents that it cites. */
export interface Compared {
  text: string
  cited: readonly { entryId: string; start: number; end: number }[]
}

export interface Pair {
  /** Cosine of the texts' vectors. */
  meaning: number
  /** Shared numbers: "1930" and "1931" mean nearly the same to a vector and are not the same answer. */
  figures: number | null
  /** Shared cited spans. */
  sources: number | null
  overall: number
}

/** Below this, two answers do not say the same. */
export const sameFrom = 0.6

export interface Agreement {
  summary: ConsensusData['agreement']
  /** By the two answers' places; undefined on the diagonal. */
  pairs: (Pair | undefined)[][]
}

/** How far answers say the same thing, in measured parts. Strings are never compared for being equal. */
export async function measureAgreement(
  answers: readonly Compared[],
  embedder: Pick<Embedder, 'embed'>,
  call: Call,
): Promise<Agreement> {
  const texts = answers.map(({ text }) => bare(text))
  const { meaning, basis } = await meaningOf(texts, embedder, call)
  const pairs = answers.map((one, index) =>
    answers.map((other, place): Pair | undefined => {
      if (index === place) return undefined
      const figures = overlap(figuresIn(texts[index]!), figuresIn(texts[place]!))
      const near = meaning(index, place)
      return { meaning: near, figures, sources: sharedSpans(one, other), overall: near * (figures ?? 1) }
    }),
  )
  const all = pairs.flat().filter((pair) => pair !== undefined)
  const over = (part: keyof Pair) => mean(all.map((pair) => pair[part]).filter((value) => value !== null))
  return {
    pairs,
    summary: {
      overall: over('overall'),
      meaning: over('meaning'),
      figures: over('figures'),
      sources: over('sources'),
      basis: `${basis}, times the share of numbers that both name`,
    },
  }
}

export const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : Math.round((values.reduce((sum, value) => sum + value, 0) / values.length) * 1000) / 1000

async function meaningOf(texts: readonly string[], embedder: Pick<Embedder, 'embed'>, call: Call) {
  if (texts.length < 2) return { basis: 'nothing to compare', meaning: () => 0 }
  try {
    const vectors = await embedder.embed(
      texts.map((text) => text.slice(0, 2_000)),
      call.signal,
      'question',
      { payer: call },
    )
    const basis = 'likeness of meaning (cosine of embeddings)'
    const cosine = (one: number, other: number) =>
      clamp(vectors[one]!.reduce((sum, value, place) => sum + value * vectors[other]![place]!, 0))
    return { basis, meaning: cosine }
  } catch (error) {
    if (call.signal.aborted) throw error
    const stems = texts.map((text) => new Set(termsOf(text).flatMap((term) => (term.isCommon ? [] : [term.stem]))))
    const shared = (one: number, other: number) => {
      const both = [...stems[one]!].filter((stem) => stems[other]!.has(stem)).length
      return clamp(both / Math.max(1, stems[one]!.size + stems[other]!.size - both))
    }
    return { basis: 'shared words, because no embedding could be made', meaning: shared }
  }
}

const clamp = (value: number) => Math.min(1, Math.max(0, value))

/** Without the marks of citations and quotations, which say nothing. */
const bare = (text: string): string =>
  text
    .replace(/\[\d{1,3}\]/g, '')
    .replace(/^>\s?/gm, '')
    .trim()

const figuresIn = (text: string): Set<string> =>
  new Set((text.match(/\d+(?:[.,]\d+)*/g) ?? []).map((figure) => figure.replaceAll(',', '')))

function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): number | null {
  if (one.size === 0 || other.size === 0) return null
  return [...one].filter((value) => other.has(value)).length / Math.min(one.size, other.size)
}

function sharedSpans(one: Compared, other: Compared): number | null {
  if (one.cited.length === 0 || other.cited.length === 0) return null
  const [few, many] = one.cited.length <= other.cited.length ? [one.cited, other.cited] : [other.cited, one.cited]
  const shared = few.filter((span) =>
    many.some(({ entryId, start, end }) => entryId === span.entryId && start < span.end && span.start < end),
  )
  return shared.length / few.length
}
