import { z } from 'zod'
import type { Call } from '../../call.ts'
import type { LanguageModels } from '../../ports/language-model/port.ts'
import { createCitationReader } from '../citations.ts'
import { wantedLength } from '../length.ts'
import { createModelCalls, type ModelCalls } from '../model-calls.ts'
import type { Finding, Module, Task } from '../module.ts'
import { outlinePrompt, sectionPrompt, usualWords, wholePrompt, type Outline } from './prompts.ts'
import { wantsText, type WantedText } from './wants-text.ts'

const sectionsAtMost = 7
/** A text that is no longer is written in one go, whatever its form. */
const wordsAtOnce = 350

const anyText: WantedText = { form: 'text', words: 300, isShort: true }

const OutlineShape = z.object({
  title: z.string().trim().min(1).max(200),
  sections: z
    .array(z.object({ heading: z.string().trim().min(1).max(200), about: z.string().trim().max(1_000) }))
    .min(2)
    .max(sectionsAtMost),
})

/** Writes texts that others will read: short ones in one go, longer ones section by section from an outline. */
export function createWriterModule({ models }: { models: LanguageModels }): Module {
  return {
    manifest: {
      name: 'writer',
      description:
        'Writes letters, articles, reports and the like: outlines a long text first, then writes it section by section.',
      capabilities: ['compose'],
      cost: 'expensive',
      latency: 'slow',
      needs: ['a language model'],
    },
    health: () => Promise.resolve({ status: 'ok', detail: null }),
    async test(call) {
      const { info, model } = models.get('nitro-auto', call)
      const { content } = await model.doGenerate({
        prompt: [
          {
            role: 'user',
            content: [
              {
                type: 'text',
                text: 'Write the subject line of an e-mail that thanks Ada for her help. Only the line.',
              },
            ],
          },
        ],
        abortSignal: call.signal,
        maxOutputTokens: 200,
      })
      const said = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
      return `${info.id} wrote: ${said.trim().slice(0, 120)}`
    },
    async *run(call, task) {
      const named = models.get(task.model ?? 'nitro-auto', call)
      yield { type: 'report', model: named.info.id }
      const calls = createModelCalls(call, task, named)
      try {
        yield* written(call, task, calls)
        yield* calls.account()
      } catch (error) {
        if (call.signal.aborted) return
        yield* calls.account()
        throw error
      }
    },
  }
}

async function* written(call: Call, task: Task, calls: ModelCalls): AsyncGenerator<Finding> {
  const wanted = wantsText(task.question) ?? anyText
  const length = wantedLength(task.question)
  const words = length.words ?? usualWords(wanted.words, length.manner)
  const teller = createTeller(task)
  const isLong = !wanted.isShort && words > wordsAtOnce && task.continueFrom === undefined
  const outline = isLong ? yield* outlined(call, task, wanted, words, calls) : undefined
  if (!outline) {
    yield* teller.tell(calls.stream(wholePrompt(task, wanted, length)))
    yield { type: 'report', summary: `Wrote ${countWords(teller.text())} words in one go (${wanted.form})` }
    return
  }
  const each = Math.max(60, Math.round(words / outline.sections.length / 10) * 10)
  yield* teller.say(`# ${outline.title}\n\n`)
  for (const [index, { heading }] of outline.sections.entries()) {
    yield* teller.say(`## ${heading}\n\n`)
    yield* teller.tell(calls.stream(sectionPrompt(task, wanted, outline, index, each, teller.text())))
    if (index < outline.sections.length - 1) yield* teller.say('\n\n')
    yield {
      type: 'report',
      summary: `Wrote ${index + 1} of ${outline.sections.length} sections, ${countWords(teller.text())} words (${wanted.form})`,
    }
  }
}

/** Shown as a thought, before the first word of the text. Without an outline that can be used the text is written at once. */
async function* outlined(
  call: Call,
  task: Task,
  wanted: WantedText,
  words: number,
  calls: ModelCalls,
): AsyncGenerator<Finding, Outline | undefined> {
  const schema = z.toJSONSchema(OutlineShape) as Record<string, unknown>
  const said = await calls.ask(outlinePrompt(task, wanted, words, sectionsAtMost), {
    responseFormat: { type: 'json', name: 'outline', schema },
    maxOutputTokens: 2_500,
  })
  if (call.signal.aborted) return undefined
  const outline = readOutline(said)
  if (!outline) {
    yield {
      type: 'notice',
      level: 'info',
      code: 'no_outline',
      message: 'The model gave no outline that can be used, so the text was written in one go.',
    }
    return undefined
  }
  const lines = outline.sections.map(({ heading, about }, index) => `${index + 1}. ${heading}: ${about}`)
  yield { type: 'reasoning-delta', delta: `Outline of “${outline.title}”\n${lines.join('\n')}` }
  yield { type: 'report', summary: `Outlined ${outline.sections.length} sections` }
  return outline
}

/** Some put their JSON into a block of code, whatever they are told. */
function readOutline(said: string): Outline | undefined {
  try {
    const outline = OutlineShape.safeParse(JSON.parse(/```(?:json)?\s*([\s\S]*?)```/.exec(said)?.[1] ?? said))
    if (!outline.success) return undefined
    const oneLine = (text: string) => text.replace(/\s+/g, ' ').replace(/^#+\s*/, '')
    return {
      title: oneLine(outline.data.title),
      sections: outline.data.sections.map(({ heading, about }) => ({
        heading: oneLine(heading),
        about: oneLine(about),
      })),
    }
  } catch {
    return undefined
  }
}

/** Says words, keeps them, and finds their citations. */
function createTeller(task: Task) {
  const citations = createCitationReader(task.evidence.passages)
  let text = ''
  function* say(delta: string): Generator<Finding> {
    text += delta
    yield { type: 'text-delta', delta }
    yield* citations.add(delta)
  }
  return {
    say,
    text: () => text,
    async *tell(words: AsyncGenerator<string, { isCut: boolean }>): AsyncGenerator<Finding> {
      let next = await words.next()
      for (; !next.done; next = await words.next()) yield* say(next.value)
      if (next.value.isCut) {
        const message = 'The model reached its length limit, so the text may be cut. Ask it to go on.'
        yield { type: 'notice', level: 'warning', code: 'answer_cut', message }
      }
    },
  }
}

const countWords = (text: string): number => text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0
