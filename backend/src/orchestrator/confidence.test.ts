import { describe, expect, it } from 'vitest'
import type { ConfidenceData } from '@nitroagi/shared/runs'
import { hitOf, moduleOf, orchestrate } from '../../test/orchestration.ts'
import { testCall } from '../../test/test-call.ts'
import { createCriticModule } from '../modules/critic/critic.ts'
import { createKnowledgeModule } from '../modules/knowledge/knowledge.ts'
import { createLanguageModule } from '../modules/language/language.ts'
import { createScriptedLanguageModels } from '../ports/language-model/scripted.ts'
import { composeConfidence, tellConfidence } from './confidence.ts'
import { nothing, type StepOutput } from './execution.ts'

const passage = hitOf('The bridge was opened on 19 March 1932 and is 503 metres long.')
const output = (given: Partial<StepOutput>): StepOutput => ({
  step: { id: 'answer', capability: 'answer', task: 'Answer', dependsOn: [] },
  data: { model: 'test/model', confidence: null, confidenceBasis: null } as StepOutput['data'],
  error: undefined,
  text: 'The bridge is 503 metres long [1].',
  evidence: nothing,
  given: { passages: [passage], facts: [] },
  citations: [{ number: 1, quote: 'x' }],
  findings: [],
  ...given,
})
const checkedWith = (supportedShare: number | null) =>
  output({ critique: { step: 'check', by: 'rule', model: null, sentences: [], supportedShare, basis: 'a rule' } })
const measure = () => ({ value: 0.9, basis: 'given by the test' })
const compose = (answered: StepOutput, checked?: StepOutput) =>
  composeConfidence({ question: 'How long is it?', answered, checked }, measure)
const namesOf = ({ parts }: ConfidenceData) => parts.map(({ name }) => name)

describe('the confidence of an answer', () => {
  it('is that of its weakest part', () => {
    const agreement = { name: 'agreement' as const, value: 0.8, basis: 'alike' }
    const data = compose(output({ agreement }), checkedWith(0.5))
    expect(data).toMatchObject({ value: 0.5, calibration: null })
    expect(namesOf(data)).toEqual(['retrieval', 'agreement', 'critic'])
    expect(compose(output({ agreement }), checkedWith(1)).value).toBe(0.8)
    expect(compose(output({}), checkedWith(1)).value).toBe(0.9)
  })

  it('is, of a quotation, the chance that all of its sentences hold the answer, in place of the retrieval', () => {
    const data = { model: 'nitro-offline', confidence: 0.97, confidenceBasis: 'measured' } as StepOutput['data']
    const quoted = compose(output({ data }), checkedWith(1))
    expect(quoted.value).toBeGreaterThan(0.97)
    expect(quoted.parts.find(({ name }) => name === 'quotation')?.value).toBe(0.97)
    expect(compose(output({ data: { ...data, confidence: 0.2 } }), checkedWith(1)).value).toBeCloseTo(0.54, 2)
  })

  it('is that of the calculation when a checked result is stated, however it is written', () => {
    const given = { passages: [], facts: [{ statement: '1170 * 2', value: '2340' }] }
    const data = compose(output({ text: '`1170 * 2` = **2,340**', given, citations: [] }))
    expect(data).toMatchObject({ value: 1, parts: [{ name: 'calculation' }] })
    expect(compose(output({ text: 'About 2,400.', given, citations: [] })).value).toBeNull()
  })

  it('does not fall because the words of a table are unlike those of the question', () => {
    const facts = [{ statement: 'Total Units', value: '9', sources: [passage.entryId] }]
    const data = compose(output({ text: '`Total Units` = **9** [1]', given: { passages: [passage], facts } }))
    expect(namesOf(data)).toEqual(['calculation'])
  })

  it.each([
    ['nothing measured it', output({ given: nothing, citations: [] }), undefined],
    ['it says that it found nothing', output({ text: 'I found nothing in your documents. [1]' }), checkedWith(null)],
    ['it refuses and was not checked', output({ text: 'The documents do not say it. [1]' }), undefined],
    ['it is not from the documents', output({ citations: [] }), checkedWith(0)],
  ])('is not measured when %s', (_, answered, checked) => {
    expect(compose(answered, checked)).toMatchObject({ value: null, parts: [], calibration: null })
  })
})

describe('ratings', () => {
  const tell = async (calibrate: Parameters<typeof tellConfidence>[1]['calibrate']) => {
    const whole = { call: testCall(), question: 'x', answered: output({}), checked: checkedWith(1) }
    const [chunk] = await Array.fromAsync(tellConfidence(whole, { measureSupport: measure, calibrate }))
    return (chunk as { data: ConfidenceData }).data
  }

  it('correct the confidence once there are enough of them, and what was measured is kept beside it', async () => {
    const data = await tell(async () => ({ value: 0.7, ratedAnswers: 41, neededAnswers: 30 }))
    expect(data).toMatchObject({ value: 0.7, calibration: { raw: 0.9, ratedAnswers: 41 } })
  })

  it('change nothing while they are few, and the answer says how many', async () => {
    const data = await tell(async () => ({ value: undefined, ratedAnswers: 12, neededAnswers: 30 }))
    expect(data).toMatchObject({ value: 0.9, calibration: null })
    expect(data.basis).toContain('12 of 30 rated answers')
  })

  it('that cannot be read take nothing from the answer', async () => {
    expect(await tell(() => Promise.reject(new Error('away')))).toMatchObject({ value: 0.9, calibration: null })
  })
})

it('comes last with every answer, with the check of its sentences before it', async () => {
  const models = createScriptedLanguageModels({
    deltas: ['The bridge is 503 metres long [1]. ', 'It was opened in 1999 [1].'],
  })
  const modules = [
    createKnowledgeModule({ search: async () => [passage] }),
    createLanguageModule({ models }),
    createCriticModule({ models }),
  ]
  const { chunks, step } = await orchestrate({ question: 'How long is the bridge?' }, { modules })
  const critique = chunks.find((chunk) => chunk.type === 'data-critique')?.data
  expect(critique).toMatchObject({ supportedShare: 0.5 })
  expect(chunks.at(-1)).toMatchObject({ type: 'data-confidence', id: 'confidence', data: { value: 0.5 } })
  expect(step('check')).toMatchObject({
    module: 'critic',
    status: 'completed',
    summary: '1 of 2 sentences are supported',
  })
})

it('stands without the check when that fails', async () => {
  const models = createScriptedLanguageModels({ deltas: ['The bridge is 503 metres long [1].'] })
  const modules = [
    createKnowledgeModule({ search: async () => [passage] }),
    createLanguageModule({ models }),
    moduleOf('critic', 'verify', async function* () {
      yield* []
      throw new Error('broken')
    }),
  ]
  const { chunks, error, step } = await orchestrate({ question: 'How long is the bridge?' }, { modules })
  expect(error).toBeUndefined()
  expect(step('check')!.status).toBe('failed')
  expect(chunks.at(-1)).toMatchObject({ type: 'data-confidence', data: { parts: [{ name: 'retrieval' }] } })
})

it('measures how far several answers agree when they were compared', async () => {
  const search = () => [passage, hitOf('The bridge is 503 metres long, the longest of its kind.')]
  const { chunks } = await orchestrate(
    { question: 'How long is the bridge?', strategy: 'consensus' },
    { search, script: { deltas: ['The bridge is 503 metres long [1].'] } },
  )
  const data = chunks.findLast((chunk) => chunk.type === 'data-confidence')!.data
  expect(data.parts.find(({ name }) => name === 'agreement')?.value).toBeGreaterThan(0.9)
})
