import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'
import { NitroError } from '@nitroagi/shared/errors'
import { streamOf } from './guarded.ts'
import {
  costOf,
  likelyTokens,
  tokensAtMost,
  type BilledCall,
  type Meter,
  type Payer,
  type Taken,
} from './meter-port.ts'
import type { Answered, AnsweringModel, EvidenceOptions, LanguageModels, NamedModel, Price } from './port.ts'

/** Where a cap holds and the caller names no limit: what is set aside for the words, and all that may be said. */
const outputTokensLimited = 8_192
/** What providers put beside the text: rules of their own for tools, roles and separators. */
const tokensPerCall = 512
const tokensPerMessage = 16
/** Of a picture: at the dearest of today's providers, and as they usually count one. */
const tokensPerFile = { most: 4_096, usual: 1_600 }

/** The same models, each call of which is paid for: `get` is told by whom. */
export function meterModels(models: LanguageModels, meter: Meter): LanguageModels {
  /** Costs nothing; where nobody insists on a model, it answers when no other may be asked. */
  const offline = (): NamedModel | undefined => {
    const isThere = models.list().some(({ id }) => id === 'nitro-offline')
    return isThere ? models.get('nitro-offline') : undefined
  }
  return {
    ...models,
    get(name, payer) {
      const named = models.get(name)
      if (!named.info.isLanguageModel) return named
      const isOurs = name === 'nitro-auto' || name.startsWith('nitro-auto/')
      return { ...named, model: meterModel(named, { meter, payer, standIn: isOurs ? offline : () => undefined }) }
    },
  }
}

interface Around {
  meter: Meter
  payer: Payer | undefined
  standIn(): NamedModel | undefined
}

function meterModel(named: NamedModel, { meter, payer, standIn }: Around): AnsweringModel {
  const { model } = named
  return {
    specificationVersion: 'v4',
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,

    async doStream(options) {
      const bill = billFor(named, options)
      let metered
      try {
        metered = await meter.begin(payer, bill)
      } catch (error) {
        const free = hasEvidence(options) && isCapReached(error) ? standIn() : undefined
        if (!free) throw error
        return { ...(await free.model.doStream(options)), answered: inPlaceOf(named, free, error as NitroError) }
      }
      let said = ''
      const settle = (usage: LanguageModelV4Usage | undefined, answered: Answered | undefined) =>
        metered.settle(bill.taken(usage, answered, said))
      let begun
      try {
        begun = await model.doStream(metered.isLimited ? limited(options) : options)
      } catch (error) {
        metered.settle(bill.takenInVain(error))
        throw error
      }
      const { stream, ...about } = begun
      const parts = (stream as AsyncIterable<LanguageModelV4StreamPart>)[Symbol.asyncIterator]()
      const take = (read: IteratorResult<LanguageModelV4StreamPart, unknown>) => {
        if (read.done) settle(undefined, about.answered)
        else if (read.value.type === 'finish') settle(read.value.usage, about.answered)
        else said += writtenIn(read.value)
        return read as IteratorResult<LanguageModelV4StreamPart, undefined>
      }
      const fail = (error: unknown) => {
        settle(undefined, about.answered)
        throw error
      }
      return streamOf({
        about,
        next: () => parts.next().then(take, fail),
        leave() {
          settle(undefined, about.answered)
          void parts.return?.()
        },
      })
    },

    async doGenerate(options) {
      const bill = billFor(named, options)
      const metered = await meter.begin(payer, bill)
      try {
        const result = await model.doGenerate(metered.isLimited ? limited(options) : options)
        metered.settle(bill.taken(result.usage, result.answered, result.content.map(writtenIn).join('')))
        return result
      } catch (error) {
        metered.settle(bill.takenInVain(error))
        throw error
      }
    },
  }
}

const limited = (options: LanguageModelV4CallOptions): LanguageModelV4CallOptions => ({
  ...options,
  maxOutputTokens: options.maxOutputTokens ?? outputTokensLimited,
})

