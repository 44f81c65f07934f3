'use client'

import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { setNonce } from 'get-nonce'
import { useState, type ReactNode } from 'react'
import { isPassing } from '../backend-client/backoff.ts'
import { signInAgainIfOut } from '../backend-client/sign-in-again.ts'

export function Providers({ nonce, children }: { nonce: string | undefined; children: ReactNode }) {
  const [client] = useState(() => {
    // Radix's scroll lock writes a style element, which the policy lets through by this nonce only.
    if (nonce) setNonce(nonce)
    return createClient()
  })
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>
}

function createClient() {
  return new QueryClient({
    queryCache: new QueryCache({ onError: signInAgainIfOut }),
    defaultOptions: {
      queries: { staleTime: 10_000, retry: (failures, error) => failures < 3 && isPassing(error) },
    },
  })
}
