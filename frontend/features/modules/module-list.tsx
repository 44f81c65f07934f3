'use client'

import type { ModuleState, ModuleTestResult } from '@nitroagi/shared/modules'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Switch } from '../../ui/switch.tsx'
import { duration } from './figures.ts'
import { useModule, useModules } from './use-modules.ts'

/** What there is, whether or not it was asked to do anything: turned on and off, and tried. */
export function ModuleList() {
  const { data, error, isPending, refetch } = useModules()
  return (
    <section aria-labelledby="modules" className="flex flex-col gap-2">
      <h2 id="modules" className="font-semibold">
        What is there
      </h2>
      <p className="max-w-[65ch] text-sm text-ink-faint">
        A module that is off takes no part in new answers of this workspace. Test asks it to do a small real task now;
        where it needs a language model, that costs what such a question costs.
      </p>
      {error && (
        <Notice level="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
          {wordsOf(error)}
        </Notice>
      )}
      {isPending && !error && <Skeleton className="h-24 w-full" />}
      <ul aria-label="Modules">
        {data?.items.map((module) => (
          <Module key={module.name} module={module} />
        ))}
      </ul>
    </section>
  )
}

function Module({ module }: { module: ModuleState }) {
  const { name, description, needs, health, isEnabled, lastChange } = module
  const { change, test } = useModule(name)
  const error = change.error ?? test.error
  return (
    <li className="flex flex-col gap-2 border-t border-line py-3">
      <div className="flex items-start gap-4">
        <div className="min-w-0 flex-1">
          <p className="font-medium">{name}</p>
          <p className="max-w-[65ch] text-sm text-ink-soft">{description}</p>
          {needs.length > 0 && <p className="text-sm text-ink-faint">Needs {needs.join(', ')}</p>}
          <p className={`text-sm ${health.status === 'ok' ? 'text-accent' : 'text-danger'}`}>
            {health.status === 'ok' ? 'Works' : 'Does not work'}
            {health.detail && <span className="text-ink-faint">: {health.detail}</span>}
          </p>
          {lastChange && <LastChange isEnabled={isEnabled} {...lastChange} />}
        </div>
        <div className="flex shrink-0 items-center gap-3">
          <Button aria-label={`Test ${name}`} disabled={test.isPending} onClick={() => test.mutate()}>
            {test.isPending ? 'Testing …' : 'Test'}
          </Button>
          <Switch
            label={`Use ${name}`}
            checked={change.isPending ? change.variables : isEnabled}
            disabled={change.isPending}
            onChange={(wanted) => change.mutate(wanted)}
          />
        </div>
      </div>
      {error && <Notice level="error">{wordsOf(error)}</Notice>}
      {test.data && !test.isPending && <TestResult {...test.data} />}
    </li>
  )
}

const TestResult = ({ passed, detail, durationMs }: ModuleTestResult) => (
  <p role="status" className="text-sm text-ink-soft">
    <span className={passed ? 'text-accent' : 'text-danger'}>{passed ? 'Passed' : 'Failed'}</span> after{' '}
    {duration(durationMs)}: {detail}
  </p>
)

const when = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })

const LastChange = ({ isEnabled, by, at }: { isEnabled: boolean; by: string | null; at: string }) => (
  <p className="text-sm text-ink-faint">
    Switched {isEnabled ? 'on' : 'off'} by {by ?? 'somebody who has left'},{' '}
    <time dateTime={at}>{when.format(new Date(at))}</time>
  </p>
)
