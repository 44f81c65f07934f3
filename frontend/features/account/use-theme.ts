'use client'

import { useSyncExternalStore } from 'react'
import { readTheme, themeCookie, type Theme } from './theme.ts'

const listeners = new Set<() => void>()

/** The page's theme. The cookie lets the server write it into the next page, before anything is painted. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore<Theme>(
    (changed) => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    () => readTheme(document.documentElement.dataset['theme']),
    () => 'system',
  )
  return [theme, setTheme]
}

function setTheme(theme: Theme) {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
  const seconds = theme === 'system' ? 0 : 365 * 24 * 60 * 60
  document.cookie = `${themeCookie}=${theme}; path=/; max-age=${seconds}; samesite=lax`
  for (const changed of listeners) changed()
}
