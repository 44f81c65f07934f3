import { VerifiedEmail, VerifyEmail } from '@nitroagi/shared/account-care'
import { askAsWebApp } from '../ask.ts'

export const dynamic = 'force-dynamic'

export const POST = askAsWebApp({ path: '/api/v1/auth/verify-email', takes: VerifyEmail, gives: VerifiedEmail })
