'use client'

import { useEffect, useState } from 'react'

/**
 * What a link carried after its #. It is taken out of the address at once, so that neither the history nor a
 * bookmark keeps it. Undefined until the page has looked; null when there was none. With a name it stays for as long
 * as the tab does, so that somebody can sign in meanwhile.
 */
export function useLinkToken(keptAs?: string): string | null | undefined {
  const [token, setToken] = useState<string | null>()
  useEffect(() => {
    function take() {
      const given = location.hash.slice(1)
      if (given) {
        history.replaceState(null, '', location.pathname + location.search)
        if (keptAs) keep(keptAs, given)
      }
      setToken((known) => (given || known) ?? (keptAs ? kept(keptAs) : null))
    }
    take()
    // Another link of the same page, opened in this tab, loads nothing anew.
    addEventListener('hashchange', take)
    return () => removeEventListener('hashchange', take)
  }, [keptAs])
  return token
}

function keep(name: string, token: string): void {
  try {
    sessionStorage.setItem(name, token)
  } catch {
    // A browser without storage: the link has to be opened again after signing in.
  }
}

/** Where an invitation is kept for as long as the tab lives: whoever has an account signs in first and comes back. */
export const invitationName = 'nitro-invitation'

export function kept(name: string): string | null {
  try {
    return sessionStorage.getItem(name)
  } catch {
    return null
  }
}
