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
  /** The formulations that brought it, by their place in the explanation's list, each with the hit's place in what it found. */
  formulations: z.array(z.object({ index: z.number().int(), rank: z.number().int() })),
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

/** One way in which the question was put into words. */
export const SearchFormulation = z.object({
  text: z.string(),
  /** As a whole, one of several questions in it, with acronyms spelled out or names shortened, or by a language model. */
  by: z.enum(['asked', 'question', 'acronym', 'model']),
  /** That it brought; they are merged. */
  passages: z.number().int(),
})
export type SearchFormulation = z.infer<typeof SearchFormulation>

/** What a search went without. */
export const SearchNotice = z.object({
  /** Collections without a vector of the question; a question that no language model reworded, although one was asked to. */
  code: z.enum(['searched_by_words', 'reworded_by_rules']),
  message: z.string(),
  /** Which ones, where it is about collections. */
  collectionIds: z.array(z.uuid()).optional(),
})
export type SearchNotice = z.infer<typeof SearchNotice>

export const SearchExplanation = z.object({
  /** What was searched for, where that is not what was asked. */
  rewritten: z.string().nullable(),
  /** All that was searched for, the question as a whole first. */
  formulations: z.array(SearchFormulation),
  /** Why no language model reworded it, when one was asked to. */
  modelFailure: z.string().nullable(),
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
