import type { ConsensusData, NitroPart, PlanData, StepData } from '@nitroagi/shared/runs'
import { expect, it } from 'vitest'
import { answerChoiceIn } from './answer-choice.ts'

const planOf = (...ids: string[]): NitroPart => ({
  type: 'data-plan',
  data: {
    planner: 'rules',
    strategy: 'pipeline',
    strategyReason: '',
    kind: 'lookup',
    planningMs: 0,
    steps: ids.map((id) => ({
      id,
      module: 'language',
      task: '',
      reason: '',
      dependsOn: [],
      ...(id.startsWith('find') ? {} : { isAnswer: true }),
    })),
  } satisfies PlanData,
})

const step = (id: string, status: StepData['status'], model = 'm'): NitroPart => ({
  type: 'data-step',
  id,
  data: {
    id,
    module: 'language',
    reason: '',
    status,
    startedAt: null,
    durationMs: 1,
    model,
    usage: null,
    confidence: null,
    confidenceBasis: null,
    summary: null,
    error: null,
  },
})

it('is that of the step whose words are read: the last one, not a draft', () => {
  const parts = [planOf('find', 'draft', 'answer'), step('find', 'completed'), step('draft', 'completed', 'draft')]
  expect(answerChoiceIn([...parts, step('answer', 'completed', 'final')])).toEqual({
    kind: 'lookup',
    module: 'language',
    model: 'final',
    strategy: 'pipeline',
    selection: null,
    choice: null,
  })
  expect(answerChoiceIn([...parts, step('answer', 'failed', 'final')])?.model).toBe('draft')
})

it('is that of the answer that was chosen among several', () => {
  const answers = ['answer-1', 'answer-2'].map((id) => ({ step: id, isChosen: id === 'answer-1' }))
  const consensus = { type: 'data-consensus', data: { answers } as ConsensusData } as NitroPart
  const steps = [step('answer-1', 'completed', 'one'), step('answer-2', 'completed', 'two')]
  expect(answerChoiceIn([planOf('answer-1', 'answer-2'), ...steps, consensus])?.model).toBe('one')
})

it('is that of an answer that was stopped, because what it said may be rated too', () =>
  expect(answerChoiceIn([planOf('answer'), step('answer', 'stopped')])?.model).toBe('m'))

it('is nothing where nobody answered', () => {
  expect(answerChoiceIn([])).toBeUndefined()
  expect(
    answerChoiceIn([planOf('find', 'answer'), step('find', 'completed'), step('answer', 'failed')]),
  ).toBeUndefined()
})
