import type { NitroChunk, NitroPart } from './runs.ts'

/**
 * Folds the chunks of one answer into its message's parts, as the AI SDK's own reader does.
 * A data part with an id replaces the earlier one of that id; text grows by its deltas.
 * Chunks it does not know are left out, so an old reader survives a newer writer.
 */
export function createMessageParts() {
  const parts: NitroPart[] = []
  const texts = new Map<string, OpenText>()

  return {
    parts,
    add(chunk: NitroChunk): void {
      switch (chunk.type) {
        case 'text-start':
        case 'reasoning-start': {
          const part: OpenText =
            chunk.type === 'text-start'
              ? { type: 'text', text: '', state: 'streaming' }
              : { type: 'reasoning', id: chunk.id, text: '', state: 'streaming' }
          texts.set(chunk.id, part)
          parts.push(part)
          return
        }
        case 'text-delta':
        case 'reasoning-delta': {
          const part = texts.get(chunk.id)
          if (part) part.text += chunk.delta
          return
        }
        case 'text-end':
        case 'reasoning-end': {
          const part = texts.get(chunk.id)
          if (part) part.state = 'done'
          return
        }
        case 'source-document':
          parts.push({
            type: 'source-document',
            sourceId: chunk.sourceId,
            mediaType: chunk.mediaType,
            title: chunk.title,
            ...(chunk.filename === undefined ? {} : { filename: chunk.filename }),
            ...(chunk.providerMetadata === undefined ? {} : { providerMetadata: chunk.providerMetadata }),
          })
          return
        case 'start-step':
          parts.push({ type: 'step-start' })
          return
        default:
          if (!isDataChunk(chunk) || chunk.transient) return
          addData(chunk)
      }
    },
    /** The texts that were begun and not ended, for an answer that breaks off. */
    openTexts: () =>
      [...texts].filter(([, part]) => part.state === 'streaming').map(([id, { type }]) => ({ type, id })),
  }

  function addData(chunk: DataChunk): void {
    const { type, id, data } = chunk
    const known =
      id === undefined ? undefined : parts.find((part) => part.type === type && 'id' in part && part.id === id)
    if (known && 'data' in known) known.data = data
    else parts.push({ type, ...(id === undefined ? {} : { id }), data } as NitroPart)
  }
}

type OpenText = Extract<NitroPart, { type: 'text' | 'reasoning' }>

type DataChunk = Extract<NitroChunk, { type: `data-${string}` }>

const isDataChunk = (chunk: NitroChunk): chunk is DataChunk => chunk.type.startsWith('data-')

/** The words of an answer, without reasoning, sources or trace. */
export const textOf = (parts: readonly { type: string; text?: unknown }[]): string =>
  parts
    .filter((part) => part.type === 'text')
    .map((part) => String(part.text))
    .join('\n\n')
