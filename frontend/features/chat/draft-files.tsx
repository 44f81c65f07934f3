import { AudioLines, ImageIcon, RotateCw, X } from 'lucide-react'
import { attachmentSource } from '../../backend-client/attachments.ts'
import { IconButton } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { sizeWords } from '../../ui/size-words.ts'
import type { DraftFile } from './use-draft.ts'

type DraftFilesProps = { files: readonly DraftFile[]; onRemove: (key: string) => void; onRetry: (key: string) => void }

/** What will go with the message, and how far it has come. */
export function DraftFiles({ files, onRemove, onRetry }: DraftFilesProps) {
  return (
    <>
      <p role="status" className="sr-only">
        {announcement(files)}
      </p>
      {files.length > 0 && (
        <ul aria-label="Attachments" className="flex max-h-56 flex-wrap gap-2 overflow-y-auto p-0.5">
          {files.map((file) => (
            <DraftFileCard
              key={file.key}
              file={file}
              onRemove={() => onRemove(file.key)}
              onRetry={() => onRetry(file.key)}
            />
          ))}
        </ul>
      )}
    </>
  )
}

function DraftFileCard({ file, onRemove, onRetry }: { file: DraftFile; onRemove: () => void; onRetry: () => void }) {
  const { name, error, attachment, fraction } = file
  const words = fraction < 1 ? `Uploading, ${Math.round(fraction * 100)} %` : 'Checking'
  const status = error ? 'failed' : attachment ? 'ready' : 'uploading'
  return (
    <li
      data-status={status}
      className={classNames(
        'flex w-full items-center gap-2 rounded-lg border border-line bg-panel p-1.5',
        // Why it failed takes more words than a size.
        !error && 'sm:w-60',
      )}
    >
      <Thumbnail file={file} />
      <div className="flex min-w-0 flex-1 flex-col gap-0.5">
        <p className="truncate text-sm font-medium" title={name}>
          {name}
        </p>
        {error ? (
          <p role="alert" className="text-xs text-danger">
            {error}
          </p>
        ) : attachment ? (
          <p className="text-xs text-ink-faint tabular-nums">{sizeWords(file.sizeBytes)}</p>
        ) : (
          <>
            <p className="text-xs text-ink-soft tabular-nums">{words}</p>
            <ProgressBar label={`${name}: ${words}`} fraction={fraction} />
          </>
        )}
      </div>
      {error && file.file && !file.isRefused && (
        <IconButton label={`Try ${name} again`} className="size-7" onClick={onRetry}>
          <RotateCw aria-hidden />
        </IconButton>
      )}
      <IconButton label={`Remove ${name}`} className="size-7" onClick={onRemove}>
        <X aria-hidden />
      </IconButton>
    </li>
  )
}

function Thumbnail({ file: { preview, attachment, mediaType } }: { file: DraftFile }) {
  const source = preview ?? (attachment && mediaType.startsWith('image/') ? attachmentSource(attachment.id) : undefined)
  const Icon = mediaType.startsWith('audio/') ? AudioLines : ImageIcon
  return source ? (
    // Its name stands beside it. The picture is private: no image service may fetch it.
    <img src={source} alt="" className="size-10 shrink-0 rounded-md border border-line bg-raised object-cover" />
  ) : (
    <span
      aria-hidden
      className="flex size-10 shrink-0 items-center justify-center rounded-md border border-line bg-raised text-ink-faint [&>svg]:size-5"
    >
      <Icon />
    </span>
  )
}

/** For those who do not see the cards; a failure announces itself. */
function announcement(files: readonly DraftFile[]): string {
  const onTheWay = files.filter(({ attachment, error }) => !attachment && !error)
  if (onTheWay.length > 0) return `Uploading ${onTheWay.map(({ name }) => name).join(', ')}`
  const ready = files.filter(({ attachment, error }) => attachment && !error)
  return ready.length > 0 ? `Attached: ${ready.map(({ name }) => name).join(', ')}` : ''
}
