'use client'

import { useState, type ReactNode } from 'react'
import { NitroError } from '@nitroagi/shared/errors'
import { useAccount } from '../../backend-client/use-account.ts'
import { refusalOf } from '../../backend-client/use-form.ts'
import { canProve, giveProof, ProofDialog } from './proof-dialog.tsx'

type Proof = {
  /** Does it at once or, where it is a while since they signed in, after they have shown who they are. */
  whenProven: (act: () => void) => Promise<void>
  /** Why it cannot be shown here. */
  refusal: string | undefined
  dialog: ReactNode
}

export function useProof(): Proof {
  const { data: account } = useAccount()
  const [waiting, setWaiting] = useState<{ act: () => void }>()
  const [refusal, setRefusal] = useState<string>()

  async function whenProven(act: () => void): Promise<void> {
    setRefusal(undefined)
    try {
      await giveProof({})
      act()
    } catch (error) {
      const isAsked = error instanceof NitroError && error.code === 'proof_required'
      if (isAsked && account && canProve(account)) setWaiting({ act })
      else setRefusal(refusalOf(error))
    }
  }
  const dialog = account && (
    <ProofDialog
      open={waiting !== undefined}
      account={account}
      onClose={() => setWaiting(undefined)}
      onProven={() => {
        setWaiting(undefined)
        waiting?.act()
      }}
    />
  )
  return { whenProven, refusal, dialog }
}
