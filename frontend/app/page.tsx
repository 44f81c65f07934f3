import { redirect } from 'next/navigation'
import { readSession } from '../auth.ts'

export default async function RootPage() {
  redirect((await readSession()) ? '/chat' : '/sign-in')
}
