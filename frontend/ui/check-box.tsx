'use client'

import type { ComponentProps } from 'react'

type CheckBoxProps = Omit<ComponentProps<'input'>, 'type' | 'onChange'> & {
  label: string
  /** Some of what it stands for, but not all. */
  isPartly?: boolean
  onChange: (checked: boolean) => void
}

/** A box alone; its label is for those who do not see what stands beside it. */
export function CheckBox({ label, isPartly = false, onChange, ...props }: CheckBoxProps) {
  return (
    <input
      type="checkbox"
      aria-label={label}
      ref={(box) => {
        if (box) box.indeterminate = isPartly
      }}
      onChange={(event) => onChange(event.target.checked)}
      className="size-4 shrink-0 cursor-pointer accent-(--accent) disabled:cursor-not-allowed"
      {...props}
    />
  )
}
