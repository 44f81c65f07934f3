import type { Metadata } from 'next'
import { LinkedServices } from '../../../../features/account/linked-services.tsx'
import { SecondFactor } from '../../../../features/account/second-factor.tsx'
import { Sessions } from '../../../../features/account/sessions.tsx'
import { listOtherServices } from '../../../../other-services.ts'

export const metadata: Metadata = { title: 'Signing in' }

type Search = { error?: string }

export default async function SigningInPage({ searchParams }: { searchParams: Promise<Search> }) {
  const { error } = await searchParams
  return (
    <>
      <Sessions />
      <SecondFactor />
      <LinkedServices services={listOtherServices()} failure={error} />
    </>
  )
}
