import { useId, type ComponentProps, type ReactNode } from 'react'
import { classNames } from './class-names.ts'

type Said = { label: string; hint?: ReactNode; error?: string | undefined; className?: string }

type FrameProps = Said & { children: (props: { id: string; 'aria-describedby': string | undefined }) => ReactNode }

/** A label above, what is to be known or mended below; the field itself is given its ids. */
export function Frame({ label, hint, error, className, children }: FrameProps) {
  const id = useId()
  const note = error ?? hint
  return (
    <div className={classNames('flex flex-col gap-1.5', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({ id, 'aria-describedby': note ? `${id}-note` : undefined })}
      {note && (
        <p id={`${id}-note`} className={classNames('text-sm', error ? 'text-danger' : 'text-ink-faint')}>
          {note}
        </p>
      )}
    </div>
  )
}

/** How a field looks that one writes into. */
export const box = (error: unknown) =>
  classNames(
    'w-full rounded-md border bg-raised px-3 text-ink placeholder:text-ink-faint disabled:opacity-55',
    error ? 'border-danger' : 'border-field-line',
  )

/** Words over several lines. */
export function TextArea({ label, hint, error, className, ...props }: ComponentProps<'textarea'> & Said) {
  return (
    <Frame {...{ label, hint, error }} {...(className ? { className } : {})}>
      {(named) => (
        <textarea
          {...named}
          aria-invalid={error ? true : undefined}
          rows={3}
          className={classNames(box(error), 'min-h-20 resize-y py-2 leading-5')}
          {...props}
        />
      )}
    </Frame>
  )
}

/** One of a few. */
export function SelectField({ label, hint, error, className, ...props }: ComponentProps<'select'> & Said) {
  return (
    <Frame {...{ label, hint, error }} {...(className ? { className } : {})}>
      {(named) => <select {...named} className={classNames(box(error), 'h-10')} {...props} />}
    </Frame>
  )
}
