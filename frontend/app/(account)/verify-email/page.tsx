import type { Metadata } from 'next'
import { VerifyEmail } from '../../../features/account/verify-email.tsx'

export const metadata: Metadata = { title: 'Confirm your e-mail address', referrer: 'no-referrer' }

export default function VerifyEmailPage() {
  return <VerifyEmail />
}
