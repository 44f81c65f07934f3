import type { ReactNode } from 'react'
import { Logo } from '../../ui/logo.tsx'

export default function AccountLayout({ children }: { children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-full w-full max-w-[23rem] flex-col justify-center gap-8 px-4 py-12">
      <Logo className="text-lg" />
      {children}
    </main>
  )
}
