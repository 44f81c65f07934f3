'use client'

import { useState } from 'react'
import { ChunkProfile, type Collection } from '@nitroagi/shared/collections'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ChunkPreview } from './chunk-preview.tsx'
import { plural } from './document-words.ts'
import { SettingsSection } from './settings-section.tsx'
import { useChangeCollection } from './use-collections.ts'
import { useEmbeddingModels } from './use-indexing.ts'

const { minValue: least, maxValue: most } = ChunkProfile.shape.targetCharacters.unwrap()
const step = 50

/** With what the documents are made searchable. A change makes them anew in the background. */
export function CollectionIndexing({ collection }: { collection: Collection }) {
  const { mutate, error, isPending, reset } = useChangeCollection(collection.id)
  const [embeddingModel, setModel] = useState(collection.embeddingModel)
  const [profile, setProfile] = useState(collection.chunkProfile)
  const isChanged =
    embeddingModel !== collection.embeddingModel ||
    profile.targetCharacters !== collection.chunkProfile.targetCharacters ||
    profile.context !== collection.chunkProfile.context
  const setSize = (text: string) => text !== '' && setProfile({ ...profile, targetCharacters: Number(text) })
  const isValid = ChunkProfile.safeParse(profile).success
  return (
    <SettingsSection title="Passages and search">
      {error && <Notice level="error">{wordsOf(error)}</Notice>}
      <ModelField value={embeddingModel} onChange={setModel} />
      <div className="flex flex-col gap-1.5">
        <label htmlFor="passage-size" className="text-sm font-medium">
          Size of a passage, in characters
        </label>
        <div className="flex items-center gap-3">
          <input
            type="range"
            aria-label="Size of a passage"
            min={least ?? 200}
            max={most ?? 4_000}
            step={step}
            value={profile.targetCharacters}
            onChange={(event) => setSize(event.target.value)}
            className="min-w-0 flex-1 accent-(--accent)"
          />
          <input
            id="passage-size"
            type="number"
            min={least ?? 200}
            max={most ?? 4_000}
            value={profile.targetCharacters}
            onChange={(event) => setSize(event.target.value)}
            aria-invalid={!isValid || undefined}
            className="h-9 w-24 rounded-md border border-field-line bg-raised px-2 tabular-nums"
          />
        </div>
        <p className={isValid ? 'text-sm text-ink-faint' : 'text-sm text-danger'}>
          {isValid
            ? 'Short passages point precisely; long ones keep more of what stands around.'
            : `Between ${least} and ${most?.toLocaleString('en')} characters.`}
        </p>
      </div>
      <label className="flex cursor-pointer items-start gap-2.5">
        <input
          type="checkbox"
          checked={profile.context === 'title'}
          onChange={(event) => setProfile({ ...profile, context: event.target.checked ? 'title' : 'none' })}
          className="mt-0.5 size-4 accent-(--accent)"
        />
        <span className="flex flex-col">
          Index each passage with its title and heading
          <span className="text-sm text-ink-faint">So that a passage is found by what it stands under.</span>
        </span>
      </label>
      {isValid && collection.documentCount > 0 && <ChunkPreview collectionId={collection.id} profile={profile} />}
      {isChanged && collection.documentCount > 0 && (
        <Notice level="info">
          Saving this re-indexes {plural(collection.documentCount, 'document')} in the background; search goes on with
          what there is meanwhile.
        </Notice>
      )}
      <div className="flex flex-wrap gap-2">
        <Button
          look="primary"
          disabled={!isChanged || !isValid || isPending}
          onClick={() => mutate({ embeddingModel, chunkProfile: profile })}
        >
          Save and re-index
        </Button>
        {isChanged && (
          <Button
            onClick={() => {
              reset()
              setModel(collection.embeddingModel)
              setProfile(collection.chunkProfile)
            }}
          >
            Discard
          </Button>
        )}
      </div>
    </SettingsSection>
  )
}

function ModelField({ value, onChange }: { value: string; onChange: (model: string) => void }) {
  const { data, error } = useEmbeddingModels()
  const models = data?.items ?? []
  const chosen = models.find(({ id }) => id === value)
  const hint = error
    ? wordsOf(error)
    : !data
      ? undefined
      : !chosen
        ? 'This model is not set up on this server any more: only words are searched. Choose another one.'
        : chosen.location === 'local'
          ? 'Runs on this server: no text leaves it.'
          : 'The text of the documents is sent to its provider.'
  return (
    <SelectField label="Embedding model" value={value} hint={hint} onChange={(event) => onChange(event.target.value)}>
      {!chosen && <option value={value}>{value}</option>}
      {models.map(({ id, dimensions, location }) => (
        <option key={id} value={id}>
          {`${id} (${location === 'local' ? 'local' : 'provider'}, ${dimensions} dimensions)`}
        </option>
      ))}
    </SelectField>
  )
}
