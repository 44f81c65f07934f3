'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { request } from '../../backend-client/request.ts'
import { useAccount } from '../../backend-client/use-account.ts'
import { refusalOf } from '../../backend-client/use-form.ts'
import { useWorkspaces } from '../../backend-client/use-workspaces.ts'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/section.tsx'
import { Switch } from '../../ui/switch.tsx'
import { TextLink } from '../../ui/text-link.tsx'

/** Asks everybody in the workspace for a second factor; whoever asks has one. */
export function RequireSecondFactor() {
  const queries = useQueryClient()
  const { data: account } = useAccount()
  const current = useWorkspaces().data?.items.find(({ isCurrent }) => isCurrent)
  const change = useMutation({
    mutationFn: (requiresSecondFactor: boolean) =>
      request('/workspace', z.unknown(), { method: 'PATCH', body: { requiresSecondFactor } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['workspaces'] }),
  })
  if (!account || !current) return null
  const isOn = change.isPending ? change.variables : current.requiresSecondFactor
  const label = 'Everybody needs a second factor'
  return (
    <Section
      title="Second factor"
      description="Whoever has none gets no further than to setting one up, at once and with API keys too. Theirs wait until they have."
    >
      {change.error && <Notice level="error">{refusalOf(change.error)}</Notice>}
      <div className="flex items-center gap-3">
        <Switch
          label={label}
          checked={isOn}
          disabled={change.isPending || (!isOn && !account.hasSecondFactor)}
          onChange={(next) => change.mutate(next)}
        />
        <span aria-hidden>{label}</span>
      </div>
      {!account.hasSecondFactor && !isOn && (
        <p className="text-sm text-ink-soft">
          To ask others for one, <TextLink href="/settings/sign-in">set up your own</TextLink> first.
        </p>
      )}
    </Section>
  )
}
