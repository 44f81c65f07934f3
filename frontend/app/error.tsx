'use client'

import { CloudOff } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { startTransition } from 'react'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'

export default function ErrorPage({ reset }: { error: Error; reset: () => void }) {
  const router = useRouter()
  // Both together: the server reads again, and the page renders what it read.
  const retry = () =>
    startTransition(() => {
      router.refresh()
      reset()
    })
  return (
    <main className="flex min-h-full items-center">
      <EmptyState
        icon={CloudOff}
        title="This page could not be loaded"
        action={
          <Button look="primary" onClick={retry}>
            Try again
          </Button>
        }
      >
        The server behind it did not answer. Nothing of yours is lost: answers go on being written and are kept.
      </EmptyState>
    </main>
  )
}
