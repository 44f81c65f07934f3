'use client'

import { Mic, Square, X } from 'lucide-react'
import { IconButton } from '../../ui/button.tsx'
import type { useDictation } from './use-dictation.ts'

/** The microphone; while it listens, how long it has and how to end it. */
export function DictationButton({ dictation }: { dictation: ReturnType<typeof useDictation> }) {
  const { phase, seconds, start, stop, cancel } = dictation
  if (phase === 'recording') {
    return (
      <div className="flex h-8 shrink-0 items-center gap-1 rounded-lg bg-danger-soft pl-2 text-danger">
        <span aria-hidden className="size-2 animate-[breathe_1.4s_ease-in-out_infinite] rounded-full bg-danger" />
        <span aria-hidden className="text-sm tabular-nums">
          {clock(seconds)}
        </span>
        <IconButton label="Stop and write it down" className="text-danger hover:text-danger" onClick={stop}>
          <Square aria-hidden className="fill-current" />
        </IconButton>
        <IconButton label="Throw the recording away" className="text-danger hover:text-danger" onClick={cancel}>
          <X aria-hidden />
        </IconButton>
      </div>
    )
  }
  const isBusy = phase !== 'idle'
  return (
    <IconButton
      label={phase === 'writing' ? 'Writing down what you said' : 'Dictate'}
      disabled={isBusy}
      onClick={() => void start()}
    >
      <Mic aria-hidden className={isBusy ? 'animate-[breathe_1.4s_ease-in-out_infinite]' : undefined} />
    </IconButton>
  )
}

const clock = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
