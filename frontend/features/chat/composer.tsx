'use client'

import { ArrowUp, Square } from 'lucide-react'
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react'
import { limits } from '@nitroagi/shared/limits'
import { useMedia } from '../../ui/use-media.ts'
import { AnswerOptionsMenu } from './answer-options-menu.tsx'
import { readDraft, saveDraft } from './drafts.ts'

type ComposerProps = {
  /** The conversation whose draft and options these are. */
  draftName: string
  isRunning: boolean
  isStopping?: boolean
  /** False when the message did not arrive: the text then comes back into the field. */
  onSend: (text: string) => Promise<boolean>
  onStop?: () => void
}

export function Composer({ draftName, isRunning, isStopping = false, onSend, onStop }: ComposerProps) {
  const [text, setText] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const hasTouch = useMedia('(pointer: coarse)')

  // Read after the first render, because the server knows no draft.
  useEffect(() => {
    const { text: kept } = readDraft(draftName)
    // eslint-disable-next-line react-hooks/set-state-in-effect
    if (kept) setText((typed) => typed || kept)
  }, [draftName])

  useLayoutEffect(() => {
    const element = field.current
    if (!element) return
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight}px`
  }, [text])

  const isTooLong = text.length > limits.messageCharacters
  const canSend = text.trim() !== '' && !isTooLong && !isRunning

  async function send() {
    if (!canSend) return
    const sent = text
    setText('')
    if (!(await onSend(sent))) setText((typed) => typed || sent)
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    // Enter also ends the composing of a Japanese or Chinese word; on a phone it makes a new line.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || hasTouch) return
    event.preventDefault()
    void send()
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
      className="flex flex-col gap-1"
    >
      <div className="flex items-end gap-2 rounded-xl border border-field-line bg-raised p-2 focus-within:border-accent focus-within:ring-1 focus-within:ring-accent">
        <textarea
          ref={field}
          value={text}
          rows={1}
          aria-label="Message"
          aria-invalid={isTooLong || undefined}
          placeholder="Ask something…"
          onKeyDown={onKeyDown}
          onChange={(event) => {
            setText(event.target.value)
            saveDraft(draftName, { text: event.target.value })
          }}
          className="max-h-48 min-h-8 flex-1 resize-none bg-transparent px-2 py-1.5 text-base leading-5 outline-none placeholder:text-ink-faint max-md:text-[16px]"
        />
        <AnswerOptionsMenu conversation={draftName} />
        {isRunning && onStop ? (
          <button
            type="button"
            aria-label={isStopping ? 'Stopping' : 'Stop the answer'}
            title="Stop the answer"
            disabled={isStopping}
            onClick={onStop}
            className="flex size-8 shrink-0 items-center justify-center rounded-lg bg-ink text-canvas disabled:opacity-55"
          >
            <Square aria-hidden className="size-3 fill-current" />
          </button>
        ) : (
          <button
            type="submit"
            aria-label="Send"
            title="Send"
            disabled={!canSend}
            className="flex size-8 shrink-0 items-center justify-center rounded-lg bg-accent text-on-accent hover:bg-accent-strong disabled:cursor-not-allowed disabled:bg-hover disabled:text-ink-faint"
          >
            <ArrowUp aria-hidden className="size-4" />
          </button>
        )}
      </div>
      {isTooLong && (
        <p role="alert" className="px-1 text-sm text-danger">
          A message holds at most {limits.messageCharacters.toLocaleString('en')} characters; this one has{' '}
          {text.length.toLocaleString('en')}. Put longer texts into the knowledge base.
        </p>
      )}
    </form>
  )
}
