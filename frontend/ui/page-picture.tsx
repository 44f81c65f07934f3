'use client'

import { ZoomIn, ZoomOut } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { IconButton } from './button.tsx'
import { Notice } from './notice.tsx'
import { Skeleton } from './skeleton.tsx'

type Box = { x: number; y: number; width: number; height: number }

type PagePictureProps = {
  /** Where the picture is, so many pixels wide. */
  source: (width: number) => string
  alt: string
  /** Of its places, in fractions of the picture; the first is scrolled to. */
  boxes: readonly Box[]
  /** What became of the search for them, when there is something to say. */
  note?: string | undefined
}

const zooms = [1, 1.5, 2, 3] as const

/** A page as it looks, with places marked on it. */
export function PagePicture({ source, alt, boxes, note }: PagePictureProps) {
  const [zoom, setZoom] = useState(0)
  const [state, setState] = useState<'loading' | 'shown' | 'failed'>('loading')
  const marked = useRef<HTMLSpanElement>(null)
  const scale = zooms[zoom]!
  useEffect(() => {
    marked.current?.scrollIntoView({ block: 'center', inline: 'center' })
  }, [boxes, state, zoom])

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-10 shrink-0 items-center gap-1 border-b border-line px-2 text-sm text-ink-soft">
        <p role="status" className="min-w-0 flex-1 truncate pl-1">
          {note}
        </p>
        <IconButton label="Smaller" disabled={zoom === 0} onClick={() => setZoom(zoom - 1)}>
          <ZoomOut aria-hidden />
        </IconButton>
        <span className="w-11 text-center tabular-nums">{Math.round(scale * 100)} %</span>
        <IconButton label="Larger" disabled={zoom === zooms.length - 1} onClick={() => setZoom(zoom + 1)}>
          <ZoomIn aria-hidden />
        </IconButton>
      </div>
      <div tabIndex={0} role="region" aria-label="Picture of the page" className="min-h-0 flex-1 overflow-auto p-3">
        {state === 'failed' && (
          <Notice level="warning">This page cannot be shown as a picture. Look at its text.</Notice>
        )}
        {state === 'loading' && <Skeleton className="aspect-[3/4] w-full" />}
        <div className="relative" style={{ width: `${scale * 100}%` }} hidden={state !== 'shown'}>
          {/* Not next/image: it needs the session, and is drawn for this reader alone. */}
          <img
            src={source(scale === 1 ? 1_000 : 2_000)}
            alt={alt}
            onLoad={() => setState('shown')}
            onError={() => setState('failed')}
            className="block w-full rounded-sm border border-line bg-white"
          />
          {boxes.map((box, index) => (
            <span
              key={`${box.x}:${box.y}`}
              ref={index === 0 ? marked : undefined}
              data-mark
              aria-hidden
              className="absolute rounded-xs mix-blend-multiply bg-[#ffd54a]/45 outline-2 outline-[#c98a00]/70"
              style={{
                left: percent(box.x),
                top: percent(box.y),
                width: percent(box.width),
                height: percent(box.height),
              }}
            />
          ))}
        </div>
      </div>
    </div>
  )
}

const percent = (fraction: number) => `${(fraction * 100).toFixed(3)}%`
