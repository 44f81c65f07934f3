'use client'

import { LoaderCircle, Square, Volume2 } from 'lucide-react'
import { IconButton } from '../../ui/button.tsx'
import { useReadAloud } from './use-read-aloud.ts'
import { isAble, useSystem } from './use-system.ts'

/** Absent where nothing here has a voice. */
export function ReadAloudButton({ messageId }: { messageId: string }) {
  const { data } = useSystem()
  const { phase, failure, start, stop } = useReadAloud(messageId)
  if (!isAble(data, 'speak')) return null
  return (
    <>
      {phase === 'idle' ? (
        <IconButton label="Read aloud" onClick={() => void start()}>
          <Volume2 aria-hidden />
        </IconButton>
      ) : (
        <IconButton label={phase === 'loading' ? 'Stop loading the voice' : 'Stop reading aloud'} onClick={stop}>
          {phase === 'loading' ? (
            <LoaderCircle aria-hidden className="animate-spin" />
          ) : (
            <Square aria-hidden className="fill-current" />
          )}
        </IconButton>
      )}
      {failure && (
        <span role="alert" className="text-danger">
          {failure}
        </span>
      )}
    </>
  )
}
