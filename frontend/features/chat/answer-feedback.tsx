'use client'

import { ThumbsDown, ThumbsUp } from 'lucide-react'
import { useId, useState, type FormEvent } from 'react'
import { FeedbackReason, type Feedback, type GiveFeedback } from '@nitroagi/shared/feedback'
import { limits } from '@nitroagi/shared/limits'
import { wordsOf } from '../../backend-client/words.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { useFeedback } from './use-feedback.ts'

const reasons: Record<FeedbackReason, string> = {
  wrong: 'It is wrong',
  incomplete: 'Something is missing',
  unsupported: 'The sources do not say so',
  off_topic: 'Not what I asked',
  unclear: 'Hard to understand',
  other: 'Something else',
}

/** Thumbs for an answer's action row, and below them, after a thumb down, room for the reason. */
export function AnswerFeedback({ messageId, given }: { messageId: string; given: Feedback | undefined }) {
  const { feedback, say, isPending, error } = useFeedback(messageId, given)
  const [isAsking, setAsking] = useState(false)
  const rating = feedback?.rating
  const choose = (chosen: 'up' | 'down') => {
    setAsking(chosen === 'down' && rating !== 'down')
    say(rating === chosen ? null : { rating: chosen })
  }
  return (
    <>
      <span role="group" aria-label="Was this answer good?" className="flex">
        <Thumb
          icon={ThumbsUp}
          label="Good answer"
          isOn={rating === 'up'}
          off={isPending}
          onClick={() => choose('up')}
        />
        <Thumb
          icon={ThumbsDown}
          label="Bad answer"
          isOn={rating === 'down'}
          off={isPending}
          onClick={() => choose('down')}
        />
      </span>
      {rating === 'down' && !isAsking && (
        <Button look="quiet" className="h-8 px-2 text-sm" onClick={() => setAsking(true)}>
          {feedback?.reason ? reasons[feedback.reason] : feedback?.correction ? 'Corrected by you' : 'Say why'}
        </Button>
      )}
      {error && <p className="basis-full pl-2 text-danger">{wordsOf(error)}</p>}
      {isAsking && rating === 'down' && (
        <WhyForm
          feedback={feedback}
          isPending={isPending}
          onSend={(why) => say({ rating: 'down', ...why }, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}

type ThumbProps = { icon: typeof ThumbsUp; label: string; isOn: boolean; off: boolean; onClick: () => void }

const Thumb = ({ icon: Icon, label, isOn, off, onClick }: ThumbProps) => (
  <IconButton
    label={label}
    aria-pressed={isOn}
    // Not disabled: a button that goes away under the finger takes the focus with it.
    aria-disabled={off}
    onClick={() => !off && onClick()}
    className={classNames(isOn && 'text-accent [&>svg]:fill-current')}
  >
    <Icon aria-hidden />
  </IconButton>
)

type WhyFormProps = {
  feedback: Feedback | undefined
  isPending: boolean
  onSend: (why: Omit<GiveFeedback, 'rating'>) => void
  onClose: () => void
}

function WhyForm({ feedback, isPending, onSend, onClose }: WhyFormProps) {
  const id = useId()
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    const reason = FeedbackReason.safeParse(data.get('reason'))
    const correction = String(data.get('correction')).trim()
    onSend({ ...(reason.success ? { reason: reason.data } : {}), ...(correction ? { correction } : {}) })
  }
  return (
    <form
      onSubmit={submit}
      aria-label="What was wrong"
      className="mt-1 ml-2 flex basis-full flex-col gap-3 rounded-lg border border-line bg-panel p-3 text-ink-soft"
    >
      <fieldset className="flex flex-wrap gap-x-5 gap-y-2">
        <legend className="pb-2 font-medium text-ink">What was wrong with this answer?</legend>
        {FeedbackReason.options.map((reason) => (
          <label key={reason} className="flex items-center gap-2">
            <input
              type="radio"
              name="reason"
              value={reason}
              defaultChecked={feedback?.reason === reason}
              className="size-4 accent-accent"
            />
            {reasons[reason]}
          </label>
        ))}
      </fieldset>
      <div className="flex flex-col gap-1.5">
        <label htmlFor={id} className="font-medium text-ink">
          What would have been right? <span className="font-normal text-ink-faint">(optional)</span>
        </label>
        <textarea
          id={id}
          name="correction"
          rows={2}
          maxLength={limits.correctionCharacters}
          defaultValue={feedback?.correction ?? ''}
          className="w-full rounded-md border border-field-line bg-raised px-3 py-2 text-base text-ink"
        />
      </div>
      <div className="flex gap-2">
        <Button look="primary" type="submit" disabled={isPending} className="h-8 text-sm">
          Send feedback
        </Button>
        <Button look="quiet" className="h-8 text-sm" onClick={onClose}>
          Close
        </Button>
      </div>
    </form>
  )
}
