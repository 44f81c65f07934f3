import { Paperclip } from 'lucide-react'
import { useRef } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { acceptOf, type Attachable } from './use-attachable.ts'

type AttachButtonProps = { attachable: Attachable; onFiles: (files: File[]) => void }

/** Absent where no module can make anything of a file. */
export function AttachButton({ attachable, onFiles }: AttachButtonProps) {
  const input = useRef<HTMLInputElement>(null)
  const { takesImages, takesAudio } = attachable
  if (!takesImages && !takesAudio) return null
  const kinds = [takesImages && 'pictures', takesAudio && 'recordings'].filter(Boolean).join(' or ')
  return (
    <>
      <IconButton label={`Attach ${kinds}`} onClick={() => input.current?.click()}>
        <Paperclip aria-hidden />
      </IconButton>
      <input
        ref={input}
        type="file"
        multiple
        accept={acceptOf(attachable)}
        hidden
        aria-hidden
        tabIndex={-1}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])])
          // The same file can be chosen again after it was removed.
          event.target.value = ''
        }}
      />
    </>
  )
}
