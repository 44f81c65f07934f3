'use client'

import { useQueryClient } from '@tanstack/react-query'
import { BookOpen } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useRef, useState } from 'react'
import { Conversation } from '@nitroagi/shared/conversations'
import { request } from '../../backend-client/request.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { PageHeader } from '../../ui/app-shell.tsx'
import { DropZone } from '../../ui/drop-zone.tsx'
import { Notice } from '../../ui/notice.tsx'
import { readAnswerOptions, saveAnswerOptions } from './answer-options.ts'
import { Composer, type ComposerHandle } from './composer.tsx'
import { clearDraft, keyFor, type DraftMessage } from './drafts.ts'
import { ModelNote } from './model-note.tsx'
import { messageFor, send } from './run-transport.ts'
import { conversationsKey } from './use-conversations.ts'
import { useReadableCollections } from './use-readable-collections.ts'

/** `draftOf` says whose it is and where: in the same tab somebody else may sign in next. */
export function NewConversation({ draftOf }: { draftOf: string }) {
  const draftName = `new:${draftOf}`
  const { isSending, failure, start } = useStart(draftName)
  const composer = useRef<ComposerHandle>(null)
  return (
    <>
      <PageHeader title="New conversation" />
      <main className="flex min-h-0 flex-1 flex-col overflow-y-auto">
        <DropZone onFiles={(files) => composer.current?.addFiles(files)} label="Drop to attach" className="min-h-full">
          <div className="mx-auto flex w-full max-w-[46rem] flex-1 flex-col justify-center gap-6 px-4 py-8">
            <div className="flex flex-col gap-2">
              <h2 className="text-[1.75rem] leading-9 font-semibold tracking-tight">What would you like to know?</h2>
              <DocumentsNote />
            </div>
            {failure && <Notice level="error">{wordsOf(failure)}</Notice>}
            <Composer ref={composer} draftName={draftName} isRunning={isSending} onSend={start} />
            <ModelNote />
          </div>
        </DropZone>
      </main>
    </>
  )
}

/** What can be asked about depends on what is there to read. */
function DocumentsNote() {
  const { data } = useReadableCollections()
  const count = data?.items.reduce((sum, collection) => sum + collection.documentCount, 0)
  if (count === 0) {
    return (
      <div className="flex flex-col items-start gap-3">
        <p className="max-w-[60ch] text-ink-soft">
          There are no documents yet. Add one, and answers will quote it and point at the page. Or just ask.
        </p>
        <Link
          href="/knowledge"
          className="inline-flex h-9 items-center gap-2 rounded-md border border-line-strong bg-raised px-3 font-medium hover:bg-hover"
        >
          <BookOpen aria-hidden className="size-4 text-ink-faint" />
          Add documents
        </Link>
      </div>
    )
  }
  return (
    <p className="max-w-[60ch] text-ink-soft">
      {count === undefined
        ? 'Answers come with numbered sources that open at the passage.'
        : `Answers draw on ${count === 1 ? 'your document' : `your ${count.toLocaleString('en')} documents`}, with numbered sources that open at the passage.`}
    </p>
  )
}

/** Makes the conversation, hands its first message over, and goes there: the page joins the run. */
function useStart(draftName: string) {
  const router = useRouter()
  const queries = useQueryClient()
  const [isSending, setSending] = useState(false)
  const [failure, setFailure] = useState<Error>()
  // Kept over a failed attempt, so that trying again does not leave an empty conversation behind.
  const made = useRef<string>(undefined)

  async function start(draft: DraftMessage): Promise<boolean> {
    setSending(true)
    setFailure(undefined)
    const key = keyFor(draftName, draft)
    try {
      made.current ??= (await request('/conversations', Conversation, { method: 'POST', body: {} })).id
      const options = readAnswerOptions(draftName)
      saveAnswerOptions(made.current, options)
      const message = messageFor(draft, Object.keys(options).length > 0 ? options : undefined)
      await send(`/conversations/${made.current}/messages`, message, key)
      saveAnswerOptions(draftName, {})
      clearDraft(draftName)
      void queries.invalidateQueries({ queryKey: conversationsKey })
      router.push(`/chat/${made.current}`)
      return true
    } catch (error) {
      setFailure(error as Error)
      setSending(false)
      return false
    }
  }
  return { isSending, failure, start }
}
