'use client'

import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Download, ShieldAlert, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { AuditPage, AuditVerification, type AuditEntry } from '@nitroagi/shared/audit'
import { proxyBase, request } from '../../backend-client/request.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { countWords, momentWords } from '../../ui/amounts.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/section.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { auditAreas, factWords, viaWords } from './audit-words.ts'

/** Who changed what, when: nothing in it can be altered without showing. */
export function AuditLog() {
  const [area, setArea] = useState('')
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['audit', area],
    queryFn: ({ pageParam, signal }) => request(addressOf(area, pageParam), AuditPage, { signal }),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  })
  const entries = data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Section
      title="Audit log"
      description="Changes of rights, members, keys, secrets, caps and accounts. Each entry is sealed together with the one before it; none holds content or secrets."
    >
      <Verification />
      <div className="flex flex-wrap items-end justify-between gap-3">
        <SelectField label="Show" value={area} onChange={(event) => setArea(event.target.value)} className="w-52">
          <option value="">Everything</option>
          {auditAreas.map(({ noun, label }) => (
            <option key={noun} value={noun}>
              {label}
            </option>
          ))}
        </SelectField>
        <a
          href={`${proxyBase}/audit/export`}
          download="audit-log.jsonl"
          className="inline-flex h-9 items-center gap-2 rounded-md border border-line-strong bg-raised px-3 font-medium hover:bg-hover"
        >
          <Download aria-hidden className="size-4" />
          Export all as JSON Lines
        </a>
      </div>
      {error && <Notice level="error">{wordsOf(error)}</Notice>}
      {isPending && !error && <Loading />}
      {data && entries.length === 0 && <p className="text-ink-faint">Nothing of this kind has happened yet.</p>}
      {entries.length > 0 && <Entries entries={entries} />}
      {hasNextPage && (
        <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()} className="self-start">
          Show older entries
        </Button>
      )}
    </Section>
  )
}

function addressOf(area: string, cursor: string): string {
  const query = new URLSearchParams({ ...(area && { action: area }), ...(cursor && { cursor }) })
  return query.size > 0 ? `/audit?${query}` : '/audit'
}

function Verification() {
  const { data, error } = useQuery({
    queryKey: ['audit-verification'],
    queryFn: ({ signal }) => request('/audit/verification', AuditVerification, { signal }),
  })
  if (error) return <Notice level="error">{wordsOf(error)}</Notice>
  if (!data) return <p className="h-11 text-ink-faint">Checking the chain…</p>
  const entries = `${countWords(data.entries)} ${data.entries === 1 ? 'entry' : 'entries'}`
  if (!data.isWhole) {
    return (
      <Notice level="error">
        <ShieldAlert aria-hidden className="mr-1.5 inline size-4" />
        The chain is broken at entry {data.brokenAt} of {data.entries}: it, or one before it, was changed or removed.
      </Notice>
    )
  }
  return (
    <div role="status" className="flex flex-col gap-1 rounded-lg border border-line bg-panel px-3 py-2.5 text-sm">
      <p className="flex items-center gap-2 font-medium">
        <ShieldCheck aria-hidden className="size-4 text-accent" />
        The chain is whole, {entries}
      </p>
      {data.head && (
        <p className="text-ink-faint">
          Newest seal <span className="font-mono break-all">{data.head}</span>. Noted elsewhere, it shows later whether
          the end was cut off.
        </p>
      )}
    </div>
  )
}

const Entries = ({ entries }: { entries: readonly AuditEntry[] }) => (
  // Can be scrolled by keyboard where the table is wider than the page.
  <div tabIndex={0} role="region" aria-label="Entries of the audit log" className="overflow-x-auto">
    <table className="w-full min-w-160 text-left text-sm">
      <thead className="text-ink-soft">
        <tr className="border-b border-line-strong">
          {['When', 'Who', 'What', 'Details'].map((name) => (
            <th key={name} scope="col" className="py-2 pr-4 font-medium">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.sequence} className="border-b border-line align-top">
            <td className="py-2 pr-4 whitespace-nowrap text-ink-soft tabular-nums">
              <time dateTime={entry.at}>{momentWords(entry.at)}</time>
            </td>
            <td className="py-2 pr-4">
              {entry.actorName ?? (entry.actorId === null ? 'NitroAGI' : 'Somebody who is gone')}
              <span className="block text-ink-faint">{viaWords(entry.via)}</span>
            </td>
            <td className="py-2 pr-4 font-mono">{entry.action}</td>
            <td className="py-2 break-words text-ink-soft">
              {factWords(entry.facts)}
              {entry.targetId && <span className="block font-mono text-xs text-ink-faint">{entry.targetId}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
