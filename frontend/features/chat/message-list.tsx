'use client'

import { ArrowDown } from 'lucide-react'
import { useEffect } from 'react'
import type { NitroMessage, SourceData } from '@nitroagi/shared/runs'
import { IconButton } from '../../ui/button.tsx'
import { useStickToBottom } from '../../ui/use-stick-to-bottom.ts'
import { Answer } from './answer.tsx'
import { Question } from './question.tsx'

type MessageListProps = {
  messages: NitroMessage[]
  isRunning: boolean
  onOpenSource: (source: SourceData) => void
  onOpenTrace: (messageId: string) => void
  onGoOn: (runId: string) => void
}

export function MessageList({ messages, isRunning, ...actions }: MessageListProps) {
  const { scroller, content, isAtBottom, toBottom } = useStickToBottom()
  const last = messages.at(-1)
  const questions = messages.filter(({ role }) => role === 'user').length
  // Whoever asks wants to see the answer, wherever they had scrolled to.
  useEffect(toBottom, [questions, toBottom])
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        tabIndex={0}
        role="region"
        aria-label="Messages"
        className="h-full overflow-y-auto outline-offset-[-2px]"
      >
        <div ref={content} className="mx-auto flex w-full max-w-[44rem] flex-col gap-8 px-4 pt-8 pb-10">
          {messages.map((message) =>
            message.role === 'user' ? (
              <Question key={message.id} message={message} />
            ) : (
              <Answer
                key={message.id}
                message={message}
                isWriting={isRunning && message === last}
                isLast={message === last && !isRunning}
                {...actions}
              />
            ),
          )}
          {isRunning && last?.role === 'user' && (
            <p role="status" className="flex items-center gap-2.5 text-ink-soft">
              <span aria-hidden className="size-2 animate-[breathe_1.4s_ease-in-out_infinite] rounded-full bg-accent" />
              Sending…
            </p>
          )}
        </div>
      </div>
      {!isAtBottom && (
        <IconButton
          label="Go to the newest message"
          onClick={toBottom}
          className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full border border-line-strong bg-raised shadow-float"
        >
          <ArrowDown aria-hidden />
        </IconButton>
      )}
    </div>
  )
}
