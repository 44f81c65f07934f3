/** BM25's saturation and length normalisation. */
export const bm25 = { k1: 0.8, b: 0.6 }

/** What a cosine of 1 is worth beside BM25. */
export const vectorWeight = 14
