import { type SearchText, searchText } from './lexemes.ts'

/** A title's words count as if they stood in the passage so many times. */
const titleWeight = 2

/** What the words of a passage are taken from. */
export interface Worded {
  content: string
  /** The heading that it stands under. */
  heading: string
  /** What its document is called. */
  title: string
  tags: readonly string[]
}

/** Columns for `unnest`, in the order of `wordColumns`; PostgreSQL makes lexemes of them with `countedWords`. */
export function wordsOf(entries: readonly Worded[]): string[][] {
  const bodies = entries.map((entry) => searchText(entry.content))
  // Most passages of a batch stand under the same.
  const known = new Map<string, SearchText>()
  const titles = entries.map((entry) => {
    const title = [entry.title, entry.heading, ...entry.tags].join(' ')
    const found = known.get(title) ?? searchText(title)
    known.set(title, found)
    return found
  })
  return [
    bodies.map((body) => body.config),
    bodies.map((body) => body.words),
    bodies.map((body) => body.pairs.join(' ')),
    titles.map((title) => title.words),
    titles.map((title) => title.pairs.join(' ')),
  ]
}

export const wordColumns = 'config, words, pairs, title_words, title_pairs'

/** Distinct lexemes with their counts for each row of `rows`, and the sum of the counts. */
export const countedWords = (rows: string) => `LATERAL (
  SELECT coalesce(array_agg(lexeme), '{}') AS lexemes, coalesce(array_agg(least(count, 32767)::smallint), '{}') AS frequencies,
    coalesce(sum(count), 0) AS length
  FROM (
    SELECT lexeme, sum(count) AS count FROM (
      SELECT lexeme, cardinality(positions) AS count FROM unnest(to_tsvector(${rows}.config::regconfig, ${rows}.words))
      UNION ALL SELECT lexeme, ${titleWeight} * cardinality(positions)
        FROM unnest(to_tsvector(${rows}.config::regconfig, ${rows}.title_words))
      UNION ALL SELECT pair, 1 FROM unnest(string_to_array(nullif(${rows}.pairs, ''), ' ')) AS pair
      UNION ALL SELECT pair, ${titleWeight} FROM unnest(string_to_array(nullif(${rows}.title_pairs, ''), ' ')) AS pair
    ) counted GROUP BY lexeme
  ) summed
)`
