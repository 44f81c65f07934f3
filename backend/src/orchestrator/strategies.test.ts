import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { NitroError } from '@nitroagi/shared/errors'
import { describe, expect, it } from 'vitest'
import { hitOf, orchestrate } from '../../test/orchestration.ts'
import { chooseStrategy, type Way } from './strategies.ts'

const ways: readonly Way[] = ['sequential', 'parallel', 'pipeline', 'conditional', 'consensus']

const asked = (options: LanguageModelV4CallOptions | undefined) => JSON.stringify(options?.prompt.at(-1)?.content) ?? ''

/** For each strategy what only that one does: given the name of any, it says whether that one does it. */
const behaviours: Record<Way, { what: string; isShownBy(way: Way): Promise<boolean> }> = {
  sequential: {
    what: 'does one step after the other, and answers once from all that they found',
    async isShownBy(way) {
      let now = 0
      let atOnce = 0
      const search = async (query: string) => {
        atOnce = Math.max(atOnce, ++now)
        await new Promise((resolve) => setTimeout(resolve, 5))
        now--
        return [hitOf(`About: ${query}`)]
      }
      const { calls } = await orchestrate(twoQuestions(way), { search, support: 0.1 })
      const prompt = asked(calls[0])
      return (
        atOnce === 1 && calls.length === 1 && prompt.includes('About: Who built') && prompt.includes('About: Who pain')
      )
    },
  },
  parallel: {
    what: 'does independent steps at the same time, and keeps what came when one of them fails',
    async isShownBy(way) {
      let arrived = () => {}
      let waiting = 0
      const both = new Promise<void>((resolve) => (arrived = resolve))
      const search = async (query: string) => {
        if (query.includes('paid')) throw new NitroError('unavailable', 'The index is away')
        // Whoever comes alone waits for ever, or until the step's deadline.
        if (++waiting === 2) arrived()
        await both
        return [hitOf(`About: ${query}`)]
      }
      const question = 'Who built the bridge? Who planned the tower? Who paid for the tunnel?'
      const limits = { stepSeconds: { recall: 1, search: 0.2, arithmetic: 1, answer: 5 } }
      const { calls, notices } = await orchestrate({ question, strategy: way }, { search, limits })
      const prompt = asked(calls[0])
      const kept = prompt.includes('About: Who built') && prompt.includes('About: Who planned')
      return kept && calls.length === 1 && notices.some(({ code }) => code === 'step_failed')
    },
  },
  pipeline: {
    what: 'gives each step what the one before it has written',
    async isShownBy(way) {
      const queries: string[] = []
      const { calls, text } = await orchestrate(oneQuestion(way), {
        script: (_options, index) => ({ deltas: [index === 0 ? 'Ada Obi built it.' : 'Ada Obi, in 1930.'] }),
        search: (query) => {
          queries.push(query)
          return [hitOf(`Passage ${queries.length}`)]
        },
      })
      const isHandedOn = asked(calls[1]).includes('<draft>\\nAda Obi built it.\\n</draft>')
      return isHandedOn && queries.at(-1)!.includes('Ada Obi built it.') && text === 'Ada Obi, in 1930.'
    },
  },
  conditional: {
    what: 'answers from the documents only when they are measured to support an answer',
    async isShownBy(way) {
      const search = () => [hitOf('The bridge is green.')]
      const weak = await orchestrate(oneQuestion(way), { search, support: 0.12 })
      const strong = await orchestrate(oneQuestion(way), { search, support: 0.9 })
      return (
        !asked(weak.calls[0]).includes('green') &&
        weak.decision?.measured === 0.12 &&
        weak.step('grounded')?.status === 'skipped' &&
        weak.step('grounded')!.summary!.includes('0.12') &&
        asked(strong.calls[0]).includes('green') &&
        strong.step('plain')?.status === 'skipped'
      )
    },
  },
  consensus: {
    what: 'gives the answer that independent answers agree on, and keeps the one that does not',
    async isShownBy(way) {
      const { text, consensus } = await orchestrate(oneQuestion(way), {
        script: ({ responseFormat }, index) => ({
          deltas: [
            responseFormat?.type === 'json'
              ? '{"best": 2, "reason": "Two of three say so."}'
              : index === 0
                ? 'Bob built it in 1931.'
                : 'Ada built the bridge in 1930.',
          ],
        }),
      })
      const dissent = consensus?.answers.filter(({ dissents }) => dissents).map((answer) => answer.text)
      return (
        text === 'Ada built the bridge in 1930.' &&
        consensus?.answers.length === 3 &&
        dissent?.join() === 'Bob built it in 1931.' &&
        consensus.judge.by === 'model'
      )
    },
  },
}

