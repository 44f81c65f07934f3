import type { Metadata } from 'next'
import { ApiKeys } from '../../../features/account/api-keys.tsx'
import { PageHeader } from '../../../ui/app-shell.tsx'

export const metadata: Metadata = { title: 'API keys' }

export default function SettingsPage() {
  return (
    <>
      <PageHeader title="API keys" />
      <main className="min-h-0 flex-1 overflow-y-auto">
        <ApiKeys />
      </main>
    </>
  )
}
