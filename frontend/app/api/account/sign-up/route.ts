import { Account, SignUp } from '@nitroagi/shared/identity'
import { askAsWebApp } from '../ask.ts'

export const dynamic = 'force-dynamic'

export const POST = askAsWebApp({ path: '/api/v1/auth/sign-up', takes: SignUp, gives: Account, status: 201 })
