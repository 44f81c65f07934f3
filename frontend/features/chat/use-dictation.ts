'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import { limits } from '@nitroagi/shared/limits'
import { transcribe } from '../../backend-client/audio.ts'
import { wordsOf } from '../../backend-client/words.ts'

type Phase = 'idle' | 'asking' | 'recording' | 'writing'

/** Speaks into the field: records until it is stopped, then hands over the words that were heard. */
export function useDictation(onWords: (words: string) => void) {
  const [phase, setPhase] = useState<Phase>('idle')
  const [seconds, setSeconds] = useState(0)
  const [failure, setFailure] = useState<string>()
  const attempt = useRef<{ end: AbortController; recorder?: MediaRecorder }>(undefined)

  const cancel = useCallback(() => {
    attempt.current?.end.abort()
    attempt.current = undefined
    setPhase('idle')
  }, [])
  useEffect(() => () => attempt.current?.end.abort(), [])

  useEffect(() => {
    if (phase !== 'recording') return
    const timer = setInterval(() => setSeconds((passed) => passed + 1), 1000)
    return () => clearInterval(timer)
  }, [phase])

  const start = useCallback(async () => {
    const end = new AbortController()
    attempt.current = { end }
    setFailure(undefined)
    setSeconds(0)
    setPhase('asking')
    try {
      const recorder = await openRecorder(end.signal)
      attempt.current = { end, recorder }
      const recording = record(recorder)
      setPhase('recording')
      const heard = await recording
      if (end.signal.aborted) return
      setPhase('writing')
      const words = heard.size > 0 ? (await transcribe(heard, end.signal)).trim() : ''
      if (words) onWords(words)
      else setFailure('Nothing was heard. Speak closer to the microphone and try again.')
    } catch (error) {
      if (!end.signal.aborted) setFailure(microphoneWords(error) ?? wordsOf(error))
    }
    if (!end.signal.aborted) setPhase('idle')
  }, [onWords])

  const stop = useCallback(() => attempt.current?.recorder?.stop(), [])

  return { phase, seconds, failure, start, stop, cancel }
}

async function openRecorder(signal: AbortSignal): Promise<MediaRecorder> {
  // Browsers hide the microphone from pages that came without encryption.
  if (!('mediaDevices' in navigator) || typeof MediaRecorder === 'undefined')
    throw new DOMException('', 'SecurityError')
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
  const silence = () => stream.getTracks().forEach((track) => track.stop())
  if (signal.aborted) {
    silence()
    throw signal.reason
  }
  const mimeType = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'].find((type) =>
    MediaRecorder.isTypeSupported(type),
  )
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: 32_000, ...(mimeType ? { mimeType } : {}) })
  recorder.addEventListener('stop', silence)
  signal.addEventListener('abort', () => (recorder.state === 'inactive' ? silence() : recorder.stop()))
  return recorder
}

/** Ends when it is stopped, or when no more could be sent. */
function record(recorder: MediaRecorder): Promise<Blob> {
  const pieces: Blob[] = []
  let bytes = 0
  return new Promise((resolve, reject) => {
    recorder.ondataavailable = ({ data }) => {
      pieces.push(data)
      bytes += data.size
      if (bytes > limits.recordingBytes * 0.95 && recorder.state !== 'inactive') recorder.stop()
    }
    recorder.onstop = () => resolve(new Blob(pieces, { type: recorder.mimeType }))
    recorder.onerror = () => reject(new DOMException('', 'NotReadableError'))
    recorder.start(1000)
  })
}

function microphoneWords(error: unknown): string | undefined {
  if (!(error instanceof DOMException)) return undefined
  const words: Record<string, string> = {
    NotAllowedError: 'This page may not use the microphone. Allow it beside the address of the page, then try again.',
    NotFoundError: 'No microphone was found. Connect one and try again.',
    NotReadableError: 'The microphone cannot be used just now. Another program may be using it.',
    SecurityError: 'This browser records only on pages that were opened with https.',
  }
  return words[error.name]
}
