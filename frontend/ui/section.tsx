import { useId, type ReactNode } from 'react'

type SectionProps = { title: string; description?: ReactNode; children: ReactNode }

/** One matter on a page of settings, with what is to be known about it. */
export function Section({ title, description, children }: SectionProps) {
  const id = useId()
  return (
    <section aria-labelledby={id} className="flex max-w-2xl flex-col gap-4">
      <div className="flex flex-col gap-1">
        <h2 id={id} className="text-lg font-semibold tracking-tight">
          {title}
        </h2>
        {description && <p className="max-w-[65ch] text-ink-soft">{description}</p>}
      </div>
      {children}
    </section>
  )
}
