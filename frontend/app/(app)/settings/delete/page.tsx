import type { Metadata } from 'next'
import { DeleteAccount } from '../../../../features/account/delete-account.tsx'

export const metadata: Metadata = { title: 'Delete account' }

export default function DeleteAccountPage() {
  return <DeleteAccount />
}
