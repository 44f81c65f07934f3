import Link from 'next/link'
import type { ComponentProps } from 'react'
import { classNames } from './class-names.ts'

/** A link within words. */
export const TextLink = ({ className, ...props }: ComponentProps<typeof Link>) => (
  <Link className={classNames('font-medium text-accent underline underline-offset-4', className)} {...props} />
)