/** What the call may take and, by what the provider counted, has taken. Where it counts nothing, an estimate. */
function billFor(named: NamedModel, options: LanguageModelV4CallOptions) {
  const price = named.price ?? (named.info.provider === 'scripted' ? free : null)
  const dearest = named.dearest ?? price
  // Of the messages alone, as the trace of an answer estimates it, so that both say the same.
  const estimate = () => {
    const { text, files } = contentIn(options)
    return likelyTokens(text) + files * tokensPerFile.usual
  }
  const takenBy = (by: Price | null, input: number, output: number): Taken => ({
    tokens: input + output,
    usd: costOf(by, input, output),
  })
  return {
    model: named.info.id,
    most() {
      const { text, files, messages } = contentIn(options)
      const beside = tokensPerCall + messages * tokensPerMessage + files * tokensPerFile.most
      const input = tokensAtMost(text + besideIn(options)) + beside
      const most = takenBy(dearest, input, options.maxOutputTokens ?? outputTokensLimited)
      return price === null ? { ...most, usd: null } : most
    },
    least: () => takenBy(price, estimate(), 0),
    taken(usage: LanguageModelV4Usage | undefined, answered: Answered | undefined, said: string): Taken {
      const input = (wholeCount(usage?.inputTokens.total) ?? estimate()) * (1 + (answered?.abandonedCalls ?? 0))
      const output = wholeCount(usage?.outputTokens.total) ?? likelyTokens(said.trim())
      // A stand-in of unknown price is counted as the dearest of those that are known.
      const by = answered === undefined || answered.model === named.info.id ? price : (answered.price ?? dearest)
      return takenBy(by, input, output)
    },
    /** Of a call that failed before its first word; one that was given up had the prompt by then. */
    takenInVain(error: unknown): Taken {
      const wasGivenUp = options.abortSignal?.aborted || (error instanceof NitroError && error.code === 'model_timeout')
      return wasGivenUp ? takenBy(price, estimate(), 0) : { tokens: 0, usd: 0 }
    },
  } satisfies BilledCall & Record<string, unknown>
}

const free: Price = { inputUsd: 0, outputUsd: 0 }

/** Providers have been seen to send NaN and negative numbers. */
const wholeCount = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined

function contentIn({ prompt }: LanguageModelV4CallOptions) {
  const texts: string[] = []
  let files = 0
  for (const { content } of prompt) {
    if (typeof content === 'string') texts.push(content)
    else {
      for (const part of content) {
        if (part.type === 'text' || part.type === 'reasoning') texts.push(part.text)
        else if (part.type === 'file') files++
        else if (part.type === 'tool-call') texts.push(`${part.toolName} ${JSON.stringify(part.input)}`)
        else if (part.type === 'tool-result') texts.push(textOfResult(part.output) ?? '')
      }
    }
  }
  return { text: texts.join('\n'), files, messages: prompt.length }
}

/** What the model reads beside the words of the messages: its tools, what is no text in their results, the answer's shape. */
function besideIn({ prompt, tools, responseFormat }: LanguageModelV4CallOptions): string {
  const results = prompt.flatMap(({ role, content }) =>
    role === 'tool'
      ? content.filter((part) => part.type === 'tool-result' && textOfResult(part.output) === undefined)
      : [],
  )
  const schema = responseFormat?.type === 'json' ? responseFormat.schema : undefined
  return [...(tools ?? []), ...results, ...(schema ? [schema] : [])].map((part) => JSON.stringify(part)).join('')
}

type ToolOutput = Extract<
  Extract<LanguageModelV4CallOptions['prompt'][number], { role: 'tool' }>['content'][number],
  { type: 'tool-result' }
>['output']

const textOfResult = (output: ToolOutput): string | undefined =>
  output.type === 'text' || output.type === 'error-text' ? output.value : undefined

function writtenIn(part: LanguageModelV4StreamPart | LanguageModelV4Content): string {
  if (part.type === 'text-delta') return part.delta
  if (part.type === 'text') return part.text
  return part.type === 'tool-call' && !part.providerExecuted ? `\n${part.toolName} ${part.input}` : ''
}

/** Without it, `nitro-offline` has nothing to answer from. */
const hasEvidence = ({ providerOptions }: LanguageModelV4CallOptions): boolean =>
  (providerOptions?.['nitro'] as Partial<EvidenceOptions> | undefined)?.question !== undefined

const isCapReached = (error: unknown): boolean => error instanceof NitroError && error.code === 'spending_cap_reached'

const inPlaceOf = (asked: NamedModel, free: NamedModel, { message }: NitroError): Answered => ({
  model: free.info.id,
  price: free.price,
  detours: [{ model: asked.info.id, reason: `was not asked: ${message.replace(/\.$/, '')}` }],
  abandonedCalls: 0,
})
