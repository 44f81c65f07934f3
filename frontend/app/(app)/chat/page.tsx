import type { Metadata } from 'next'
import { NewConversation } from '../../../features/chat/new-conversation.tsx'

export const metadata: Metadata = { title: 'New conversation' }

export default function ChatPage() {
  return <NewConversation />
}
