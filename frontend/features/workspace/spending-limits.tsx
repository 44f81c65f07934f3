'use client'

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Pencil } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { WorkspaceSpending, type Cap, type Spent } from '@nitroagi/shared/spending'
import { z } from 'zod'
import { request } from '../../backend-client/request.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { countWords, monthWords, usdWords } from '../../ui/amounts.ts'
import { IconButton } from '../../ui/button.tsx'
import { Meter } from '../../ui/meter.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/section.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { CapDialog } from './cap-dialog.tsx'

const path = '/workspace/spending'
const spendingKey = ['workspace-spending']

/** Whose cap is being changed, and where it is sent. */
type Editing = { title: string; cap: Cap | null; common?: string; send: (cap: Cap | null) => Promise<unknown> }

const put = (to: string, body: unknown) => request(to, z.unknown(), { method: 'PUT', body })

export function SpendingLimits() {
  const queries = useQueryClient()
  const { data, error } = useQuery({
    queryKey: spendingKey,
    queryFn: ({ signal }) => request(path, WorkspaceSpending, { signal }),
    refetchInterval: 15_000,
  })
  const [editing, setEditing] = useState<Editing>()
  if (error) return <Notice level="error">{wordsOf(error)}</Notice>
  if (!data) return <Loading />
  return (
    <>
      <Section
        title={`The workspace in ${monthWords(data.month)}`}
        description="What language models have charged. Who has reached a cap gets answers that are quoted from documents alone, until it is lifted or the next month begins, at midnight UTC. No call begins that could go beyond it."
      >
        <SpendingRow
          title="Everybody together"
          cap={data.workspace.cap}
          spent={data.workspace.spent}
          onEdit={() =>
            setEditing({
              title: 'Cap of the workspace',
              cap: data.workspace.cap,
              send: (cap) => put(path, { workspace: cap ?? none }),
            })
          }
        />
      </Section>
      <Section title="Members" description="What each may spend. Who has no cap of their own has the common one.">
        <div className="flex items-center gap-3 border-y border-line py-2">
          <p className="flex-1">
            Common cap: <span className="text-ink-soft">{capWords(data.memberCap)}</span>
          </p>
          <EditButton
            label="Change the common cap of members"
            onClick={() =>
              setEditing({
                title: 'Common cap of members',
                cap: data.memberCap,
                send: (cap) => put(path, { member: cap ?? none }),
              })
            }
          />
        </div>
        <ul aria-label="Spending by member" className="flex flex-col gap-5">
          {data.members.map(({ userId, name, email, cap, spent }) => (
            <li key={userId}>
              <SpendingRow
                title={name ?? email}
                note={cap ? 'a cap of their own' : undefined}
                cap={cap ?? data.memberCap}
                spent={spent}
                onEdit={() =>
                  setEditing({
                    title: `Cap of ${name ?? email}`,
                    cap,
                    common: 'the common cap of members',
                    send: (cap) => put(`${path}/members/${userId}`, { cap }),
                  })
                }
              />
            </li>
          ))}
        </ul>
      </Section>
      <Section title="API keys" description="What a key spends counts for whoever made it, too.">
        {data.keys.length === 0 && <p className="text-ink-faint">There are no keys in this workspace.</p>}
        <ul aria-label="Spending by key" className="flex flex-col gap-5">
          {data.keys.map(({ keyId, name, prefix, cap, spent }) => (
            <li key={keyId}>
              <SpendingRow
                title={name}
                note={<span className="font-mono">{prefix}…</span>}
                cap={cap ?? none}
                spent={spent}
                onEdit={() =>
                  setEditing({
                    title: `Cap of the key ${name}`,
                    cap,
                    common: 'no cap of its own',
                    send: (cap) => put(`${path}/keys/${keyId}`, { cap }),
                  })
                }
              />
            </li>
          ))}
        </ul>
      </Section>
      {editing && (
        <CapDialog
          title={editing.title}
          cap={editing.cap}
          common={editing.common}
          onClose={() => setEditing(undefined)}
          send={async (cap) => {
            await editing.send(cap)
            await queries.invalidateQueries({ queryKey: spendingKey })
          }}
        />
      )}
    </>
  )
}

const none: Cap = { usd: null, tokens: null }

function capWords({ usd, tokens }: Cap): string {
  const parts = [usd === null ? [] : usdWords(usd), tokens === null ? [] : `${countWords(tokens)} tokens`].flat()
  return parts.length === 0 ? 'none' : `${parts.join(' and ')} a month`
}

type SpendingRowProps = { title: string; note?: ReactNode; cap: Cap; spent: Spent; onEdit: () => void }

const SpendingRow = ({ title, note, cap, spent, onEdit }: SpendingRowProps) => (
  <div className="flex flex-col gap-2">
    <div className="flex items-center gap-3">
      <p className="min-w-0 flex-1 truncate font-medium">
        {title}
        {note && <span className="font-normal text-ink-faint"> · {note}</span>}
      </p>
      <EditButton label={`Change the cap of ${title}`} onClick={onEdit} />
    </div>
    <Meter label="Money" used={spent.usd} held={spent.reservedUsd} most={cap.usd} format={usdWords} />
    <Meter label="Tokens" used={spent.tokens} held={spent.reservedTokens} most={cap.tokens} format={countWords} />
  </div>
)

const EditButton = ({ label, onClick }: { label: string; onClick: () => void }) => (
  <IconButton label={label} onClick={onClick}>
    <Pencil aria-hidden />
  </IconButton>
)
