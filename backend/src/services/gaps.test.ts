import { expect, it } from 'vitest'
import type { WeakAnswer } from '../ports/database/evaluation-port.ts'
import { gapsIn } from './gaps.ts'

const asked = (question: string, askedBy: string, reason: WeakAnswer['reason'] = 'unanswered'): WeakAnswer => ({
  question,
  askedBy,
  reason,
  askedAt: '2026-01-01T00:00:00.000Z',
  confidence: null,
  feedback: null,
})
const questionsOf = (answers: WeakAnswer[], reader = 'reader') =>
  gapsIn(answers, reader).map(({ question }) => question)

it('keeps a question to the person who alone asked it', () => {
  const alone = asked('Where do the puffins of Freedonia nest?', 'somebody')
  expect(questionsOf([alone])).toEqual([])
  expect(questionsOf([alone], 'somebody')).toEqual([alone.question])
})

it('tells of what two people asked, and of what somebody gave a thumb down', () => {
  const first = asked('Where do the puffins of Freedonia nest?', 'somebody')
  expect(questionsOf([first, asked('Where do puffins of Freedonia nest?', 'another')])).toEqual([first.question])
  expect(questionsOf([first, asked('Where do puffins of Freedonia nest?', 'somebody')])).toEqual([])
  expect(questionsOf([asked('Where do puffins nest?', 'somebody', 'thumbs_down')])).toEqual(['Where do puffins nest?'])
})
