import type { ComponentProps } from 'react'
import { classNames } from './class-names.ts'

const looks = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  plain: 'border border-line-strong bg-raised text-ink hover:bg-hover',
  quiet: 'text-ink-soft hover:bg-hover hover:text-ink',
  danger: 'bg-danger text-canvas hover:opacity-90',
}

type ButtonProps = ComponentProps<'button'> & { look?: keyof typeof looks }

export function Button({ look = 'plain', className, type = 'button', ...props }: ButtonProps) {
  return (
    <button
      type={type}
      className={classNames(
        'inline-flex h-9 shrink-0 items-center justify-center gap-2 rounded-md px-3 font-medium whitespace-nowrap transition-colors disabled:cursor-not-allowed disabled:opacity-55',
        looks[look],
        className,
      )}
      {...props}
    />
  )
}

type IconButtonProps = ComponentProps<'button'> & { label: string }

/** An icon alone says nothing to a screen reader, so the label is not optional. */
export function IconButton({ label, className, type = 'button', ...props }: IconButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={classNames(
        'inline-flex size-8 shrink-0 items-center justify-center rounded-md text-ink-soft transition-colors hover:bg-hover hover:text-ink disabled:cursor-not-allowed disabled:opacity-55 [&>svg]:size-4',
        className,
      )}
      {...props}
    />
  )
}
