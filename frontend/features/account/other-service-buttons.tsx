'use client'

import { signIn } from 'next-auth/react'
import { useState } from 'react'
import type { ProviderName } from '@nitroagi/shared/second-factor'
import { Button } from '../../ui/button.tsx'

export type ServiceChoice = { id: ProviderName; name: string }

type OtherServiceButtonsProps = {
  services: readonly ServiceChoice[]
  /** Where to go on afterwards. */
  next: string
  /** Makes the service a way into the account that is signed in now. */
  isConnecting?: boolean
  /** What has to be asked first, if anything. */
  before?: (leave: () => void) => Promise<void>
  className?: string
}

/** Lead away to another service and, by way of it, back. */
export function OtherServiceButtons({
  services,
  next,
  isConnecting = false,
  before,
  className,
}: OtherServiceButtonsProps) {
  const [leavingTo, setLeavingTo] = useState<ProviderName>()

  async function leave(id: ProviderName) {
    setLeavingTo(id)
    await signIn(id, { callbackUrl: next, ...(isConnecting ? { connect: 'yes' } : {}) }).catch(() =>
      setLeavingTo(undefined),
    )
  }

  return services.map(({ id, name }) => (
    <Button
      key={id}
      disabled={leavingTo !== undefined}
      onClick={() => void (before ? before(() => void leave(id)) : leave(id))}
      {...(className ? { className } : {})}
    >
      {leavingTo === id ? `Going to ${name}…` : isConnecting ? `Connect ${name}` : `Sign in with ${name}`}
    </Button>
  ))
}
