import type { ReactNode } from 'react'
import type { Document } from '@nitroagi/shared/knowledge'
import { sizeWords } from '../../ui/size-words.ts'
import { timeWords } from './source-words.ts'

export function DocumentFacts({ document }: { document: Document }) {
  const { mediaType, sizeBytes, pagesTotal, chunksTotal, language, documentDate, sourceUrl, version } = document
  const facts: [string, ReactNode][] = [
    ['Type', mediaType],
    ['Size', sizeWords(sizeBytes)],
    ...number('Pages', pagesTotal),
    ...number('Passages', chunksTotal),
    // The name of its stemming; what has none is searched word by word.
    ...(language && language !== 'simple' ? [['Language', capitalized(language)] as [string, ReactNode]] : []),
    ...(documentDate ? [['Dated', timeWords(documentDate)] as [string, ReactNode]] : []),
    ...(sourceUrl ? [['From', <Address key="from" url={sourceUrl} />] as [string, ReactNode]] : []),
    ['Version', version === 0 ? 'The first is being made' : version.toLocaleString('en')],
    ['Added', timeWords(document.createdAt)],
    ['Changed', timeWords(document.updatedAt)],
  ]
  return (
    <dl className="grid grid-cols-[5rem_1fr] gap-x-3 gap-y-1.5 text-sm">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-faint">{name}</dt>
          <dd className="[overflow-wrap:anywhere] tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const number = (name: string, value: number | null): [string, ReactNode][] =>
  value === null ? [] : [[name, value.toLocaleString('en')]]

const capitalized = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

const Address = ({ url }: { url: string }) => (
  <a href={url} target="_blank" rel="noreferrer noopener" className="underline underline-offset-2">
    {url}
  </a>
)
