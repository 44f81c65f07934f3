import { BookOpen } from 'lucide-react'
import type { Metadata } from 'next'
import { NewConversation } from '../../../features/chat/new-conversation.tsx'
import { PageHeader } from '../../../ui/app-shell.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { TextLink } from '../../../ui/text-link.tsx'
import { readAccount } from '../read-account.ts'

export const metadata: Metadata = { title: 'New conversation' }

export default async function ChatPage() {
  const { role, userId, workspaceId } = await readAccount()
  if (role !== 'viewer') return <NewConversation draftOf={`${userId}:${workspaceId}`} />
  return (
    <>
      <PageHeader title="Welcome" />
      <main className="min-h-0 flex-1 overflow-y-auto">
        <EmptyState
          icon={BookOpen}
          title="You may read in this workspace"
          action={<TextLink href="/knowledge">Look at the documents</TextLink>}
        >
          Search its documents and read them. To ask questions, have its owner give you another role.
        </EmptyState>
      </main>
    </>
  )
}
