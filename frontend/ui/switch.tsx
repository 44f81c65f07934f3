import { classNames } from './class-names.ts'

type SwitchProps = { label: string; checked: boolean; disabled?: boolean; onChange: (checked: boolean) => void }

/** On or off, at once. */
export function Switch({ label, checked, disabled, onChange }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-label={label}
      aria-checked={checked}
      disabled={disabled}
      onClick={() => onChange(!checked)}
      className={classNames(
        'inline-flex h-6 w-10 shrink-0 items-center rounded-full border p-0.5 transition-colors disabled:cursor-not-allowed disabled:opacity-55',
        checked ? 'border-accent bg-accent' : 'border-field-line bg-panel',
      )}
    >
      <span
        className={classNames(
          'size-4 rounded-full transition-transform',
          checked ? 'translate-x-4.5 bg-on-accent' : 'bg-field-line',
        )}
      />
    </button>
  )
}
