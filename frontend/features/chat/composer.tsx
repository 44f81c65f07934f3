'use client'

import { ArrowUp, Square } from 'lucide-react'
import {
  useCallback,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  type ClipboardEvent,
  type KeyboardEvent,
  type Ref,
} from 'react'
import { limits } from '@nitroagi/shared/limits'
import { useEarlyText } from '../../ui/use-early-text.ts'
import { useMedia } from '../../ui/use-media.ts'
import { AnswerOptionsMenu } from './answer-options-menu.tsx'
import { AttachButton } from './attach-button.tsx'
import { CollectionsMenu } from './collections-menu.tsx'
import { DictationButton } from './dictation-button.tsx'
import { DraftFiles } from './draft-files.tsx'
import type { DraftMessage } from './drafts.ts'
import { useAttachable } from './use-attachable.ts'
import { useDictation } from './use-dictation.ts'
import { useDraft } from './use-draft.ts'

/** For files that are dropped beside the composer. */
export type ComposerHandle = { addFiles: (files: File[]) => void }

type ComposerProps = {
  /** The conversation whose draft and options these are. */
  draftName: string
  isRunning: boolean
  isStopping?: boolean
  /** False when the message did not arrive: it then comes back into the field. */
  onSend: (message: DraftMessage) => Promise<boolean>
  onStop?: () => void
  ref?: Ref<ComposerHandle>
}

export function Composer({ draftName, isRunning, isStopping = false, onSend, onStop, ref }: ComposerProps) {
  const { text, files, setText, add, remove, retry, take, putBack, forget } = useDraft(draftName)
  const field = useRef<HTMLTextAreaElement>(null)
  const hasTouch = useMedia('(pointer: coarse)')
  const attachable = useAttachable()

  const addFiles = useCallback((chosen: File[]) => add(chosen, attachable), [add, attachable])
  useImperativeHandle(ref, () => ({ addFiles }), [addFiles])

  const addWords = useCallback(
    (words: string) => {
      const before = field.current?.value ?? ''
      setText(before && !/\s$/.test(before) ? `${before} ${words}` : before + words)
      field.current?.focus()
    },
    [setText],
  )
  const dictation = useDictation(addWords)
  useEarlyText(field, setText)

  useLayoutEffect(() => {
    const element = field.current
    if (!element) return
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight}px`
  }, [text])

  const isTooLong = text.length > limits.messageCharacters
  const isWhole = files.every(({ attachment, error }) => attachment && !error)
  const canSend = text.trim() !== '' && !isTooLong && isWhole && !isRunning

  async function send() {
    if (!canSend) return
    const { message, taken } = take()
    if (await onSend(message)) forget(taken)
    else await putBack(taken)
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    // Enter also ends the composing of a Japanese or Chinese word; on a phone it makes a new line.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || hasTouch) return
    event.preventDefault()
    void send()
  }

  function onPaste(event: ClipboardEvent<HTMLTextAreaElement>) {
    const { files: pasted, types } = event.clipboardData
    // Cells of a spreadsheet come as words and as a picture of them: whoever pastes means the words.
    if (pasted.length === 0 || types.includes('text/plain')) return
    event.preventDefault()
    addFiles([...pasted])
  }

  return (
    <form
      aria-label="New message"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
      className="flex flex-col gap-1"
    >
      <div className="flex flex-col gap-2 rounded-xl border border-field-line bg-raised p-2 focus-within:border-accent focus-within:ring-1 focus-within:ring-accent">
        <DraftFiles files={files} onRemove={remove} onRetry={retry} />
        <div className="flex items-end gap-1 sm:gap-2">
          <AttachButton attachable={attachable} onFiles={addFiles} />
          <textarea
            ref={field}
            value={text}
            rows={1}
            aria-label="Message"
            aria-invalid={isTooLong || undefined}
            placeholder={files.length > 0 ? 'Ask about it…' : 'Ask something…'}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            onChange={(event) => setText(event.target.value)}
            className="max-h-48 min-h-8 min-w-0 flex-1 resize-none bg-transparent px-2 py-1.5 text-base leading-5 outline-none placeholder:text-ink-faint max-md:text-[16px]"
          />
          <CollectionsMenu conversation={draftName} />
          <AnswerOptionsMenu conversation={draftName} />
          {attachable.takesAudio && <DictationButton dictation={dictation} />}
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
              title={isWhole ? 'Send' : 'Wait until every file is attached, or remove it'}
              disabled={!canSend}
              className="flex size-8 shrink-0 items-center justify-center rounded-lg bg-accent text-on-accent hover:bg-accent-strong disabled:cursor-not-allowed disabled:bg-hover disabled:text-ink-faint"
            >
              <ArrowUp aria-hidden className="size-4" />
            </button>
          )}
        </div>
      </div>
      {isTooLong && (
        <p role="alert" className="px-1 text-sm text-danger">
          A message holds at most {limits.messageCharacters.toLocaleString('en')} characters; this one has{' '}
          {text.length.toLocaleString('en')}. Put longer texts into the knowledge base.
        </p>
      )}
      {dictation.failure && (
        <p role="alert" className="px-1 text-sm text-danger">
          {dictation.failure}
        </p>
      )}
      <p role="status" className="sr-only">
        {dictation.phase === 'recording' ? 'Recording' : dictation.phase === 'writing' ? 'Writing it down' : ''}
      </p>
    </form>
  )
}
