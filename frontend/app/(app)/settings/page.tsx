import type { Metadata } from 'next'
import { Profile } from '../../../features/account/profile.tsx'
import { readRegistration } from '../../(account)/registration.ts'

export const metadata: Metadata = { title: 'Profile' }

export default async function ProfilePage() {
  return <Profile hasMail={(await readRegistration())?.hasMail ?? false} />
}
