'use client'

import type { SearchHit } from '@nitroagi/shared/knowledge'
import type { HitExplanation, SearchExplanation, SearchStage } from '@nitroagi/shared/search'
import { wordsOf } from '../../backend-client/words.ts'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { plural } from './document-words.ts'
import type { SearchFilter } from './search-filter.ts'
import { useExplanation } from './use-search.ts'

type WhyProps = { id: string; query: string; filter: SearchFilter; hit: SearchHit }

/** What every stage of the search thought of one passage. */
export function WhyThisResult({ id, query, filter, hit }: WhyProps) {
  const { data, error } = useExplanation(query, filter, undefined, true)
  const explained = data?.hits.find(({ entryId }) => entryId === hit.entryId)?.explanation
  return (
    <div id={id} className="mt-1 flex max-w-[75ch] flex-col gap-2 rounded-md bg-hover px-3 py-2 text-sm">
      {error && <Notice level="error">{wordsOf(error)}</Notice>}
      {!data && !error && <Skeleton className="h-10 w-full" />}
      {data && !explained && <p>The documents have changed since. Search again.</p>}
      {explained && <Reasons {...explained} score={hit.score} />}
    </div>
  )
}

function Reasons({ terms, cosine, ranks, joined, rerankScore, score }: HitExplanation & { score: number }) {
  return (
    <>
      {terms.length > 0 ? (
        <p>
          Words of the question in it:{' '}
          {terms.map(({ term, frequency, score: worth }, index) => (
            <span key={term}>
              {index > 0 && ', '}
              <span className="whitespace-nowrap">
                <span className="font-medium">{term}</span>{' '}
                <span className="text-ink-soft tabular-nums">
                  {frequency > 1 && `${frequency} × `}+{worth.toFixed(2)}
                </span>
              </span>
            </span>
          ))}
        </p>
      ) : (
        <p>No word of the question stands in it.</p>
      )}
      <p className="text-ink-soft tabular-nums">
        {cosine === null
          ? 'It was not compared by meaning.'
          : `Nearness in meaning ${cosine.toFixed(2)}, of 1 at most.`}{' '}
        {placeWords(ranks)} Score {score.toFixed(2)}
        {rerankScore !== null && `, by the reranker ${rerankScore.toFixed(2)}`}.
        {joined > 0 && ` Joined with ${plural(joined, 'neighbour')} on the same page.`}
      </p>
    </>
  )
}

function placeWords({ words, meaning, fusion, rerank }: HitExplanation['ranks']): string {
  const place = (rank: number | null, by: string) =>
    rank === null ? `not among the best by ${by}` : `number ${rank} by ${by}`
  const both = `It is ${place(words, 'words')}, ${place(meaning, 'meaning')} and number ${fusion} by both.`
  return rerank === null ? both : `${both} The reranker made it number ${rerank}.`
}

const stageNames: Record<SearchStage, string> = {
  scope: 'In the collections',
  filter: 'Left by the filter',
  words: 'With words of the question',
  meaning: 'Compared by meaning',
  fusion: 'Best of both',
  rerank: 'Looked at again',
  arrangement: 'Put in order',
  limit: 'Shown',
}

/** The way from all passages to those that are shown. */
export function SearchStages({ explanation: { stages, languages, rewritten } }: { explanation: SearchExplanation }) {
  return (
    <div className="flex flex-col gap-1 text-sm text-ink-soft">
      {rewritten && <p>Searched for “{rewritten}”.</p>}
      <p>The question was read as {languages.map(languageName).join(' or ')}. Passages left after each stage:</p>
      <dl className="grid max-w-md grid-cols-[1fr_auto_auto] gap-x-4 tabular-nums">
        {stages.map(({ stage, passages, ms, note }) => (
          <div key={stage} className="contents">
            <dt title={note ?? undefined}>{stageNames[stage]}</dt>
            <dd className="text-right">{passages}</dd>
            <dd className="text-right">{ms === null ? '' : `${Math.round(ms)} ms`}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

/** By the names that the database has for them; `simple` takes words as they are written. */
const languageName = (name: string) =>
  name === 'simple' ? 'words without a known language' : name.charAt(0).toUpperCase() + name.slice(1)
