import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4Prompt } from '@ai-sdk/provider'
import { questionsIn, type AskedQuestion } from '../../questions.ts'
import { createOwnModel, finishReason, usageOf } from './own-model.ts'
import type { EvidenceOptions, OfflineAccount } from './port.ts'
import { rankQuotations, type Quotation } from './quotations.ts'
import { chanceOfAnswer, isSupported } from './support.ts'

const sentencesAtMost = 3
/** Of one question among several. */
const sentencesForEach = 2
/** Of the best sentence's odds; what has less would only be in the way. */
const worthQuoting = 0.005

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
      const evidence = evidenceOf(options)
      const { paragraphs, account } = answer(evidence)
      yield { type: 'text-start', id: 'answer' }
      for (const delta of deltasOf(paragraphs, evidence.continueFrom)) {
        options.abortSignal?.throwIfAborted()
        yield { type: 'text-delta', id: 'answer', delta }
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

/** A paragraph each; of an answer that was cut off only the rest, since the same evidence gives the same words. */
function deltasOf(paragraphs: readonly string[], said = ''): string[] {
  const whole = paragraphs.join('\n\n')
  if (said === whole) return ['\n\nThat was the whole answer.']
  if (said !== '') return [whole.startsWith(said) ? whole.slice(said.length) : `\n\n${whole}`]
  return paragraphs.map((paragraph, index) => (index === 0 ? paragraph : `\n\n${paragraph}`))
}

interface OfflineAnswer {
  paragraphs: string[]
  account: OfflineAccount
}

function answer({ question, passages, facts, readings = [] }: EvidenceOptions): OfflineAnswer {
  const computed = facts.map(stateFact)
  const read = readings.flatMap((reading) => stateReading(question, reading))
  if (read.length > 0) {
    const best = rankQuotations(question, passages)
    const quoted = best[0] && isSupported(best[0]) ? ['Your documents say:', ...pickFrom(best).map(quote)] : []
    return { paragraphs: [...computed, ...read, ...quoted], account: { outcome: 'quoted', confidence: null } }
  }
  // A table has been asked and has answered; its rows beside that would only repeat parts of it.
  const isFromTables = facts.length > 0 && facts.every((fact) => fact.passages !== undefined)
  if (computed.length > 0 && (passages.length === 0 || (isFromTables && asksOnce(question)))) {
    return {
      paragraphs: [...computed, 'This was calculated, not guessed.'],
      account: { outcome: 'computed', confidence: null },
    }
  }
  if (smallTalk.test(question)) return { paragraphs: aboutItself, account: { outcome: 'spoke', confidence: null } }
  if (passages.length === 0) {
    return {
      paragraphs: ['I have no passage of a document that could answer this.', ...aboutItself],
      account: { outcome: 'refused', confidence: null },
    }
  }
  const asked = questionsIn(question)
  if (asked.length > 1) {
    const several = answerEach(question, asked, passages)
    if (several) return { ...several, paragraphs: [...computed, ...several.paragraphs] }
  }
  const ranked = rankQuotations(question, passages)
  const best = ranked[0]
  if (!best || !isSupported(best)) {
    return computed.length > 0
      ? { paragraphs: computed, account: { outcome: 'computed', confidence: null } }
      : { paragraphs: refusal(passages), account: { outcome: 'refused', confidence: null } }
  }
  return {
    paragraphs: [...computed, ...pickFrom(ranked).map(quote)],
    account: { outcome: 'quoted', confidence: chanceOfAnswer(best) },
  }
}

/** Each question of several by its own best sentence, so that one does not drown the others; undefined when none is answered. */
function answerEach(whole: string, asked: readonly AskedQuestion[], passages: EvidenceOptions['passages']) {
  // What a conversation is about is said after the last question mark.
  const subject = whole.slice(whole.search(/[^?？]*$/)).trim()
  const answers = asked.map(({ text, alone }) => {
    const ranked = rankQuotations(`${alone} ${subject}`.trim(), passages)
    return { text, ranked, best: ranked[0] && isSupported(ranked[0]) ? ranked[0] : undefined }
  })
  const found = answers.flatMap(({ best }) => best ?? [])
  if (found.length === 0) return undefined
  const quoted = new Set<string>()
  const paragraphs = answers.flatMap(({ text, best, ranked }) => {
    if (!best) return [`I found nothing in your documents that answers “${text.slice(0, 200)}”`]
    const fresh = pickFrom(ranked)
      .slice(0, sentencesForEach)
      .map(quote)
      .filter((line) => !quoted.has(line))
    for (const line of fresh) quoted.add(line)
    return fresh
  })
  // The whole holds when each of them does; how they hang together is not known, so the weakest counts.
  const confidence = Math.min(...found.map(chanceOfAnswer))
  return { paragraphs, account: { outcome: 'quoted' as const, confidence } }
}

/** In code, because a star of an expression would start emphasis; a rounded value brings its own sign. */
function stateFact({ statement, value, passages = [] }: EvidenceOptions['facts'][number]): string {
  const said = statement.replaceAll('`', "'")
  const cited = passages.map((number) => ` [${number}]`).join('')
  // What stands in a table may look like Markdown, or like a citation.
  const result = passages.length > 0 ? plainly(value) : value
  return result.startsWith('≈ ')
    ? `\`${said}\` ≈ **${result.slice(2)}**${cited}`
    : `\`${said}\` = **${result}**${cited}`
}

const plainly = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\*_`<>[\]#|]/g, '\\$&')

const asksOnce = (question: string): boolean => (question.match(/[?？](?=\s|$)/g)?.length ?? 0) < 2

const readingCharacters = 1_200

/** What was read or heard, in its own words: those that answer the question, or its beginning when none surely do. */
function stateReading(question: string, { name, text }: NonNullable<EvidenceOptions['readings']>[number]): string[] {
  const ranked = rankQuotations(question, [{ title: '', text: text.replace(/\n/g, '\n\n') }])
  const isShort = text.length <= readingCharacters
  const said =
    ranked[0] && isSupported(ranked[0])
      ? pickFrom(ranked).map((quotation) => quotation.text)
      : [isShort ? text : `${text.slice(0, readingCharacters).trimEnd()} …`]
  return [`“${name}” says:`, ...said.map((words) => words.replace(/^/gm, '> '))]
}

/** The best sentence, and others that come near it; what is said twice, whole or in part, is quoted once. */
function pickFrom(ranked: readonly Quotation[]): Quotation[] {
  const unlike: Quotation[] = []
  for (const quotation of ranked) {
    if (unlike.length === sentencesAtMost) break
    if (!unlike.some((other) => saysTheSame(other.text, quotation.text))) unlike.push(quotation)
  }
  return unlike.filter(
    ({ share, text }, index) => index === 0 || (share >= unlike[0]!.share * worthQuoting && !isHeading(text)),
  )
}

/**
 * The same words, a piece of them, or them with what a break of pages had cut off; a layout's spaces do not count. A
 * heading is no reason to leave out the sentence that begins with it.
 */
function saysTheSame(said: string, next: string): boolean {
  const [first, second] = [plain(said), plain(next)]
  return first.includes(second) || (second.includes(first) && first.length > second.length / 2)
}

const plain = (text: string): string => text.replace(/\s+/g, ' ').trim().toLowerCase()

/** A heading shares words with the question and says nothing; as the one thing found, it is still better than nothing. */
const isHeading = (text: string): boolean => text.length < 60 && !/[.!?…。！？][\p{Pe}\p{Pf}"']*$/u.test(text.trim())

/** Line breaks of a layout would end the quotation. */
const quote = ({ text, passage }: Quotation): string => `> ${asWords(text)} [${passage + 1}]`

/**
 * A document's words as no more than words: its own [3] or [1, 2] would pass for a citation, a backtick would hide the
 * citation in code, and a link would show other words than where it leads.
 */
const asWords = (text: string): string =>
  text
    .replace(/\s*\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/`|\](?=[([])/g, '\\$&')
    .trim()

const refusal = (passages: EvidenceOptions['passages']): string[] => [
  'I found nothing in your documents that answers this.',
  `The nearest passages are in ${passages
    .slice(0, 3)
    .map(({ title }, index) => `${asWords(title)} [${index + 1}]`)
    .join(', ')}.`,
]

/** What is said to an assistant rather than asked of the documents. */
const smallTalk =
  /^\W*(?:(?:hi|hello|hey|hola|hallo|bonjour|thanks|thank you|thx|bye|good (?:morning|afternoon|evening|night)|test|testing|ok|okay|help)(?: (?:there|you|all|everyone|nitro(?:agi)?|very much|so much))?|(?:who|what) are you|what can you do|what(?:'s| is) your name|how are you(?: doing)?|are you (?:an? )?(?:ai|bot|robot|human|chatgpt|there))\W*$/i

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
    ...(given?.readings ? { readings: given.readings } : {}),
    ...(given?.continueFrom === undefined ? {} : { continueFrom: given.continueFrom }),
  }
}

function lastUserText(prompt: LanguageModelV4Prompt): string {
  const message = prompt.findLast((candidate) => candidate.role === 'user')
  return message === undefined ? '' : message.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
}
