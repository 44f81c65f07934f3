'use client'

import { useMemo } from 'react'
import { attachmentTypes } from '@nitroagi/shared/attachments'
import { isAble, useSystem } from './use-system.ts'

/** What the modules that are at work here can make something of. */
export type Attachable = { takesImages: boolean; takesAudio: boolean }

export function useAttachable(): Attachable {
  const { data } = useSystem()
  return useMemo(() => ({ takesImages: isAble(data, 'look'), takesAudio: isAble(data, 'transcribe') }), [data])
}

/** For the file dialog of the browser. */
export const acceptOf = ({ takesImages, takesAudio }: Attachable): string =>
  [...(takesImages ? attachmentTypes.image : []), ...(takesAudio ? ['audio/*', '.m4a', '.webm'] : [])].join()
