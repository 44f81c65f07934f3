'use client'

import { X } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import type { Collection, CollectionMember, CollectionRole } from '@nitroagi/shared/collections'
import { wordsOf } from '../../backend-client/words.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Loading } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { SettingsSection } from './settings-section.tsx'
import { useMemberActions, useMembers, useWorkspaceMembers } from './use-members.ts'

const roles: readonly { value: CollectionRole; label: string }[] = [
  { value: 'reader', label: 'Reader: asks it' },
  { value: 'editor', label: 'Editor: changes its documents' },
  { value: 'owner', label: 'Owner: decides over it' },
]

export function CollectionMembers({ collection }: { collection: Collection }) {
  const { data, error, isPending } = useMembers(collection.id)
  const actions = useMemberActions(collection.id)
  const members = data?.items ?? []
  const owners = members.filter(({ role }) => role === 'owner').length
  return (
    <SettingsSection title="Members">
      {(error ?? actions.failure) && <Notice level="error">{wordsOf(error ?? actions.failure)}</Notice>}
      {isPending && !error && <Loading />}
      <ul aria-label="Members" className="flex flex-col">
        {members.map((member) => (
          <MemberRow
            key={member.userId}
            member={member}
            isLastOwner={member.role === 'owner' && owners === 1}
            onRole={(role) => actions.change.mutate({ userId: member.userId, role })}
            onRemove={() => actions.remove.mutate(member.userId)}
          />
        ))}
      </ul>
      <AddMember members={members} add={actions.add} />
    </SettingsSection>
  )
}

type MemberRowProps = {
  member: CollectionMember
  isLastOwner: boolean
  onRole: (role: CollectionRole) => void
  onRemove: () => void
}

function MemberRow({ member: { name, email, role }, isLastOwner, onRole, onRemove }: MemberRowProps) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-2">
      <span className="flex min-w-40 flex-1 flex-col">
        <span className="truncate">{name ?? email}</span>
        {name && <span className="truncate text-sm text-ink-faint">{email}</span>}
      </span>
      <RoleSelect label={`What ${name ?? email} may do`} role={role} disabled={isLastOwner} onRole={onRole} />
      <IconButton label={`Remove ${name ?? email}`} disabled={isLastOwner} onClick={onRemove}>
        <X aria-hidden />
      </IconButton>
      {isLastOwner && (
        <p className="w-full text-sm text-ink-faint">
          The only owner stays one: make somebody else an owner first to change this.
        </p>
      )}
    </li>
  )
}

type RoleSelectProps = {
  label: string
  role: CollectionRole
  disabled?: boolean
  onRole: (role: CollectionRole) => void
}

const RoleSelect = ({ label, role, disabled, onRole }: RoleSelectProps) => (
  <select
    aria-label={label}
    value={role}
    disabled={disabled}
    onChange={(event) => onRole(event.target.value as CollectionRole)}
    className="h-9 rounded-md border border-field-line bg-raised px-2 text-sm disabled:opacity-55"
  >
    {roles.map(({ value, label }) => (
      <option key={value} value={value}>
        {label}
      </option>
    ))}
  </select>
)

type AddMemberProps = { members: readonly CollectionMember[]; add: ReturnType<typeof useMemberActions>['add'] }

function AddMember({ members, add }: AddMemberProps) {
  const [role, setRole] = useState<CollectionRole>('reader')
  const { data } = useWorkspaceMembers()
  const known = new Set(members.map(({ userId }) => userId))
  const others = data?.items.filter(({ userId }) => !known.has(userId)) ?? []
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const email = String(new FormData(form).get('email')).trim()
    if (email) add.mutate({ email, role }, { onSuccess: () => form.reset() })
  }
  if (data && others.length === 0) {
    return <p className="text-sm text-ink-faint">Everybody of this workspace is in the list.</p>
  }
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <TextField
        label="Add somebody of this workspace"
        name="email"
        type="email"
        required
        autoComplete="off"
        placeholder="E-mail address"
        list="workspace-members"
        className="min-w-56 flex-1"
        error={add.error ? wordsOf(add.error) : undefined}
      />
      <datalist id="workspace-members">
        {others.map(({ userId, email, name }) => (
          <option key={userId} value={email}>
            {name ?? email}
          </option>
        ))}
      </datalist>
      <RoleSelect label="What they may do" role={role} onRole={setRole} />
      <Button type="submit" disabled={add.isPending}>
        Add
      </Button>
    </form>
  )
}
