'use client'

import { wordsOf } from '../../backend-client/words.ts'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { useModules } from './use-module-metrics.ts'

/** What the server can do now, whether or not it was asked to. */
export function ModuleList() {
  const { data, error, isPending } = useModules()
  return (
    <section aria-labelledby="modules" className="flex flex-col gap-2">
      <h2 id="modules" className="font-semibold">
        What is there
      </h2>
      {error && <Notice level="error">{wordsOf(error)}</Notice>}
      {isPending && !error && <Skeleton className="h-24 w-full" />}
      <ul aria-label="Modules">
        {data?.modules.map(({ name, description, needs, health }) => (
          <li key={name} className="flex flex-wrap gap-x-4 gap-y-1 border-t border-line py-3">
            <div className="min-w-0 flex-1 basis-60">
              <p className="font-medium">{name}</p>
              <p className="text-sm text-ink-soft">{description}</p>
              {needs.length > 0 && <p className="text-sm text-ink-faint">Needs {needs.join(', ')}</p>}
            </div>
            <p className={`text-sm ${health.status === 'ok' ? 'text-accent' : 'text-danger'}`}>
              {health.status === 'ok' ? 'Works' : 'Does not work'}
              {health.detail && <span className="text-ink-faint">: {health.detail}</span>}
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}
