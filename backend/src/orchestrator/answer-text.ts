import type { NitroChunk, SourceData } from '@nitroagi/shared/runs'
import type { Finding } from '../modules/module.ts'

const textId = 'answer'
const reasoningId = 'reasoning'

/** Turns what the answering step finds into chunks, opening and closing the texts around them. */
export function createAnswerText() {
  const open = new Set<string>()
  let hasSpoken = false

  return {
    /** Whether a word of the answer has been said. */
    hasSpoken: () => hasSpoken,
    *take(finding: Finding): Generator<NitroChunk> {
      switch (finding.type) {
        case 'text-delta':
          if (open.delete(reasoningId)) yield { type: 'reasoning-end', id: reasoningId }
          if (!open.has(textId)) yield { type: 'text-start', id: textId }
          open.add(textId)
          hasSpoken = true
          yield { type: 'text-delta', id: textId, delta: finding.delta }
          return
        case 'reasoning-delta':
          if (!open.has(reasoningId)) yield { type: 'reasoning-start', id: reasoningId }
          open.add(reasoningId)
          yield { type: 'reasoning-delta', id: reasoningId, delta: finding.delta }
          return
        case 'citation':
          yield sourceChunk(finding)
          return
        case 'tool-call':
          // What is said after a call is a paragraph of its own.
          yield* close()
          yield {
            type: 'tool-input-available',
            toolCallId: finding.id,
            toolName: finding.name,
            input: finding.input,
            dynamic: true,
          }
          return
        case 'tool-result':
          yield { type: 'tool-output-available', toolCallId: finding.id, output: finding.output, dynamic: true }
          return
        case 'tool-error':
          yield { type: 'tool-output-error', toolCallId: finding.id, errorText: finding.message, dynamic: true }
          return
        case 'notice':
          yield noticeChunk(finding.code, finding.level, finding.message)
      }
    },
    close,
  }

  function* close(): Generator<NitroChunk> {
    if (open.delete(reasoningId)) yield { type: 'reasoning-end', id: reasoningId }
    if (open.delete(textId)) yield { type: 'text-end', id: textId }
  }
}

export const noticeChunk = (code: string, level: 'info' | 'warning', message: string, id = code): NitroChunk => ({
  type: 'data-notice',
  id,
  data: { level, code, message },
})

function sourceChunk({ number, hit, start, end, quote }: Extract<Finding, { type: 'citation' }>): NitroChunk {
  const source: SourceData = {
    number,
    documentId: hit.documentId,
    entryId: hit.entryId,
    title: hit.title,
    mediaType: hit.mediaType,
    page: hit.page,
    ...(hit.pageLabel && { pageLabel: hit.pageLabel }),
    start,
    end,
    quote,
    score: hit.score,
  }
  return {
    type: 'source-document',
    sourceId: `${number}`,
    mediaType: hit.mediaType,
    title: hit.title,
    filename: hit.title,
    providerMetadata: { nitro: source },
  }
}
