import type { LanguageModelV4GenerateResult, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { NitroError } from '@nitroagi/shared/errors'
import { emptyAnswer, type ModelLabel } from './failures.ts'

/** No model writes this much in one breath; what does is not a model. */
const maxDeltaCharacters = 1024 * 1024

/**
 * Judges the parts of one stream as they pass: what has begun, what is whole, and what no reader should have to meet.
 * `tellsModel`: whoever asked tells the model of calls that are not JSON, so these pass when the stream ends well.
 */
export function createPartReader(label: ModelLabel, { tellsModel = false } = {}) {
  const openCalls = new Map<string, string>()
  let lastCall: string | undefined
  let textBegun = false
  let contentBegun = false
  let finished = false
  /** The first half of a character that a provider cut in two, by its part. */
  const halves = new Map<string, string>()

  const stopped = () => new NitroError('model_failed', `${label.name} stopped in mid-answer.`)

  function takeDelta<Part extends LanguageModelV4StreamPart & { delta: string; id: string }>(part: Part): Part {
    const { delta } = part
    if (delta.length > maxDeltaCharacters) {
      throw new NitroError('model_failed', `${label.name} sent more at once than any answer holds.`)
    }
    if (halves.size === 0 && delta.isWellFormed() && !delta.includes('\0')) return part
    let text = (halves.get(part.id) ?? '') + delta
    halves.delete(part.id)
    const last = text.charCodeAt(text.length - 1)
    if (last >= 0xd800 && last <= 0xdbff) {
      halves.set(part.id, text.slice(-1))
      text = text.slice(0, -1)
    }
    // Neither can be stored, and one chat's text is stored together with everybody's.
    return { ...part, delta: text.toWellFormed().replaceAll('\0', '\ufffd') }
  }

  function checkCall(name: string, input: string): void {
    if (input.trim() === '' || isJson(input)) return
    throw cutCall(name)
  }
  const cutCall = (name: string) =>
    new NitroError('model_failed', `${label.name} broke off within a call of ${name}, so it was not made. Try again.`)

  return {
    textBegun: () => textBegun,
    contentBegun: () => contentBegun,
    /** The part as it may be passed on; throws on those by which a provider says that it failed. */
    take(part: LanguageModelV4StreamPart): LanguageModelV4StreamPart {
      switch (part.type) {
        case 'text-delta': {
          const clean = takeDelta(part)
          if (clean.delta !== '') textBegun = contentBegun = true
          return clean
        }
        case 'reasoning-delta': {
          const clean = takeDelta(part)
          if (clean.delta !== '') contentBegun = true
          return clean
        }
        case 'error':
          throw part.error
        case 'finish': {
          const reason = part.finishReason.unified
          if (reason === 'error' || reason === 'interrupted') throw stopped()
          for (const name of openCalls.values()) throw cutCall(name)
          // Arguments that look whole may be so by chance.
          if (lastCall !== undefined && tellsModel && (reason === 'length' || reason === 'content-filter')) {
            throw cutCall(lastCall)
          }
          if (!contentBegun) throw emptyAnswer(label, reason)
          finished = true
          return part
        }
        case 'tool-input-start':
          if (!part.providerExecuted) openCalls.set(part.id, part.toolName)
          contentBegun = true
          return part
        case 'tool-call':
          if (!part.providerExecuted) {
            if (!tellsModel) checkCall(part.toolName, part.input)
            lastCall = part.toolName
          }
          openCalls.delete(part.toolCallId)
          contentBegun = true
          return part
        default:
          return part
      }
    },
    /** The stream has no more parts. */
    checkEnd(): void {
      if (!finished) throw stopped()
    },
    /** The same for an answer that came in one piece. */
    checkWhole({ content, finishReason }: LanguageModelV4GenerateResult): void {
      if (finishReason.unified === 'error' || finishReason.unified === 'interrupted') throw stopped()
      if (content.length === 0) throw emptyAnswer(label, finishReason.unified)
      for (const part of content) {
        if (part.type === 'tool-call' && !part.providerExecuted) checkCall(part.toolName, part.input)
      }
    },
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
