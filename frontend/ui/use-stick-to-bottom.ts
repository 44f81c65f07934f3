'use client'

import { useCallback, useEffect, useRef, useState } from 'react'

const nearPx = 96

/** Keeps the end in view while the content grows, until the reader scrolls up. */
export function useStickToBottom() {
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const isSticking = useRef(true)
  const [isAtBottom, setAtBottom] = useState(true)

  const toBottom = useCallback(() => {
    isSticking.current = true
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight })
  }, [])

  useEffect(() => {
    const [outer, inner] = [scroller.current, content.current]
    if (!outer || !inner) return
    let before = outer.scrollTop
    const onScroll = () => {
      const isNear = outer.scrollHeight - outer.scrollTop - outer.clientHeight < nearPx
      // Content that has just grown also leaves the end out of view; only a reader scrolls upwards.
      if (isNear || outer.scrollTop < before) isSticking.current = isNear
      before = outer.scrollTop
      setAtBottom(isSticking.current)
    }
    const observer = new ResizeObserver(() => isSticking.current && outer.scrollTo({ top: outer.scrollHeight }))
    observer.observe(inner)
    outer.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      observer.disconnect()
      outer.removeEventListener('scroll', onScroll)
    }
  }, [])

  return { scroller, content, isAtBottom, toBottom }
}
