import { describe, expect, it } from 'vitest'
import { hitOf, moduleOf, orchestrate } from '../../test/orchestration.ts'
import type { Attachment, Finding, Task } from '../modules/module.ts'
import { wantsSummary } from '../modules/summary/wants-summary.ts'
import { wantsText } from '../modules/writer/wants-text.ts'
import type { AnswerRequest } from './port.ts'
import { planByRules, stagesIn, type Recognisers } from './rule-planner.ts'

describe('what is to be done after something else', () => {
  it('begins at "then"', () => {
    const text = 'Find the prices, then add them up and then write to Ada; and then stop for today'
    expect(stagesIn(text)).toEqual(['Find the prices', 'add them up', 'write to Ada', 'stop for today'])
  })

  // With the square of their number, these would take longer than any test may.
  it.each([' ', '\n', '\u00a0', ' and', ', ', ' then'])('is looked for in many %j without getting lost', (blank) => {
    expect(stagesIn(`q${blank.repeat(200_000)}x`).length).toBeLessThan(200_001)
  })
})

const recognisers: Recognisers = {
  canCompute: (text) => /^\d/.test(text),
  wantsTable: (text) => text.includes('average'),
  wantsSummary,
  wantsText: (text) => wantsText(text) !== undefined,
}

const attached = (name: string, mediaType: string): Attachment => ({
  id: name,
  name,
  mediaType,
  sizeBytes: 1,
  read: async () => new Uint8Array(),
})
const picture = attached('chart.png', 'image/png')
const recording = attached('call.mp3', 'audio/mpeg')

const stepsFor = (question: string, more: Partial<AnswerRequest> = {}) =>
  planByRules({ question, history: [], ...more }, recognisers).steps
const plan = (question: string, more?: Partial<AnswerRequest>) =>
  stepsFor(question, more).map(({ capability }) => capability)

describe('the rule planner', () => {
  it.each([
    ['Summarise handbook.pdf', ['summarise']],
    ['Was haben wir beschlossen?', ['summarise']],
    ['Résume le rapport', ['summarise']],
    ['Resume el manual en tres frases', ['summarise']],
    ['Write an email to Bob about the delay', ['search', 'compose']],
    ['Schreibe bitte einen Bericht über den Umsatz', ['search', 'compose']],
    ['Who wrote the summary of the report?', ['search', 'answer']],
    ['Write a function that sends an email', ['search', 'answer']],
    ['Summarise the rules? Who wrote them? When was that?', ['search', 'search', 'search', 'answer']],
  ])('plans “%s” by what it clearly asks for', (question, capabilities) => {
    expect(plan(question)).toEqual(capabilities)
  })

  it('looks at an image to answer, and looks documents up only when the question points at them', () => {
    expect(plan('What does it show?', { attachments: [picture] })).toEqual(['look'])
    expect(plan('Does it fit our policy?', { attachments: [picture] })).toEqual(['look', 'search', 'answer'])
    expect(plan('Write an email about it', { attachments: [picture] })).toEqual(['look', 'compose'])
    expect(stepsFor('What does it show?', { attachments: [picture] })[0]!.task).toContain('chart.png')
  })

  it('has a recording written down before it answers or summarises', () => {
    expect(plan('What was agreed?', { attachments: [recording] })).toEqual(['transcribe', 'answer'])
    expect(plan('Summarise it', { attachments: [recording] })).toEqual(['transcribe', 'summarise'])
    expect(plan('Compare both', { attachments: [recording, picture] })).toEqual(['transcribe', 'look', 'answer'])
  })

  it('computes from tables where there are any', () => {
    const hasTables = true
    expect(plan('What is the average price?', { hasTables })).toEqual(['tabulate', 'search', 'answer'])
  })

  it.each(['a ', 'and then ', '? ', 'why?x ', '1,', '\n'])(
    'plans the longest message made of “%s” at once',
    (piece) => {
      expect(plan(piece.repeat(32_000 / piece.length)).at(-1)).toBe('answer')
    },
  )
})

const says = (...findings: Finding[]) =>
  async function* () {
    yield* findings
  }
const word = (delta: string): Finding => ({ type: 'text-delta', delta })

function household(seen: { name: string; task: Task }[] = []) {
  const watched = (name: string, capability: string, ...findings: Finding[]) => ({
    ...moduleOf(name, capability, says()),
    async *run(_call: unknown, task: Task) {
      seen.push({ name, task })
      yield* findings
    },
  })
  return [
    watched('knowledge', 'search', { type: 'passages', hits: [hitOf('A passage.')] }),
    watched('language', 'answer', word('An answer.')),
    watched('summary', 'summarise', word('A summary.')),
    watched('writer', 'compose', word('A letter.')),
    watched('vision', 'look', word('A cat.'), {
      type: 'reading',
      reading: { name: 'chart.png', kind: 'image', text: 'A cat.' },
    }),
    watched('critic', 'verify'),
  ]
}

