import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'

export interface OwnModel {
  provider: string
  modelId: string
  /** Everything between `stream-start` and the end, `finish` included. Throws before its first part to reject. */
  parts(options: LanguageModelV4CallOptions): AsyncGenerator<LanguageModelV4StreamPart>
}

/** A model of our own behind the AI SDK's interface: only the stream is written, `doGenerate` collects it. */
export function createOwnModel({ provider, modelId, parts }: OwnModel): LanguageModelV4 {
  const doStream: LanguageModelV4['doStream'] = async (options) => {
    const generator = parts(options)
    const first = await generator.next()
    return { stream: ReadableStream.from(withStart(first, generator)) }
  }
  return {
    specificationVersion: 'v4',
    provider,
    modelId,
    supportedUrls: {},
    doStream,
    async doGenerate(options) {
      let text = ''
      let reasoning = ''
      const content: LanguageModelV4Content[] = []
      let finish: Extract<LanguageModelV4StreamPart, { type: 'finish' }> | undefined
      for await (const part of (await doStream(options)).stream) {
        if (part.type === 'text-delta') text += part.delta
        if (part.type === 'reasoning-delta') reasoning += part.delta
        if (part.type === 'finish') finish = part
        if (part.type === 'error') throw part.error
      }
      if (reasoning !== '') content.push({ type: 'reasoning', text: reasoning })
      if (text !== '') content.push({ type: 'text', text })
      return {
        content,
        finishReason: finish?.finishReason ?? finishReason('interrupted'),
        usage: finish?.usage ?? usageOf(undefined, undefined),
        ...(finish?.providerMetadata === undefined ? {} : { providerMetadata: finish.providerMetadata }),
        warnings: [],
      }
    },
  }
}

async function* withStart(
  first: IteratorResult<LanguageModelV4StreamPart>,
  rest: AsyncGenerator<LanguageModelV4StreamPart>,
): AsyncGenerator<LanguageModelV4StreamPart> {
  yield { type: 'stream-start', warnings: [] }
  if (first.done) return
  yield first.value
  yield* rest
}

export const finishReason = (unified: LanguageModelV4FinishReason['unified']): LanguageModelV4FinishReason => ({
  unified,
  raw: undefined,
})

export const usageOf = (input: number | undefined, output: number | undefined): LanguageModelV4Usage => ({
  inputTokens: { total: input, noCache: input, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: output, text: output, reasoning: undefined },
})
