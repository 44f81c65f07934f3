'use client'

import type { FormEvent } from 'react'
import { limits } from '@nitroagi/shared/limits'
import { NameWorkspace, Workspace } from '@nitroagi/shared/workspaces'
import { request } from '../../backend-client/request.ts'
import { switchWorkspace } from '../../backend-client/switch-workspace.ts'
import { useForm } from '../../backend-client/use-form.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'

export function NewWorkspaceDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { errors, isBusy, submit } = useForm({
    schema: NameWorkspace,
    send: (body) => request('/workspaces', Workspace, { method: 'POST', body }),
    onDone: ({ id }) => switchWorkspace(id),
  })
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    void submit({ name: String(new FormData(event.currentTarget).get('name')) })
  }
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="New workspace"
      description="It begins empty, and you own it. You change between workspaces in this menu."
    >
      <form onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
        {errors['form'] && <Notice level="error">{errors['form']}</Notice>}
        <TextField
          label="Name"
          name="name"
          autoComplete="off"
          maxLength={limits.nameCharacters}
          error={errors['name'] && 'Give a name of at least one character.'}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={isBusy}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
