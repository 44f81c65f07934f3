'use client'

import { useLayoutEffect, useRef, type RefObject } from 'react'

/** Hands over what was typed into a field before the page was alive; React would take it for empty. */
export function useEarlyText(
  field: RefObject<HTMLInputElement | HTMLTextAreaElement | null>,
  onText: (text: string) => void,
): void {
  const first = useRef(onText)
  useLayoutEffect(() => {
    const typed = field.current?.value
    if (typed) first.current(typed)
  }, [field])
}
