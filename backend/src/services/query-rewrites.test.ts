import { expect, it } from 'vitest'
import { withoutFrames } from './query-rewrites.ts'

it.each([
  ['Can you please tell me when the lease ends?', 'when the lease ends?'],
  ['Hi, I would like to know who wrote the report, please.', 'who wrote the report'],
  ['Hello there! Could you show me about the harvest of 1911, thanks?', 'the harvest of 1911?'],
  ['Kannst du mir sagen, wann der Vertrag endet?', 'wann der Vertrag endet?'],
  ['What may I please my guests with?', 'What may I please my guests with?'],
  ['Who can tell me apart from my twin?', 'Who can tell me apart from my twin?'],
  ['Please', 'Please'],
  ['Can you tell me?', 'Can you tell me?'],
  ['thanks', 'thanks'],
  ['什么时候结束？', '什么时候结束？'],
])('searches for what is asked in “%s”', (question, searched) => {
  expect(withoutFrames(question)).toBe(searched)
})
