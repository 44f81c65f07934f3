import { useId, type ReactNode } from 'react'

export function SettingsSection({ title, children }: { title: string; children: ReactNode }) {
  const id = useId()
  return (
    <section aria-labelledby={id} className="flex max-w-2xl flex-col gap-3">
      <h3 id={id} className="text-lg font-semibold tracking-tight">
        {title}
      </h3>
      {children}
    </section>
  )
}
