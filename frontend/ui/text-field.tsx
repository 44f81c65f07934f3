import { useId, type ComponentProps } from 'react'
import { classNames } from './class-names.ts'

type TextFieldProps = ComponentProps<'input'> & { label: string; hint?: string | undefined; error?: string | undefined }

export function TextField({ label, hint, error, className, ...props }: TextFieldProps) {
  const id = useId()
  const note = error ?? hint
  return (
    <div className={classNames('flex flex-col gap-1.5', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <input
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={note ? `${id}-note` : undefined}
        className={classNames(
          'h-10 w-full rounded-md border bg-raised px-3 text-ink placeholder:text-ink-faint',
          error ? 'border-danger' : 'border-field-line',
        )}
        {...props}
      />
      {note && (
        <p id={`${id}-note`} className={classNames('text-sm', error ? 'text-danger' : 'text-ink-faint')}>
          {note}
        </p>
      )}
    </div>
  )
}
