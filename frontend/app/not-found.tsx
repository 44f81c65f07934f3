import { FileQuestion } from 'lucide-react'
import Link from 'next/link'
import { EmptyState } from '../ui/empty-state.tsx'

export default function NotFound() {
  return (
    <main className="flex min-h-full items-center">
      <EmptyState
        icon={FileQuestion}
        title="There is nothing here"
        action={
          <Link href="/chat" className="font-medium text-accent underline underline-offset-4">
            Go to your conversations
          </Link>
        }
      >
        The page does not exist any more, or it is not yours.
      </EmptyState>
    </main>
  )
}
