import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { cache } from 'react'
import { NitroError } from '@nitroagi/shared/errors'
import { Account } from '@nitroagi/shared/identity'
import { readSession } from '../../auth.ts'
import { readForPerson } from '../../backend-client/service.ts'

/** Who is looking at the page; asked for once however many parts of it want to know. Nobody: the page to sign in. */
export const readAccount = cache(async (): Promise<Account> => {
  const identity = await readSession()
  if (!identity) return redirect(`/sign-in${await wayBack('?')}`)
  try {
    return await readForPerson(identity, '/api/v1/me', Account)
  } catch (error) {
    if (error instanceof NitroError && error.code === 'unauthenticated') {
      redirect(`/sign-in?reason=expired${await wayBack('&')}`)
    }
    throw error
  }
})

/** The page that was asked for, as our own gate noted it. */
async function wayBack(sign: '?' | '&'): Promise<string> {
  const path = (await headers()).get('x-page-path')
  return path ? `${sign}next=${encodeURIComponent(path)}` : ''
}

export const isManager = ({ role }: Account): boolean => role === 'owner' || role === 'admin'
