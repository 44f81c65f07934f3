'use client'

import { useEffect } from 'react'

declare global {
  interface Window {
    nitroIsAlive?: () => void
  }
}

// In the page itself, before its forms: holds the form that was sent last until somebody is there to send it.
const script = `{
  let held
  const hold = (event) => {
    event.preventDefault()
    held = event
  }
  addEventListener('submit', hold, true)
  window.nitroIsAlive = () => {
    removeEventListener('submit', hold, true)
    if (held?.target.isConnected) held.target.requestSubmit(held.submitter)
    held = undefined
  }
}`

/**
 * Whoever is faster than our scripts loses nothing: a browser would send a form by itself, put what was typed, passwords
 * too, into the address, and load the page anew.
 */
export function EarlySubmit({ nonce }: { nonce: string | undefined }) {
  useEffect(() => window.nitroIsAlive?.(), [])
  // A browser shows nobody the nonce again, so that here it looks like another one.
  return (
    <script nonce={nonce} suppressHydrationWarning>
      {script}
    </script>
  )
}
