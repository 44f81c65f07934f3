'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import { speak } from '../../backend-client/audio.ts'
import { wordsOf } from '../../backend-client/words.ts'

/** One voice at a time: who begins to read lets the other one stop. */
let stopOther: (() => void) | undefined

export function useReadAloud(messageId: string) {
  const [phase, setPhase] = useState<'idle' | 'loading' | 'playing'>('idle')
  const [failure, setFailure] = useState<string>()
  const current = useRef<AbortController>(undefined)

  const stop = useCallback(() => {
    current.current?.abort()
    setPhase('idle')
  }, [])
  useEffect(() => () => current.current?.abort(), [])

  const start = useCallback(async () => {
    stopOther?.()
    stopOther = stop
    const end = new AbortController()
    current.current = end
    setFailure(undefined)
    setPhase('loading')
    try {
      const recording = await speak(messageId, end.signal)
      await play(recording, end.signal, () => setPhase('playing'))
    } catch (error) {
      if (!end.signal.aborted) {
        setFailure(error instanceof DOMException ? 'The browser cannot play this recording.' : wordsOf(error))
      }
    }
    if (!end.signal.aborted) setPhase('idle')
  }, [messageId, stop])

  return { phase, failure, start, stop }
}

/** Until the recording is over or the signal aborts. */
async function play(recording: Blob, signal: AbortSignal, onPlaying: () => void): Promise<void> {
  const address = URL.createObjectURL(recording)
  const audio = new Audio(address)
  try {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => resolve())
      audio.onended = () => resolve()
      audio.onerror = () => reject(new DOMException('', 'NotSupportedError'))
      audio.play().then(onPlaying, reject)
    })
  } finally {
    audio.pause()
    URL.revokeObjectURL(address)
  }
}
