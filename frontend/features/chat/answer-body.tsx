import type { ReactNode } from 'react'
import type { NitroPart } from '@nitroagi/shared/runs'
import { Markdown } from '../../ui/markdown.tsx'
import { ToolCall, type ToolPart } from './tool-call.tsx'

type AnswerBodyProps = {
  parts: readonly NitroPart[]
  isWriting: boolean
  numberMark: (number: number) => ReactNode
}

/** The words of an answer, and between them what the model looked up or worked out, in the order it came. */
export function AnswerBody({ parts, isWriting, numberMark }: AnswerBodyProps) {
  const pieces = piecesOf(parts)
  return pieces.map((piece, index) =>
    piece.kind === 'text' ? (
      <Markdown
        key={index}
        text={piece.text}
        isStreaming={isWriting && index === pieces.length - 1}
        numberMark={numberMark}
      />
    ) : (
      <ul key={index} aria-label="Tools used" className="flex flex-col gap-1.5">
        {piece.calls.map((call) => (
          <ToolCall key={call.toolCallId} part={call} />
        ))}
      </ul>
    ),
  )
}

type Piece = { kind: 'text'; text: string } | { kind: 'tools'; calls: ToolPart[] }

/** Neighbours of a kind belong together; what is not shown here does not part them. */
function piecesOf(parts: readonly NitroPart[]): Piece[] {
  const pieces: Piece[] = []
  for (const part of parts) {
    const last = pieces.at(-1)
    if (part.type === 'dynamic-tool') {
      if (last?.kind === 'tools') last.calls.push(part)
      else pieces.push({ kind: 'tools', calls: [part] })
    } else if (part.type === 'text' && part.text) {
      if (last?.kind === 'text') last.text += `\n\n${part.text}`
      else pieces.push({ kind: 'text', text: part.text })
    }
  }
  return pieces
}
