'use client'

import { useState, type FormEvent } from 'react'
import { limits } from '@nitroagi/shared/limits'
import type { SourceKind } from '@nitroagi/shared/sources'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { ScheduleField } from './schedule-field.tsx'
import { useAddSource } from './use-sources.ts'
import { addressProblem } from './address-problem.ts'

const texts: Record<SourceKind, { title: string; description: string; example: string }> = {
  url: {
    title: 'Add a web page',
    description: 'The page, or the file at this address, becomes a document.',
    example: 'https://example.org/handbook.html',
  },
  site: {
    title: 'Add a web site',
    description:
      'Pages are followed from this one on, as long as they lie below it. What the site’s robots.txt does not allow is left out.',
    example: 'https://example.org/docs/',
  },
  feed: {
    title: 'Add a feed',
    description: 'Each entry of an RSS, Atom or JSON feed becomes a document.',
    example: 'https://example.org/feed.xml',
  },
}

type AddSourceDialogProps = { collectionId: string; kind: SourceKind; onClose: () => void; onAdded: () => void }

export function AddSourceDialog({ collectionId, kind, onClose, onAdded }: AddSourceDialogProps) {
  const add = useAddSource(collectionId)
  const [problem, setProblem] = useState<string>()
  const [scheduleHours, setScheduleHours] = useState<number | null>(null)
  const { title, description, example } = texts[kind]

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const url = String(fields.get('url')).trim()
    const wrong = addressProblem(url)
    setProblem(wrong)
    if (wrong) return
    const settings = {
      ...(kind === 'site' && { maxPages: Number(fields.get('maxPages')), maxDepth: Number(fields.get('maxDepth')) }),
      ...(kind === 'feed' && {
        maxEntries: Number(fields.get('maxEntries')),
        fullPages: fields.get('fullPages') === 'on',
      }),
    }
    await add.mutateAsync({ kind, url, scheduleHours, settings }).then(onAdded, () => undefined)
  }
  return (
    <Dialog open onClose={onClose} title={title} description={description}>
      <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <TextField
          label="Address"
          name="url"
          inputMode="url"
          placeholder={example}
          maxLength={limits.sourceUrlCharacters}
          error={problem ?? (add.error ? wordsOf(add.error) : undefined)}
          onChange={() => setProblem(undefined)}
        />
        {kind === 'site' && (
          <div className="grid grid-cols-2 gap-3">
            <TextField
              label="Pages at most"
              name="maxPages"
              type="number"
              min={1}
              max={limits.sitePages}
              defaultValue={100}
            />
            <TextField label="Links deep at most" name="maxDepth" type="number" min={0} max={20} defaultValue={5} />
          </div>
        )}
        {kind === 'feed' && (
          <>
            <TextField
              label="Newest entries at most"
              name="maxEntries"
              type="number"
              min={1}
              max={200}
              defaultValue={50}
            />
            <label className="flex cursor-pointer items-start gap-2.5">
              <input type="checkbox" name="fullPages" className="mt-0.5 size-4 accent-(--accent)" />
              <span className="flex flex-col">
                Fetch the page behind each entry
                <span className="text-sm text-ink-faint">For feeds that only give a summary.</span>
              </span>
            </label>
          </>
        )}
        <ScheduleField hours={scheduleHours} onChange={setScheduleHours} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={add.isPending}>
            {add.isPending ? 'Adding…' : 'Add and fetch'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