const oneQuestion = (strategy: Way) => ({ question: 'Who built the bridge?', strategy })
const twoQuestions = (strategy: Way) => ({ question: 'Who built the bridge? Who painted the tower?', strategy })

describe.each(ways)('%s', (way) => {
  it(behaviours[way].what, async () => expect(await behaviours[way].isShownBy(way)).toBe(true))

  it.each(ways.filter((other) => other !== way))('is not what %s does', async (other) =>
    expect(await behaviours[way].isShownBy(other)).toBe(false),
  )
})

describe('auto', () => {
  const step = (id: string) => ({ id, capability: 'search' as const, task: id, dependsOn: [] })
  const choice = (question: string, ...steps: ReturnType<typeof step>[]) =>
    chooseStrategy({ question, history: [] }, [...steps, step('answer')], true)

  it.each([
    ['When was the bridge built?', [step('a')], 'sequential'],
    ['Who built it? Who paid for it?', [step('a'), step('b')], 'parallel'],
    ['Summarise the handbook, then translate it into Spanish.', [step('a')], 'pipeline'],
    ['Only answer if it is in my documents: who built it?', [step('a')], 'conditional'],
    ['Who built it? Please double-check.', [step('a')], 'consensus'],
  ])('takes one that fits “%s”', (question, steps, strategy) => {
    const chosen = choice(question, ...steps)
    expect(chosen.strategy).toBe(strategy)
    expect(chosen.reason).not.toBe('')
  })
})

describe('consensus without a language model', () => {
  it('answers from different passages, by a rule', async () => {
    const passages = ['The bridge was built in 1930.', 'It was 1930 when they built it.', 'They built it in 1930.']
    const { consensus, step, text } = await orchestrate(
      { ...oneQuestion('consensus'), model: 'nitro-offline' },
      { search: () => passages.map((content) => hitOf(content)), offline: true },
    )
    expect(consensus).toMatchObject({ from: 'passages', judge: { by: 'rule' } })
    expect(consensus?.answers).toHaveLength(3)
    expect(step('judge')?.confidence).toBe(consensus?.answers.find(({ isChosen }) => isChosen)?.agreement)
    expect(text).toContain('1930')
  })

  it('says that nothing was compared when there is one passage only', async () => {
    const { consensus, step } = await orchestrate(
      { ...oneQuestion('consensus'), model: 'nitro-offline' },
      { search: () => [hitOf('The bridge was built in 1930.')], offline: true },
    )
    expect(consensus?.agreement.overall).toBeNull()
    expect(step('answer-2')?.status).toBe('skipped')
    expect(step('judge')?.confidence).toBeNull()
  })
})

describe('what is left when a part fails', () => {
  it('of a pipeline is its draft', async () => {
    const { text, notices } = await orchestrate(oneQuestion('pipeline'), {
      script: (_options, index) =>
        index === 0 ? { deltas: ['A draft.'] } : { failAfter: 0, failure: { status: 500 } },
    })
    expect(text).toBe('A draft.')
    expect(notices.map(({ code }) => code)).toContain('draft_only')
  })

  it('of a consensus are the answers that came', async () => {
    const { consensus, notices, error } = await orchestrate(oneQuestion('consensus'), {
      script: ({ responseFormat, temperature }) =>
        responseFormat?.type === 'json'
          ? { deltas: ['I cannot decide'] }
          : temperature === 0.4
            ? { failAfter: 0, failure: { status: 400 } }
            : { deltas: ['Ada did.'] },
    })
    expect(error).toBeUndefined()
    expect(consensus?.answers).toHaveLength(2)
    expect(consensus?.judge).toMatchObject({ by: 'rule' })
    expect(consensus?.judge.reason).toContain('not JSON')
    expect(notices.map(({ code }) => code)).toContain('answers_missing')
  })
})
