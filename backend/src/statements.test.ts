import { expect, it } from 'vitest'
import { statementsIn } from './statements.ts'

const said = (answer: string) => statementsIn(answer, 60).statements
const claims = (answer: string) => said(answer).flatMap(({ text, isClaim }) => (isClaim ? [text] : []))

it('takes an answer apart into sentences with the passages that they cite', () => {
  expect(
    said('The **Seine** flows through [1] Paris. It is 777 km long.[2][3]\n\n> Ada approves trips. [4, 5]'),
  ).toEqual([
    { text: 'The Seine flows through Paris.', cited: [1], isClaim: true },
    { text: 'It is 777 km long.', cited: [2, 3], isClaim: true },
    { text: 'Ada approves trips.', cited: [4, 5], isClaim: true },
  ])
})

it('does not check what states nothing: headings, greetings, questions, refusals and words about the answer', () => {
  const empty = [
    '## The bridge of 1932',
    'Hello! Sure!',
    'Do you want more?',
    'The documents do not say when it was built.',
    'Your documents contain no answer.',
    'This is not mentioned in the passages.',
    'I found nothing in your documents that answers this.',
    'I could not find the length of the bridge.',
    'Here is what they say:',
    'Let me know if you need the dates.',
    '```\nx = 1932\n```',
    '|---|---|',
  ]
  for (const text of empty) expect(claims(text), text).toEqual([])
})

it('checks list items, table rows and an answer of one word', () => {
  expect(claims('- Rome [1]\n2. The bridge is long\n\n| Oslo | 12 |')).toEqual([
    'Rome',
    'The bridge is long',
    'Oslo 12',
  ])
})

it('looks at the beginning only of an answer that is as long as a book, and says so', () => {
  for (const text of ['a. b. ', '[1] *x ', '- Rome\n', 'word ', '**', '| a ']) {
    const { statements, isAll } = statementsIn(text.repeat(400_000 / text.length), 60)
    expect(statements.length).toBeLessThanOrEqual(60)
    if (statements.length === 60) expect(isAll).toBe(false)
  }
})
