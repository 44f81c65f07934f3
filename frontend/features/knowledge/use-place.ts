'use client'

import { useSearchParams } from 'next/navigation'
import { useCallback } from 'react'

/** Where one is on a page, kept in its address, so that a refresh or a link leads back there. */
export function usePlace() {
  const params = useSearchParams()
  const go = useCallback((change: Record<string, string | undefined>, how: 'push' | 'replace' = 'push') => {
    const next = new URLSearchParams(location.search)
    for (const [name, value] of Object.entries(change)) {
      if (value === undefined) next.delete(name)
      else next.set(name, value)
    }
    const query = next.size > 0 ? `?${next}` : ''
    // Not through the router: the server has nothing to say to it.
    history[how === 'push' ? 'pushState' : 'replaceState'](null, '', location.pathname + query)
  }, [])
  return { place: params, go }
}
