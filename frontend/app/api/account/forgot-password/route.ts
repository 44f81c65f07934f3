import { ForgotPassword } from '@nitroagi/shared/account-care'
import { z } from 'zod'
import { askAsWebApp } from '../ask.ts'

export const dynamic = 'force-dynamic'

export const POST = askAsWebApp({ path: '/api/v1/auth/forgot-password', takes: ForgotPassword, gives: z.unknown() })
