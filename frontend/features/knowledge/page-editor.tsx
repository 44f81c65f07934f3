'use client'

import { useState, type FormEvent } from 'react'
import { limits } from '@nitroagi/shared/limits'
import { hasPagePictures, type PageText } from '@nitroagi/shared/knowledge'
import { pagePictureSource } from '../../backend-client/document-pages.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { TextArea } from '../../ui/field.tsx'
import { PagePicture } from '../../ui/page-picture.tsx'
import { dropDraft, keepDraft, useDraft } from './page-drafts.ts'
import { useEditPage } from './use-document.ts'
import { useLeaveWarning } from './use-leave-warning.ts'

/** Puts a page right by hand; only its passages are made anew. */
export function PageEditor({ page, onClose }: { page: PageText; onClose: () => void }) {
  const { mutateAsync, error, isPending } = useEditPage(page.documentId)
  const text = useDraft(page) ?? page.text
  const [isDiscarding, setDiscarding] = useState(false)
  const isChanged = text !== page.text
  const warning = useLeaveWarning(isChanged)
  const isTooLong = text.length > limits.pageCharacters
  async function submit(event: FormEvent) {
    event.preventDefault()
    if (isTooLong || !isChanged) return
    await mutateAsync({ page: page.page, text }).then(close, () => undefined)
  }
  function close() {
    dropDraft(page)
    onClose()
  }
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
      {hasPagePictures(page.mediaType) && (
        <details className="rounded-md border border-line">
          <summary className="cursor-pointer px-3 py-2 text-sm font-medium">Show the page as it looks</summary>
          <div className="flex h-[32rem] flex-col border-t border-line">
            <PagePicture
              source={(width) => pagePictureSource({ documentId: page.documentId, page: page.page }, width)}
              alt={`Page ${page.page} of ${page.name}`}
              boxes={[]}
            />
          </div>
        </details>
      )}
      <TextArea
        label={`Text of ${page.label ?? `page ${page.page}`}`}
        value={text}
        rows={22}
        dir="auto"
        autoFocus
        onChange={(event) => keepDraft(page, event.target.value)}
        hint="Search and answers use this text from now on. The file itself stays as it is: reading it again restores its text."
        error={
          isTooLong
            ? `A page holds at most ${limits.pageCharacters.toLocaleString('en')} characters.`
            : error
              ? wordsOf(error)
              : undefined
        }
      />
      <div className="flex gap-2">
        <Button look="primary" type="submit" disabled={isPending || isTooLong || !isChanged}>
          {isPending ? 'Saving…' : 'Save this page'}
        </Button>
        <Button disabled={isPending} onClick={() => (isChanged ? setDiscarding(true) : close())}>
          Cancel
        </Button>
      </div>
      <ConfirmDialog
        open={isDiscarding}
        onClose={() => setDiscarding(false)}
        title="Discard your changes?"
        description="What you changed on this page is lost."
        confirm="Discard"
        dismiss="Go on editing"
        onConfirm={close}
      />
      <ConfirmDialog
        open={warning.isAsking}
        onClose={warning.stay}
        title="Leave without saving?"
        description="What you changed on this page is not saved. It is offered to you when you come back, until this tab is closed or loaded anew."
        confirm="Leave"
        dismiss="Go on editing"
        onConfirm={warning.leave}
      />
    </form>
  )
}
