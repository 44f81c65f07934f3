'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'

/** While something is unsaved: the browser asks before the page goes, and a link that leads away waits for an answer. */
export function useLeaveWarning(isUnsaved: boolean) {
  const router = useRouter()
  const [wanted, setWanted] = useState<string>()
  useEffect(() => {
    if (!isUnsaved) return
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault()
    function onClick(event: MouseEvent) {
      const place = placeOf(event)
      if (place === undefined) return
      event.preventDefault()
      event.stopPropagation()
      setWanted(place)
    }
    addEventListener('beforeunload', onUnload)
    // Before React hears of it, because its links have led away by then.
    document.addEventListener('click', onClick, true)
    return () => {
      removeEventListener('beforeunload', onUnload)
      document.removeEventListener('click', onClick, true)
    }
  }, [isUnsaved])
  return {
    isAsking: wanted !== undefined,
    stay: () => setWanted(undefined),
    leave: () => wanted !== undefined && router.push(wanted),
  }
}

/** Another page of ours that this click opens in the place of this one. */
function placeOf({ target, button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): string | undefined {
  const link = target instanceof Element ? target.closest<HTMLAnchorElement>('a[href]') : null
  if (!link || button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return undefined
  if (link.hasAttribute('download') || (link.target !== '' && link.target !== '_self')) return undefined
  const { origin, pathname, search, hash } = new URL(link.href)
  return origin === location.origin && pathname !== location.pathname ? pathname + search + hash : undefined
}
