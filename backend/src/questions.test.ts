import { expect, it } from 'vitest'
import { searchesIn } from './questions.ts'

it.each([
  ['Who wrote Faust? When was the tower built?', ['Who wrote Faust?', 'When was the tower built?']],
  ['Who wrote Faust and when was the tower built?', ['Who wrote Faust', 'when was the tower built?']],
  ['who is the landlord and what is the rent', ['who is the landlord', 'what is the rent']],
  ['Two questions: 1. Who wrote Faust 2. When was it printed', ['Who wrote Faust', 'When was it printed']],
  ['Please look up:\n- end of the lease\n- amount of the rent', ['end of the lease', 'amount of the rent']],
  ['a) end of the lease b) amount of the rent', ['end of the lease', 'amount of the rent']],
  ['Wer schrieb den Faust und wann wurde der Turm gebaut?', ['Wer schrieb den Faust', 'wann wurde der Turm gebaut?']],
  ['¿Quién escribió esto y cuándo se construyó la torre?', ['¿Quién escribió esto', 'cuándo se construyó la torre?']],
  ['谁写了浮士德？铁塔是什么时候建造的？', ['谁写了浮士德？', '铁塔是什么时候建造的？']],
  ['Who wrote Faust? When did he die?', ['Who wrote Faust?', 'Who wrote Faust? When did he die?']],
])('sees what “%s” asks', (text, searches) => {
  expect(searchesIn(text)).toEqual(searches)
})

it.each([
  'Who wrote Faust?',
  'What is 3. in the list?',
  'How and when did the plague come to Europe?',
  'Who discovered this and where did they come from?',
  'Plate tectonics couples rigid plates on the surface of the Earth and what?',
  'Between Brakel and what other city can the most landward tidal influence be detected?',
  'What was opposed by the Romans and the Greeks??',
  'Really? Why?',
  'abcdefghi'.replace(/./g, 'Is paragraph $& of very many? '),
  `${'and what '.repeat(200)}?`,
])('takes “%s” for one thing to look for', (text) => {
  expect(searchesIn(text)).toEqual([])
})
