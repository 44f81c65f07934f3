'use client'

import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { WorkspaceMember } from '@nitroagi/shared/workspaces'
import { z } from 'zod'
import { request } from '../../backend-client/request.ts'
import { signOutHere } from '../../backend-client/sign-out.ts'
import { switchWorkspace } from '../../backend-client/switch-workspace.ts'
import { refusalOf } from '../../backend-client/use-form.ts'
import { useWorkspaces } from '../../backend-client/use-workspaces.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/section.tsx'

type LeaveWorkspaceProps = { you: WorkspaceMember; isLastOwner: boolean }

export function LeaveWorkspace({ you, isLastOwner }: LeaveWorkspaceProps) {
  const { data: workspaces } = useWorkspaces()
  const [isAsking, setAsking] = useState(false)
  const leave = useMutation({
    mutationFn: async () => {
      await request(`/workspace/members/${you.userId}`, z.unknown(), { method: 'DELETE' })
      const other = workspaces?.items.find(({ isCurrent }) => !isCurrent)
      if (other) await switchWorkspace(other.id)
      else await signOutHere('/sign-in')
    },
  })
  return (
    <Section
      title="Leave this workspace"
      description={
        isLastOwner
          ? 'You are its only owner. Make somebody else an owner first, or delete the workspace under General.'
          : 'Your conversations and keys here are deleted; documents you added stay. To come back you need a new invitation.'
      }
    >
      {leave.error && <Notice level="error">{refusalOf(leave.error)}</Notice>}
      {!isLastOwner && (
        <Button disabled={leave.isPending} onClick={() => setAsking(true)} className="self-start">
          Leave
        </Button>
      )}
      <ConfirmDialog
        open={isAsking}
        onClose={() => setAsking(false)}
        title="Leave this workspace?"
        description="Your conversations and keys here are deleted. This cannot be undone."
        confirm="Leave"
        onConfirm={() => leave.mutate()}
      />
    </Section>
  )
}
