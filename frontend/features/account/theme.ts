export const themeCookie = 'nitro-theme'

export type Theme = 'system' | 'light' | 'dark'

export const readTheme = (value: string | undefined): Theme =>
  value === 'light' || value === 'dark' ? value : 'system'
