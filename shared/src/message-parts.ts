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
        case 'tool-input-available': {
          if (!chunk.dynamic) return
          const { toolCallId, toolName, input } = chunk
          const known = currentCalls().find((part) => part.toolCallId === toolCallId)
          const told = { type: 'dynamic-tool', toolName, toolCallId, state: 'input-available', input } as const
          if (known) become(known, told)
          else parts.push(told)
          return
        }
        case 'tool-output-available':
          return end(chunk.toolCallId, { state: 'output-available', output: chunk.output })
        case 'tool-output-error':
          return end(chunk.toolCallId, { state: 'output-error', errorText: chunk.errorText })
        case 'start-step':
          parts.push({ type: 'step-start' })
          return
        default:
          if (!isDataChunk(chunk) || chunk.transient) return
          addData(chunk)
      }
    },
    /** What ends the texts and calls that an answer left open when it broke off. */
    endOpen: (): NitroChunk[] => [
      ...[...texts]
        .filter(([, part]) => part.state === 'streaming')
        .map(([id, { type }]): NitroChunk => ({ type: `${type}-end`, id })),
      ...parts
        .filter((part) => part.type === 'dynamic-tool')
        .filter(({ state }) => state === 'input-available')
        .map(({ toolCallId }): NitroChunk => ({
          type: 'tool-output-error',
          toolCallId,
          errorText: 'The answer ended before this call did.',
          dynamic: true,
        })),
    ],
  }

  function end(id: string, outcome: CallOutcome): void {
    const isIt = (part: NitroPart): part is ToolCallPart => part.type === 'dynamic-tool' && part.toolCallId === id
    const part = currentCalls().find(isIt) ?? parts.findLast(isIt)
    if (!part) return
    const { type, toolName, toolCallId, input } = part
    become(part, { type, toolName, toolCallId, input, ...outcome })
  }

  /** A call's part is looked for among those after the last `step-start` first, because ids may come again. */
  function currentCalls(): ToolCallPart[] {
    const start = parts.findLastIndex(({ type }) => type === 'step-start')
    return parts.slice(start + 1).filter((part) => part.type === 'dynamic-tool')
  }

  function addData(chunk: DataChunk): void {
    const { type, id, data } = chunk
    const known =
      id === undefined ? undefined : parts.find((part) => part.type === type && 'id' in part && part.id === id)
    if (known && 'data' in known) known.data = data
    else parts.push({ type, ...(id === undefined ? {} : { id }), data } as NitroPart)
  }
}

type ToolCallPart = Extract<NitroPart, { type: 'dynamic-tool' }>
type CallOutcome = { state: 'output-available'; output: unknown } | { state: 'output-error'; errorText: string }

/** In its place: whoever holds the parts sees it. */
function become(part: ToolCallPart, next: ToolCallPart): void {
  for (const key of ['output', 'errorText'] as const) delete part[key]
  Object.assign(part, next)
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
