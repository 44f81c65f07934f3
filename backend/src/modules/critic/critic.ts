import { NitroError } from '@nitroagi/shared/errors'
import type { CritiqueData } from '@nitroagi/shared/runs'
import type { Call } from '../../call.ts'
import type { LanguageModels, NamedModel } from '../../ports/language-model/port.ts'
import { statementsIn, type Statement } from '../../statements.ts'
import type { Finding, Module, Task } from '../module.ts'
import { judgeByModel } from './model-critic.ts'
import { readGround, type Ground, type ReadGround } from './passages.ts'
import { createSupport } from './support.ts'
import { figuresIn } from './wording.ts'

/** When a language model judges in place of the rule: when the person wants to be sure, always, or never. */
export type CriticModel = 'auto' | 'always' | 'never'

type Sentence = CritiqueData['sentences'][number]
type Critique = Omit<CritiqueData, 'step'>

const sentencesAtMost = 60
const passagesAtMost = 50
/** Where the fitted measure is as sure as not. */
const threshold = 0.5
const ruleBasis =
  'words, names, numbers and negations of each sentence against the passages it cites, fitted on SQuAD questions'

/** Checks each sentence of an answer: do the passages that it cites say so? */
export function createCriticModule({
  models,
  byModel = 'auto',
}: {
  models: LanguageModels
  byModel?: CriticModel
}): Module {
  return {
    manifest: {
      name: 'critic',
      description: 'Checks each sentence of an answer against the passages that it cites.',
      capabilities: ['verify'],
      cost: 'free',
      latency: 'instant',
      needs: [],
    },
    health: () => Promise.resolve({ status: 'ok', detail: null }),
    async test() {
      const passages = [{ number: 1, title: 'Trial', text: 'The bridge was opened in 1932 and is 503 metres long.' }]
      const check = createSupport('', passages.map(readGround))
      const right = check.measure('The bridge is 503 metres long.', [1]).value
      const wrong = check.measure('The bridge is 508 metres long.', [1]).value
      if (right < threshold || wrong >= threshold) {
        throw new NitroError('internal', `A right number was measured as ${right}, a wrong one as ${wrong}`)
      }
      return `Told a right number (${right.toFixed(2)}) from a wrong one (${wrong.toFixed(2)})`
    },
    async *run(call, task) {
      if (!task.answer) throw new NitroError('invalid_input', 'There is no answer to check.')
      const { statements, isAll } = statementsIn(task.answer.text, sentencesAtMost)
      const byRule = await critiqueByRule(call, task, statements)
      const judge = judgeFor(call, task, models, byModel)
      let critique = byRule
      if (judge && byRule.sentences.some(({ verdict }) => verdict !== 'unchecked')) {
        yield { type: 'report', model: judge.info.id }
        const judged = await judgeByModel(call, task, judge, statements, byRule.sentences)
        if (judged.usage) yield { type: 'report', usage: judged.usage }
        critique = 'sentences' in judged ? critiqueOf('model', judge.info.id, judged.sentences, judged.basis) : byRule
        if (!('sentences' in judged)) critique = { ...byRule, basis: `${byRule.basis} (${judged.note})` }
      }
      if (!isAll) critique = { ...critique, basis: `${critique.basis}; only the first ${sentencesAtMost} sentences` }
      yield { type: 'critique', critique }
      yield report(critique, isAll)
    },
  }
}

/** A model that writes costs money, so the rule judges unless somebody wants to be sure. */
function judgeFor(
  call: Call,
  { answer, model }: Task,
  models: LanguageModels,
  byModel: CriticModel,
): NamedModel | undefined {
  if (byModel === 'never' || (byModel === 'auto' && !answer?.isDoubted)) return undefined
  try {
    const named = models.get(model ?? 'nitro-auto', call)
    return named.info.isLanguageModel ? named : undefined
  } catch {
    return undefined
  }
}

async function critiqueByRule({ signal }: Call, task: Task, statements: readonly Statement[]): Promise<Critique> {
  const grounds = groundsOf(task)
  const given = new Set(grounds.flatMap(({ number }) => number ?? []))
  const read: ReadGround[] = []
  for (const ground of grounds) {
    read.push(readGround(ground))
    await othersFirst()
  }
  const support = createSupport(task.question, read)
  const sentences: Sentence[] = []
  for (const { text, cited, isClaim } of statements) {
    await othersFirst()
    signal.throwIfAborted()
    if (!isClaim) {
      sentences.push({ text, verdict: 'unchecked', support: null, sources: [] })
      continue
    }
    const known = cited.filter((number) => given.has(number))
    const measured = statesFact(text, task) ? { value: 1, numbers: [] } : support.measure(text, known)
    const value = Math.round(measured.value * 1000) / 1000
    const isSupported = value >= threshold
    // What the cited passage does not say, another may: the reader is told which.
    const elsewhere = isSupported || known.length === 0 ? undefined : support.measure(text, [])
    const sources = isSupported ? measured.numbers : elsewhere && elsewhere.value >= threshold ? elsewhere.numbers : []
    sentences.push({ text, verdict: isSupported ? 'supported' : 'unsupported', support: value, sources })
  }
  return critiqueOf('rule', null, sentences, ruleBasis)
}

/** Much text takes a while in all; other chats get their turn in between. */
const othersFirst = () => new Promise(setImmediate)

function groundsOf({ evidence }: Task): Ground[] {
  return [
    ...evidence.passages
      .slice(0, passagesAtMost)
      .map(({ title, content }, index) => ({ number: index + 1, title, text: content })),
    ...(evidence.readings ?? []).map(({ name, text }) => ({ number: undefined, title: name, text })),
    ...evidence.facts.map(({ statement, value }) => ({
      number: undefined,
      title: '',
      text: `${statement} = ${value}`,
    })),
  ]
}

/** It gives a calculated value as it was calculated, and no number that is neither of the calculation nor of a passage. */
function statesFact(text: string, { evidence }: Task): boolean {
  const said = figuresIn(text)
  if (said.size === 0) return false
  return evidence.facts.some(({ statement, value }) => {
    const result = figuresIn(value)
    const known = new Set([...result, ...figuresIn(statement)])
    return (
      result.size > 0 &&
      [...result].every((figure) => said.has(figure)) &&
      [...said].every((figure) => known.has(figure))
    )
  })
}

function critiqueOf(by: Critique['by'], model: string | null, sentences: Sentence[], basis: string): Critique {
  const checked = sentences.filter(({ verdict }) => verdict !== 'unchecked')
  const supported = checked.filter(({ verdict }) => verdict === 'supported').length
  const supportedShare = checked.length === 0 ? null : Math.round((supported / checked.length) * 1000) / 1000
  return { by, model, sentences, supportedShare, basis }
}

function report({ sentences, supportedShare, basis }: Critique, isAll: boolean): Finding {
  const checked = sentences.filter(({ verdict }) => verdict !== 'unchecked').length
  const supported = sentences.filter(({ verdict }) => verdict === 'supported').length
  if (supportedShare === null) return { type: 'report', summary: 'The answer states nothing that could be checked' }
  const rest = isAll ? '' : `; of a longer answer, the first ${sentencesAtMost} sentences were looked at`
  return {
    type: 'report',
    summary: `${supported} of ${checked} ${checked === 1 ? 'sentence is' : 'sentences are'} supported${rest}`,
    confidence: supportedShare,
    confidenceBasis: `share of the checked sentences that are supported, by ${basis}`,
  }
}
