import { CircleAlert, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

const looks = {
  info: { Icon: Info, tone: 'border-line bg-panel text-ink-soft' },
  warning: { Icon: TriangleAlert, tone: 'border-transparent bg-warning-soft text-warning' },
  error: { Icon: CircleAlert, tone: 'border-transparent bg-danger-soft text-danger' },
}

type NoticeProps = { level: keyof typeof looks; children: ReactNode; action?: ReactNode; className?: string }

export function Notice({ level, children, action, className }: NoticeProps) {
  const { Icon, tone } = looks[level]
  return (
    <div
      role={level === 'error' ? 'alert' : 'status'}
      className={classNames('flex items-start gap-2.5 rounded-lg border px-3 py-2.5 text-sm', tone, className)}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1">{children}</div>
      {action}
    </div>
  )
}
