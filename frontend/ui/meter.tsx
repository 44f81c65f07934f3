import { classNames } from './class-names.ts'

type MeterProps = {
  label: string
  /** What has been used up, and what is held back for what runs now. */
  used: number
  held?: number
  /** Null: there is no end to it. */
  most: number | null
  format: (amount: number) => string
}

/** How much of something is used up. */
export function Meter({ label, used, held = 0, most, format }: MeterProps) {
  const share = (amount: number) => (most === null ? 0 : most === 0 ? 1 : Math.min(1, amount / most))
  const isFull = most !== null && used + held >= most
  const words = most === null ? `${format(used)}, no cap` : `${format(used)} of ${format(most)}`
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3 text-sm">
        <span className="text-ink-soft">{label}</span>
        <span className={classNames('tabular-nums', isFull && 'font-medium text-danger')}>
          {words}
          {held > 0 && <span className="text-ink-faint"> · {format(held)} under way</span>}
        </span>
      </div>
      {most !== null && (
        <div
          role="meter"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={most}
          aria-valuenow={Math.min(used, most)}
          aria-valuetext={words}
          className="flex h-1.5 overflow-hidden rounded-full bg-line"
        >
          <div className={isFull ? 'bg-danger' : 'bg-accent'} style={{ width: `${share(used) * 100}%` }} />
          <div className="bg-field-line" style={{ width: `${Math.max(0, share(used + held) - share(used)) * 100}%` }} />
        </div>
      )}
    </div>
  )
}
