type ProgressBarProps = { label: string; fraction: number | null }

/** `null`: something is happening, and nobody knows how far it has come. */
export function ProgressBar({ label, fraction }: ProgressBarProps) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(fraction === null ? {} : { 'aria-valuenow': Math.round(fraction * 100) })}
      className="h-1 overflow-hidden rounded-full bg-line"
    >
      <div
        className={`h-full rounded-full bg-accent transition-[width] duration-300 ${fraction === null ? 'animate-[breathe_1.6s_infinite]' : ''}`}
        style={{ width: `${fraction === null ? 100 : Math.max(2, fraction * 100)}%` }}
      />
    </div>
  )
}
