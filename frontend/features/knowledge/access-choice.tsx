import type { CollectionAccess } from '@nitroagi/shared/collections'

const choices: readonly { value: CollectionAccess; label: string; hint: string }[] = [
  { value: 'workspace', label: 'Everybody of this workspace', hint: 'Can read and ask it; members can do more.' },
  { value: 'members', label: 'Only members', hint: 'Nobody else sees that it exists.' },
]

type AccessChoiceProps = { access: CollectionAccess; disabled?: boolean; onChange: (access: CollectionAccess) => void }

export function AccessChoice({ access, disabled, onChange }: AccessChoiceProps) {
  return (
    <fieldset disabled={disabled} className="flex flex-col gap-2">
      <legend className="mb-1.5 text-sm font-medium">Who can read it</legend>
      {choices.map(({ value, label, hint }) => (
        <label key={value} className="flex cursor-pointer items-start gap-2.5">
          <input
            type="radio"
            name="access"
            value={value}
            checked={access === value}
            onChange={() => onChange(value)}
            className="mt-0.5 size-4 accent-(--accent)"
          />
          <span className="flex flex-col">
            {label}
            <span className="text-sm text-ink-faint">{hint}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
