import { ResetPassword } from '@nitroagi/shared/account-care'
import { z } from 'zod'
import { askAsWebApp } from '../ask.ts'

export const dynamic = 'force-dynamic'

export const POST = askAsWebApp({ path: '/api/v1/auth/reset-password', takes: ResetPassword, gives: z.unknown() })
