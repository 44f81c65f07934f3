'use client'

import { Ellipsis, Pencil, Trash2 } from 'lucide-react'
import Link from 'next/link'
import { useParams, useRouter } from 'next/navigation'
import { useState, type FormEvent } from 'react'
import type { Conversation } from '@nitroagi/shared/conversations'
import { limits } from '@nitroagi/shared/limits'
import { wordsOf } from '../../backend-client/words.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { groupByAge } from './group-by-age.ts'
import { useConversations, useDeleteConversation, useRenameConversation } from './use-conversations.ts'

export function ConversationList() {
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useConversations()
  const conversations = data?.pages.flatMap((page) => page.items) ?? []
  return (
    <nav aria-label="Conversations" className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
      {isPending && (
        <div className="flex flex-col gap-3 px-2 pt-2">
          <Skeleton className="h-3.5 w-4/5" />
          <Skeleton className="h-3.5 w-3/5" />
          <Skeleton className="h-3.5 w-2/3" />
        </div>
      )}
      {error && conversations.length === 0 && (
        <div className="flex flex-col items-start gap-2 px-2 pt-2 text-sm text-ink-soft">
          {wordsOf(error)}
          <Button onClick={() => void refetch()}>Try again</Button>
        </div>
      )}
      {data && conversations.length === 0 && (
        <p className="px-2 pt-2 text-sm text-ink-faint">Your conversations will be listed here.</p>
      )}
      {groupByAge(conversations, new Date()).map(({ label, items }) => (
        <section key={label} aria-label={label} className="pt-3">
          <h2 className="px-2 pb-1 text-xs font-medium text-ink-faint">{label}</h2>
          <ul>
            {items.map((conversation) => (
              <ConversationItem key={conversation.id} conversation={conversation} />
            ))}
          </ul>
        </section>
      ))}
      {hasNextPage && (
        <Button look="quiet" className="mt-2 w-full" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? 'Loading…' : 'Show older'}
        </Button>
      )}
    </nav>
  )
}

function ConversationItem({ conversation }: { conversation: Conversation }) {
  const [open, setOpen] = useState<'rename' | 'delete'>()
  const isHere = useParams()['id'] === conversation.id
  const remove = useDeleteConversation()
  const router = useRouter()
  const title = conversation.title || 'New conversation'
  return (
    <li
      className={classNames(
        'group flex items-center rounded-md hover:bg-hover focus-within:bg-hover',
        isHere && 'bg-hover font-medium',
      )}
    >
      <Link
        href={`/chat/${conversation.id}`}
        aria-current={isHere ? 'page' : undefined}
        className="min-w-0 flex-1 truncate rounded-md py-1.5 pl-2 text-sm"
      >
        {title}
      </Link>
      {conversation.activeRunId && (
        <span
          title="An answer is being written"
          className="mx-1 size-1.5 shrink-0 animate-[breathe_1.6s_infinite] rounded-full bg-accent"
        >
          <span className="sr-only">An answer is being written</span>
        </span>
      )}
      <Menu
        trigger={
          <IconButton
            label={`More about “${title}”`}
            className="size-7 md:opacity-0 md:group-focus-within:opacity-100 md:group-hover:opacity-100 data-[state=open]:opacity-100"
          >
            <Ellipsis aria-hidden />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => setOpen('rename')}>
          <Pencil aria-hidden />
          Rename
        </MenuItem>
        <MenuItem danger onSelect={() => setOpen('delete')}>
          <Trash2 aria-hidden />
          Delete
        </MenuItem>
      </Menu>
      {open === 'rename' && <RenameDialog conversation={conversation} onClose={() => setOpen(undefined)} />}
      <ConfirmDialog
        open={open === 'delete'}
        onClose={() => setOpen(undefined)}
        title="Delete this conversation?"
        description={`“${title}” and its answers will be gone for good. Documents are kept.`}
        confirm="Delete"
        onConfirm={() => {
          remove.mutate(conversation.id)
          if (isHere) router.push('/chat')
        }}
      />
    </li>
  )
}

function RenameDialog({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const rename = useRenameConversation()
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const title = String(new FormData(event.currentTarget).get('title')).trim()
    if (title) await rename.mutateAsync({ id: conversation.id, title }).then(onClose, () => undefined)
  }
  return (
    <Dialog open onClose={onClose} title="Rename the conversation">
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <TextField
          label="Title"
          name="title"
          defaultValue={conversation.title}
          maxLength={limits.nameCharacters}
          required
          error={rename.error ? wordsOf(rename.error) : undefined}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={rename.isPending}>
            Rename
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
