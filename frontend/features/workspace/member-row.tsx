'use client'

import { EllipsisVertical } from 'lucide-react'
import { useState } from 'react'
import { Role } from '@nitroagi/shared/identity'
import type { ChangeMember, WorkspaceMember } from '@nitroagi/shared/workspaces'
import { roleWords } from '../../backend-client/role-words.ts'
import { dayWords } from '../../ui/amounts.ts'
import { IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'

type MemberRowProps = {
  member: WorkspaceMember
  yourRole: Role
  isLastOwner: boolean
  isBusy: boolean
  onChange: (change: ChangeMember) => void
  onRemove: () => void
}

export function MemberRow({ member, yourRole, isLastOwner, isBusy, onChange, onRemove }: MemberRowProps) {
  const [asking, setAsking] = useState<'suspend' | 'remove'>()
  const name = member.name ?? member.email ?? 'Somebody'
  // An admin decides over those below, and makes nobody an owner.
  const isBelow = member.role !== 'owner' && member.role !== 'admin'
  const isYours = yourRole === 'owner' || (yourRole === 'admin' && isBelow)
  const offered = Role.options.filter((role) => yourRole === 'owner' || role !== 'owner')
  return (
    <li className="flex min-h-15 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-2">
      <div className="min-w-40 flex-1">
        <p className="truncate font-medium">
          {name}
          {member.isYou && <span className="font-normal text-accent"> · you</span>}
        </p>
        <p className="truncate text-sm text-ink-faint">
          {member.name && member.email && `${member.email} · `}since {dayWords(member.joinedAt)}
        </p>
        {/* A line of its own: on a phone the one above is cut. */}
        {member.suspendedAt && <p className="text-sm text-danger">suspended since {dayWords(member.suspendedAt)}</p>}
      </div>
      {isYours && !isLastOwner ? (
        <select
          aria-label={`Role of ${name}`}
          value={member.role}
          disabled={isBusy}
          onChange={(event) => onChange({ role: event.target.value as Role })}
          className="h-9 rounded-md border border-field-line bg-raised px-2 text-sm disabled:opacity-55"
        >
          {offered.map((role) => (
            <option key={role} value={role}>
              {roleWords[role].label}
            </option>
          ))}
        </select>
      ) : (
        <span className="px-2 text-sm text-ink-soft">{roleWords[member.role].label}</span>
      )}
      {isYours && !member.isYou && (
        <Menu
          trigger={
            <IconButton label={`More for ${name}`} disabled={isBusy}>
              <EllipsisVertical aria-hidden />
            </IconButton>
          }
        >
          {member.suspendedAt ? (
            <MenuItem onSelect={() => onChange({ suspended: false })}>Let them in again</MenuItem>
          ) : (
            <MenuItem onSelect={() => setAsking('suspend')}>Suspend</MenuItem>
          )}
          <MenuItem danger onSelect={() => setAsking('remove')}>
            Remove
          </MenuItem>
        </Menu>
      )}
      {isLastOwner && member.isYou && (
        <p className="w-full text-sm text-ink-faint">
          You are the only owner, so you stay one: make somebody else an owner first to change this.
        </p>
      )}
      <ConfirmDialog
        open={asking === 'suspend'}
        onClose={() => setAsking(undefined)}
        title={`Suspend ${name}?`}
        description="They are out of this workspace within seconds, with their keys and open pages. What is theirs stays, and you can let them in again."
        confirm="Suspend"
        onConfirm={() => onChange({ suspended: true })}
      />
      <ConfirmDialog
        open={asking === 'remove'}
        onClose={() => setAsking(undefined)}
        title={`Remove ${name}?`}
        description="They lose access within seconds. Their conversations here and their keys are deleted; documents they added stay."
        confirm="Remove"
        onConfirm={onRemove}
      />
    </li>
  )
}
