'use client'

import { Check, Copy, ListTree } from 'lucide-react'
import { memo, useCallback, useState } from 'react'
import type { NitroMessage, SourceData } from '@nitroagi/shared/runs'
import { wordsFor } from '../../backend-client/words.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { AnswerBody } from './answer-body.tsx'
import { AnswerFeedback } from './answer-feedback.tsx'
import { answerParts, brokenStatus, type AnswerParts } from './answer-parts.ts'
import { CitationChip, SourceList } from './citation-chip.tsx'
import { Computations } from './computation.tsx'
import { duration } from './figures.ts'
import { ReadAloudButton } from './read-aloud-button.tsx'
import { UnsupportedLine } from './unsupported-line.tsx'

type AnswerProps = {
  message: NitroMessage
  isWriting: boolean
  /** Only the newest answer can be gone on from. */
  isLast: boolean
  onOpenSource: (source: SourceData) => void
  onOpenTrace: (messageId: string) => void
  onGoOn: (runId: string) => void
}

export const Answer = memo(function Answer(props: AnswerProps) {
  const { message, isWriting, isLast, onOpenSource, onOpenTrace, onGoOn } = props
  const answer = answerParts(message.parts)
  const { sources, texts, run } = answer
  const text = texts.join('\n\n')
  const runId = run?.runId ?? message.metadata?.runId
  const broken = isWriting ? undefined : brokenStatus(run)
  const numberMark = useCallback(
    (number: number) => {
      const source = sources.get(number)
      return source && <CitationChip source={source} onOpen={onOpenSource} />
    },
    // The sources of an answer only grow.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [sources.size, onOpenSource],
  )
  return (
    <article
      aria-label="Answer"
      aria-busy={isWriting}
      data-status={broken ?? (isWriting ? 'writing' : 'complete')}
      className="flex flex-col gap-4"
    >
      {answer.reasoning && <Thoughts text={answer.reasoning} />}
      {isWriting && <Progress answer={answer} hasText={text !== ''} />}
      <AnswerBody parts={message.parts} isWriting={isWriting} numberMark={numberMark} />
      {answer.computations.length > 0 && <Computations computations={answer.computations} />}
      {answer.notices.map((notice, index) =>
        notice.level === 'info' ? (
          <p key={index} className="text-sm text-ink-faint">
            {wordsFor(notice.code, notice.message)}
          </p>
        ) : (
          <Notice key={index} level={notice.level}>
            {wordsFor(notice.code, notice.message)}
          </Notice>
        ),
      )}
      {broken && (
        <Notice
          level={broken === 'stopped' ? 'info' : broken === 'failed' ? 'error' : 'warning'}
          action={
            isLast && runId ? (
              <Button className="h-7 text-sm" onClick={() => onGoOn(runId)}>
                {text ? 'Continue' : 'Try again'}
              </Button>
            ) : undefined
          }
        >
          {brokenWords(broken, text !== '')}
          {broken === 'failed' && answer.ending && ` ${wordsFor(answer.ending.code, answer.ending.message)}`}
        </Notice>
      )}
      {!isWriting && (
        <UnsupportedLine
          critique={answer.critique}
          hasSources={sources.size > 0}
          onOpen={() => onOpenTrace(message.id)}
        />
      )}
      {!isWriting && <SourceList sources={[...sources.values()]} onOpen={onOpenSource} />}
      {!isWriting && (
        <footer className="-ml-2 flex flex-wrap items-center gap-1 text-sm text-ink-faint">
          {text && <CopyButton text={text} />}
          {text && <ReadAloudButton messageId={message.id} />}
          <Button look="quiet" className="h-8 px-2 text-sm" onClick={() => onOpenTrace(message.id)}>
            <ListTree aria-hidden className="size-4" />
            How this was answered
          </Button>
          {run?.durationMs != null && <span className="ml-1 hidden sm:inline">{duration(run.durationMs)}</span>}
          {text && <AnswerFeedback messageId={message.id} given={message.metadata?.feedback} />}
        </footer>
      )}
    </article>
  )
})

const brokenWords = (status: 'stopped' | 'failed' | 'interrupted', hasText: boolean) =>
  ({
    stopped: 'You stopped this answer here.',
    failed: hasText ? 'This answer broke off here.' : 'This could not be answered.',
    interrupted: hasText
      ? 'This answer was interrupted: the server stopped while writing it. What had arrived is kept.'
      : 'The server stopped before it could answer.',
  })[status]

const atWork: Record<string, string> = {
  knowledge: 'Searching your documents',
  language: 'Reading and writing',
  reasoning: 'Working it out',
  memory: 'Recalling what was said',
  data: 'Computing from your tables',
  vision: 'Looking at the picture',
  audio: 'Listening to the recording',
  summary: 'Reading all of it',
  writer: 'Writing',
  critic: 'Checking the sentences',
}

function Progress({ answer: { steps }, hasText }: { answer: AnswerParts; hasText: boolean }) {
  if (hasText) return null
  const step = steps.findLast(({ status }) => status === 'running')
  return (
    <p role="status" className="flex items-center gap-2.5 py-0.5 text-ink-soft">
      <span aria-hidden className="size-2 animate-[breathe_1.4s_ease-in-out_infinite] rounded-full bg-accent" />
      {(step && atWork[step.module]) ?? 'Thinking'}…
    </p>
  )
}

function Thoughts({ text }: { text: string }) {
  return (
    <details className="text-sm text-ink-soft">
      <summary className="w-fit cursor-pointer rounded-sm select-none">What the model thought first</summary>
      <p className="mt-2 border-l-2 border-line pl-3 whitespace-pre-wrap">{text}</p>
    </details>
  )
}

function CopyButton({ text }: { text: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 1500)
  }
  return (
    <IconButton label={isCopied ? 'Copied' : 'Copy the answer'} onClick={() => void copy()}>
      {isCopied ? <Check aria-hidden /> : <Copy aria-hidden />}
    </IconButton>
  )
}