describe('a request for a summary or a text', () => {
  const carriedOut = (question: string, more: Partial<AnswerRequest> & { disabled?: string[] } = {}) => {
    const { disabled = [], ...request } = more
    return orchestrate({ question, ...request }, { modules: household(), recognisers, disabled })
  }

  it('is carried out by the module that does it', async () => {
    expect((await carriedOut('Summarise handbook.pdf')).text).toBe('A summary.')
    expect((await carriedOut('Write a letter to Bob')).text).toBe('A letter.')
  })

  it('is answered as well as can be when that module is switched off, which is said', async () => {
    const { text, notices } = await carriedOut('Summarise handbook.pdf', { disabled: ['summary'] })
    expect(text).toBe('An answer.')
    expect(notices).toMatchObject([
      { code: 'left_out', message: expect.stringContaining('summary module is switched off') },
    ])
  })

  it('has one notice for each module that it goes without', async () => {
    const { notices, plan } = await carriedOut('When was it built?', { disabled: ['knowledge', 'critic'] })
    expect(notices.map(({ message }) => message)).toEqual([
      'The knowledge module is switched off, so your documents were not searched.',
    ])
    expect(plan?.steps.map(({ module }) => module)).toEqual(['language'])
    const unchecked = await carriedOut('When was it built?', { disabled: ['critic'] })
    expect(unchecked.notices).toMatchObject([{ message: expect.stringContaining('critic module is switched off') }])
  })

  it('says that a recording was not heard when nobody can hear it', async () => {
    const { text, notices } = await carriedOut('What is said?', { attachments: [recording] })
    expect(text).toBe('An answer.')
    expect(notices).toMatchObject([{ code: 'left_out', message: expect.stringContaining('not heard') }])
  })

  it.each(['sequential', 'parallel', 'pipeline', 'conditional', 'consensus'] as const)(
    'is carried out by %s too',
    async (strategy) => {
      expect((await carriedOut('Summarise handbook.pdf', { strategy })).text).toBe('A summary.')
      expect((await carriedOut('What does it show?', { strategy, attachments: [picture] })).text).toBe('A cat.')
    },
  )

  it('is a stage of its own in a pipeline, whose text the next one is given', async () => {
    const seen: { name: string; task: Task }[] = []
    const { plan } = await orchestrate(
      { question: 'Summarise handbook.pdf, then translate it into Spanish.', strategy: 'pipeline' },
      { modules: household(seen), recognisers },
    )
    expect(plan?.steps.map(({ module }) => module)).toEqual(['summary', 'language'])
    expect(seen.map(({ name, task }) => [name, task.question, task.previous])).toEqual([
      ['summary', 'Summarise handbook.pdf', undefined],
      ['language', 'translate it into Spanish.', 'A summary.'],
    ])
  })

  it('gives three summaries to choose from in a consensus', async () => {
    const { consensus } = await carriedOut('Summarise handbook.pdf', { strategy: 'consensus' })
    expect(consensus?.answers.map(({ text }) => text)).toEqual(['A summary.', 'A summary.', 'A summary.'])
  })

  it('measures nothing in a conditional that reads by itself, and says so', async () => {
    const { decision, step } = await carriedOut('Summarise handbook.pdf', { strategy: 'conditional' })
    expect(decision).toMatchObject({ taken: 'grounded', measured: null })
    expect(step('plain')?.status).toBe('skipped')
  })
})

describe('what a planning model is told', () => {
  const planned = async (said: object, request: Partial<AnswerRequest> = {}, disabled: string[] = []) => {
    const modules = household()
    return orchestrate(
      { question: 'Who built it?', planner: 'model', ...request },
      { script: { deltas: [JSON.stringify(said)] }, modules, recognisers, disabled },
    )
  }
  const step = (capability: string, id: string = capability) => ({ id, capability, task: id, input: '', dependsOn: [] })
  const rulesOf = async (request: Partial<AnswerRequest>, disabled: string[] = []) => {
    const { calls } = await planned({ steps: [step('answer')] }, request, disabled)
    return JSON.stringify(calls[0]!.prompt[0])
  }

  it('is only what can be done now', async () => {
    const rules = await rulesOf({})
    for (const name of ['search', 'answer', 'summarise', 'compose']) expect(rules).toContain(`- \\"${name}\\"`)
    for (const name of ['tabulate', 'look', 'transcribe', 'arithmetic']) expect(rules).not.toContain(`- \\"${name}\\"`)
    expect(await rulesOf({ attachments: [picture] })).toContain('- \\"look\\"')
    expect(await rulesOf({ collectionIds: [] })).not.toContain('- \\"search\\"')
    expect(await rulesOf({}, ['writer'])).not.toContain('- \\"compose\\"')
  })

  it('lets it end in a summary or in a text', async () => {
    expect((await planned({ steps: [step('summarise')] })).text).toBe('A summary.')
    expect((await planned({ steps: [step('search'), step('compose')] })).text).toBe('A letter.')
  })

  it.each([
    ['is switched off', [step('compose')], ['writer']],
    ['has nothing to work on', [step('look')], []],
    ['does not exist', [step('dream')], []],
    ['is no model’s to plan', [step('verify'), step('answer')], []],
  ])('leaves the plan to the rules when it plans what %s', async (_what, steps, disabled) => {
    const { plan, notices, text } = await planned({ steps }, {}, disabled)
    expect(plan?.planner).toBe('rules')
    expect(text).toBe('An answer.')
    expect(notices.map(({ code }) => code)).toContain('plan_by_rules')
  })
})
