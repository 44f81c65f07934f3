'use client'

import { useRouter } from 'next/navigation'
import type { Account } from '@nitroagi/shared/identity'
import { signOutHere } from '../../backend-client/sign-out.ts'
import { switchWorkspace } from '../../backend-client/switch-workspace.ts'
import { useAccount } from '../../backend-client/use-account.ts'
import { useWorkspaces } from '../../backend-client/use-workspaces.ts'
import { Button } from '../../ui/button.tsx'
import { SecondFactor } from './second-factor.tsx'

/** All that is open to somebody whose workspace asks for a second factor until they have one. */
export function SecondFactorDemand({ account }: { account: Account }) {
  const router = useRouter()
  const { data: workspaces } = useWorkspaces()
  const isDone = useAccount().data?.needsSecondFactor === false
  return (
    <>
      <div className="flex flex-col gap-1">
        <h1 className="text-xl font-semibold tracking-tight">
          {isDone ? 'Thank you, that is all' : `${account.workspaceName} asks for a second factor`}
        </h1>
        <p className="max-w-[65ch] text-ink-soft">
          {isDone
            ? 'Keep your recovery codes, then go on.'
            : 'Its owners want everybody to sign in with a code besides the password. It takes a phone and a minute; until then nothing of this workspace is shown, and your API keys for it are refused.'}
        </p>
      </div>
      <SecondFactor />
      <div className="flex flex-wrap gap-2">
        {isDone && (
          <Button look="primary" onClick={() => router.refresh()}>
            Go on to {account.workspaceName}
          </Button>
        )}
        {workspaces?.items
          .filter(({ isCurrent }) => !isCurrent)
          .map(({ id, name }) => (
            <Button key={id} onClick={() => void switchWorkspace(id).catch(() => router.refresh())}>
              Work in {name}
            </Button>
          ))}
        <Button look="quiet" onClick={() => void signOutHere('/sign-in')}>
          Sign out
        </Button>
      </div>
    </>
  )
}
