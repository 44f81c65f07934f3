import type { Metadata, Viewport } from 'next'
import { cookies, headers } from 'next/headers'
import type { ReactNode } from 'react'
import { readTheme, themeCookie } from '../features/account/theme.ts'
import { EarlySubmit } from './early-submit.tsx'
import './globals.css'
import { Providers } from './providers.tsx'

export const metadata: Metadata = {
  title: { default: 'NitroAGI', template: '%s · NitroAGI' },
  description: 'An assistant that answers from your own documents and shows where every sentence comes from.',
  robots: { index: false },
}

export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' }

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = readTheme((await cookies()).get(themeCookie)?.value)
  const nonce = (await headers()).get('x-nonce') ?? undefined
  return (
    <html lang="en" {...(theme === 'system' ? {} : { 'data-theme': theme })} suppressHydrationWarning>
      <body>
        <EarlySubmit nonce={nonce} />
        <Providers nonce={nonce}>{children}</Providers>
      </body>
    </html>
  )
}
