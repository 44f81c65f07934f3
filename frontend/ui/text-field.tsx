import type { ComponentProps } from 'react'
import { classNames } from './class-names.ts'
import { box, Frame } from './field.tsx'

type TextFieldProps = ComponentProps<'input'> & { label: string; hint?: string | undefined; error?: string | undefined }

export const TextField = ({ label, hint, error, className, ...props }: TextFieldProps) => (
  <Frame label={label} hint={hint} error={error} {...(className ? { className } : {})}>
    {(said) => (
      <input {...said} aria-invalid={error ? true : undefined} {...props} className={classNames('h-10', box(error))} />
    )}
  </Frame>
)
