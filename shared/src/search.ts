import { z } from 'zod'

/** Stages of a search, in their order. */
export const SearchStage = z.enum(['scope', 'filter', 'words', 'meaning', 'fusion', 'rerank', 'arrangement', 'limit'])
export type SearchStage = z.infer<typeof SearchStage>

/** How one hit came to its place. Ranks count from 1; null where a stage did not bring it or did not take place. */
export const HitExplanation = z.object({
  /** The question's word stems that it has, with what each adds to its score for words. */
  terms: z.array(z.object({ term: z.string(), frequency: z.number().int(), score: z.number() })),
  /** The cosine of its vector and the question's. */
  cosine: z.number().nullable(),
  embeddingModel: z.string().nullable(),
  ranks: z.object({
    words: z.number().int().nullable(),
    meaning: z.number().int().nullable(),
    fusion: z.number().int(),
    rerank: z.number().int().nullable(),
    final: z.number().int(),
  }),
  rerankScore: z.number().nullable(),
  /** Neighbours on the same page that were hits too and were joined to it. */
  joined: z.number().int(),
})
export type HitExplanation = z.infer<typeof HitExplanation>

/** Where a document that somebody misses was lost, or where it stands. */
export const DocumentStanding = z.object({
  documentId: z.uuid(),
  /** Null when it is among the hits. */
  lostAt: SearchStage.nullable(),
  reason: z.string(),
  /** Of its best passage, stage by stage; null where it did not come so far. */
  ranks: z.object({
    words: z.number().int().nullable(),
    meaning: z.number().int().nullable(),
    fusion: z.number().int().nullable(),
    rerank: z.number().int().nullable(),
    final: z.number().int().nullable(),
  }),
  scores: z.object({ lexical: z.number().nullable(), vector: z.number().nullable() }),
})
export type DocumentStanding = z.infer<typeof DocumentStanding>

export const SearchExplanation = z.object({
  /** What was searched for, where that is not what was asked. */
  rewritten: z.string().nullable(),
  /** Languages that the question was taken for, the likeliest first, by the names of their stemmers. */
  languages: z.array(z.string()),
  /** Its stems that the collections have, the rarest first: in how many passages, and what one is worth. */
  terms: z.array(z.object({ term: z.string(), passages: z.number().int(), weight: z.number() })),
  stages: z.array(
    z.object({
      stage: SearchStage,
      /** Passages that came out of it. */
      passages: z.number().int(),
      ms: z.number().nullable(),
      note: z.string().nullable(),
    }),
  ),
  document: DocumentStanding.nullable(),
})
export type SearchExplanation = z.infer<typeof SearchExplanation>
