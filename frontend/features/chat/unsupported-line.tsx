import { CircleAlert } from 'lucide-react'
import type { CritiqueData } from '@nitroagi/shared/runs'

type UnsupportedLineProps = { critique: CritiqueData | undefined; hasSources: boolean; onOpen: () => void }

/** Says quietly that some sentences are not in the passages; which ones is a step away. */
export function UnsupportedLine({ critique, hasSources, onOpen }: UnsupportedLineProps) {
  const checked = critique?.sentences.filter(({ verdict }) => verdict !== 'unchecked').length ?? 0
  const unsupported = critique?.sentences.filter(({ verdict }) => verdict === 'unsupported').length ?? 0
  if (unsupported === 0) return null
  return (
    <button
      type="button"
      onClick={onOpen}
      className="flex w-fit items-start gap-1.5 rounded-sm text-left text-sm text-ink-soft underline decoration-line-strong underline-offset-4 hover:text-ink"
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" />
      {words(unsupported, checked, hasSources ? 'the cited passages' : 'your documents')}
    </button>
  )
}

function words(unsupported: number, checked: number, by: string): string {
  if (checked === 1) return `This is not supported by ${by}`
  return `${unsupported} of ${checked} sentences ${unsupported === 1 ? 'is' : 'are'} not supported by ${by}`
}
