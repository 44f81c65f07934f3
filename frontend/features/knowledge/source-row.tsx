'use client'

import { CalendarClock, Ellipsis, List, Pause, Play, RefreshCw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Source } from '@nitroagi/shared/sources'
import { wordsFor, wordsOf } from '../../backend-client/words.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Menu, MenuItem, MenuSeparator } from '../../ui/menu.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { plural } from './document-words.ts'
import { KindTile } from './kind-tile.tsx'
import { ScheduleField } from './schedule-field.tsx'
import { SourcePages } from './source-pages.tsx'
import { kindWords, scheduleWords, stateWords, timeWords } from './source-words.ts'
import { isFetching, useSourceActions } from './use-sources.ts'

const tiles = { url: 'PAGE', site: 'SITE', feed: 'FEED' } as const

export function SourceRow({ source, mayEdit }: { source: Source; mayEdit: boolean }) {
  const { fetchNow, change, remove, failure } = useSourceActions(source)
  const [asking, setAsking] = useState<'delete' | 'schedule' | 'pages'>()
  const close = () => setAsking(undefined)
  const isBusy = isFetching(source)
  return (
    <li className="flex items-start gap-3 border-b border-line py-3" data-status={source.status}>
      <KindTile text={tiles[source.kind]} />
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <p className="truncate font-medium" title={source.name}>
          {source.name}
        </p>
        <a
          href={source.url}
          target="_blank"
          rel="noreferrer noopener"
          className="w-fit max-w-full truncate text-sm text-ink-soft underline underline-offset-2 hover:text-ink"
        >
          {source.url}
        </a>
        <State source={source} />
        {failure && (
          <p role="alert" className="text-sm text-danger">
            {wordsOf(failure)}
          </p>
        )}
      </div>
      {mayEdit && !isBusy && source.status !== 'paused' && (
        <IconButton label={`Fetch ${source.name} now`} disabled={fetchNow.isPending} onClick={() => fetchNow.mutate()}>
          <RefreshCw aria-hidden />
        </IconButton>
      )}
      {mayEdit && source.status === 'paused' && (
        <Button className="h-8 text-sm" disabled={change.isPending} onClick={() => change.mutate({ paused: false })}>
          <Play aria-hidden className="size-3.5" />
          Resume
        </Button>
      )}
      <Menu
        trigger={
          <IconButton label={`More about ${source.name}`}>
            <Ellipsis aria-hidden />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => setAsking('pages')}>
          <List aria-hidden />
          What became of its pages
        </MenuItem>
        {mayEdit && (
          <>
            <MenuItem onSelect={() => setAsking('schedule')}>
              <CalendarClock aria-hidden />
              Schedule
            </MenuItem>
            {source.status !== 'paused' && (
              <MenuItem onSelect={() => change.mutate({ paused: true })}>
                <Pause aria-hidden />
                Pause
              </MenuItem>
            )}
            <MenuSeparator />
            <MenuItem danger onSelect={() => setAsking('delete')}>
              <Trash2 aria-hidden />
              Delete
            </MenuItem>
          </>
        )}
      </Menu>
      {asking === 'pages' && <SourcePages source={source} onClose={close} />}
      {asking === 'schedule' && (
        <ScheduleDialog
          source={source}
          onClose={close}
          onSave={(scheduleHours) => {
            change.mutate({ scheduleHours })
            close()
          }}
        />
      )}
      {asking === 'delete' && (
        <DeleteDialog
          source={source}
          onClose={close}
          onDelete={(documents) => {
            remove.mutate(documents)
            close()
          }}
        />
      )}
    </li>
  )
}

function State({ source }: { source: Source }) {
  const { status, counters, error, notice, scheduleHours, lastFetchedAt, nextFetchAt, documentCount } = source
  const words = stateWords(source)
  const facts = [
    plural(documentCount, 'document'),
    scheduleWords(scheduleHours),
    lastFetchedAt && `fetched ${timeWords(lastFetchedAt)}`,
    nextFetchAt && status !== 'paused' && !isFetching(source) && `next ${timeWords(nextFetchAt)}`,
  ]
  return (
    <>
      <p className="text-sm text-ink-soft tabular-nums">{words}</p>
      {status === 'fetching' && (
        <ProgressBar
          label={`${source.name}: ${words}`}
          fraction={counters.found > 1 ? counters.done / counters.found : null}
        />
      )}
      <p className="text-sm text-ink-faint tabular-nums">
        {kindWords[source.kind]} · {facts.filter(Boolean).join(' · ')}
      </p>
      {notice && <p className="text-sm text-warning">{notice}</p>}
      {error && <p className="text-sm text-danger">{wordsFor(error.code, error.message)}</p>}
    </>
  )
}

type ScheduleDialogProps = { source: Source; onClose: () => void; onSave: (hours: number | null) => void }

function ScheduleDialog({ source, onClose, onSave }: ScheduleDialogProps) {
  const [hours, setHours] = useState(source.scheduleHours)
  return (
    <Dialog open onClose={onClose} title="Schedule" description={source.name}>
      <ScheduleField hours={hours} onChange={setHours} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" onClick={() => onSave(hours)}>
          Save
        </Button>
      </div>
    </Dialog>
  )
}

type DeleteDialogProps = { source: Source; onClose: () => void; onDelete: (documents: 'keep' | 'delete') => void }

function DeleteDialog({ source, onClose, onDelete }: DeleteDialogProps) {
  const { documentCount } = source
  return (
    <Dialog
      open
      onClose={onClose}
      title="Delete this source?"
      description={`“${source.name}” will not be fetched again.${documentCount > 0 ? ` What about the ${plural(documentCount, 'document')} that came from it?` : ''}`}
    >
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        {documentCount > 0 && <Button onClick={() => onDelete('keep')}>Keep the documents</Button>}
        <Button look="danger" onClick={() => onDelete(documentCount > 0 ? 'delete' : 'keep')}>
          {documentCount > 0 ? 'Delete them too' : 'Delete'}
        </Button>
      </div>
    </Dialog>
  )
}
