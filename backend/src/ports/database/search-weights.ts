/** BM25's saturation and length normalisation; these and the weights below were fitted on questions of people (docs/guides/search.md). */
export const bm25 = { k1: 0.8, b: 0.6 }

/** What a cosine of 1 is worth beside BM25, for the models that this was measured of. */
export const vectorWeights: Readonly<Record<string, number>> = { 'use-lite': 13 }

/**
 * Another model's cosines may all lie between 0.7 and 0.9. What counts of them is how far they stand out among the candidates,
 * in standard deviations; so much each, on top of what the average candidate of a measured model gets. Of what has no vector
 * nothing is known, so it is taken for average.
 */
export const unmeasured = { typical: 4, deviation: 1.5 }
