import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4Prompt } from '@ai-sdk/provider'
import { createOwnModel, finishReason, usageOf } from './own-model.ts'
import type { EvidenceOptions, OfflineAccount } from './port.ts'
import { rankQuotations, type Quotation } from './quotations.ts'

/** Under this, what was found is about something else, and saying so is the better answer. */
const enoughSupport = 0.45
const sentencesAtMost = 3

const howToAddOne =
  'To have answers written, set OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_GENERATIVE_AI_API_KEY or ' +
  'OPENAI_COMPATIBLE_BASE_URL (Ollama, vLLM, LM Studio) and start again.'

/**
 * Answers without a language model: quotes the best-supported sentences of the evidence, or says that it found nothing.
 * Never writes a statement of its own about the world.
 */
export const createOfflineModel = (): LanguageModelV4 =>
  createOwnModel({
    provider: 'nitro',
    modelId: 'nitro-offline',
    async *parts(options) {
      const { paragraphs, account } = answer(evidenceOf(options))
      yield { type: 'text-start', id: 'answer' }
      for (const [index, paragraph] of paragraphs.entries()) {
        options.abortSignal?.throwIfAborted()
        yield { type: 'text-delta', id: 'answer', delta: index === 0 ? paragraph : `\n\n${paragraph}` }
      }
      yield { type: 'text-end', id: 'answer' }
      yield {
        type: 'finish',
        // No model's tokens were used, and that is the truth rather than an estimate.
        usage: usageOf(0, 0),
        finishReason: finishReason('stop'),
        providerMetadata: { nitro: { ...account } },
      }
    },
  })

interface OfflineAnswer {
  paragraphs: string[]
  account: OfflineAccount
}

function answer({ question, passages, facts }: EvidenceOptions): OfflineAnswer {
  const computed = facts.map(stateFact)
  if (passages.length === 0) {
    if (computed.length > 0) {
      return {
        paragraphs: [...computed, 'This was calculated, not guessed.'],
        account: { outcome: 'computed', support: null },
      }
    }
    return { paragraphs: aboutItself, account: { outcome: 'spoke', support: null } }
  }
  const ranked = rankQuotations(question, passages)
  const best = ranked[0]
  if (!best || best.signs.withTitle < enoughSupport) {
    return computed.length > 0
      ? { paragraphs: computed, account: { outcome: 'computed', support: null } }
      : { paragraphs: refusal(passages), account: { outcome: 'refused', support: best?.signs.withTitle ?? 0 } }
  }
  return {
    paragraphs: [...computed, ...pickFrom(ranked).map(quote)],
    account: { outcome: 'quoted', support: best.signs.withTitle },
  }
}

/** In code, because a star of an expression would start emphasis; a rounded value brings its own sign. */
const stateFact = ({ statement, value }: EvidenceOptions['facts'][number]): string =>
  value.startsWith('≈ ') ? `\`${statement}\` ≈ **${value.slice(2)}**` : `\`${statement}\` = **${value}**`

/** The best sentence, and others that come near it. */
const pickFrom = (ranked: readonly Quotation[]): Quotation[] =>
  ranked.slice(0, sentencesAtMost).filter(({ score }) => score >= ranked[0]!.score * 0.6)

/** Line breaks of a PDF's layout would break the quotation in two. */
const quote = ({ text, passage }: Quotation): string => `> ${text.replace(/\s+/g, ' ')} [${passage + 1}]`

const refusal = (passages: EvidenceOptions['passages']): string[] => [
  'I found nothing in your documents that answers this.',
  `The nearest passages are in ${passages
    .slice(0, 3)
    .map(({ title }, index) => `${title} [${index + 1}]`)
    .join(', ')}.`,
]

const aboutItself = [
  'I am nitro-offline. I am not a language model: I answer from your documents, by quoting what they say, and I calculate.',
  'Add documents on the Knowledge page and ask about them, or ask something like “17% of 2,340”.',
  howToAddOne,
]

/** What the language module handed over; for any other caller, the last thing that the user said. */
function evidenceOf({ prompt, providerOptions }: LanguageModelV4CallOptions): EvidenceOptions {
  const given = providerOptions?.['nitro'] as Partial<EvidenceOptions> | undefined
  return {
    question: given?.question ?? lastUserText(prompt),
    passages: given?.passages ?? [],
    facts: given?.facts ?? [],
  }
}

function lastUserText(prompt: LanguageModelV4Prompt): string {
  const message = prompt.findLast((candidate) => candidate.role === 'user')
  return message === undefined ? '' : message.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
}
