import { expect, it } from 'vitest'
import { configsOf, searchText } from './lexemes.ts'

const configs = (text: string) => configsOf(searchText(text))

it.each([
  ['spanish', '¿Cuál era la reputación de Tesla en la cultura popular?'],
  ['spanish', 'Que tipo de tuneles se construyen a traves del centro de la ciudad'],
  ['german', 'Wogegen protestieren manche Leute?'],
  ['german', 'Was machen einige Gemeinschaftsapotheken?'],
  ['french', 'Combien de personnes vivent dans cette ville ?'],
  ['italian', 'Chi ha scritto il libro della giungla?'],
  ['portuguese', 'Qual é a capital da província?'],
  ['dutch', 'Wanneer werd het huis gebouwd?'],
  ['english', 'What is septicemia?'],
  ['russian', 'Что такое сепсис?'],
  ['arabic', 'من هو المدير العام؟'],
  ['hindi', 'सेप्टीसीमिया क्या है?'],
])('takes it for %s first: %s', (language, question) => {
  expect(configs(question)[0]).toBe(language)
})

it('asks for English stems beside those of another language, and for all when there is nothing to go by', () => {
  expect(configs('Wie heißen private Schulen in Deutschland?')).toContain('english')
  expect(configs('Gemeinschaftsapotheken')).toEqual(expect.arrayContaining(['english', 'german', 'spanish']))
  expect(configs('Что такое NSFNET сегодня')).toEqual(['russian'])
})

it('tells the language of a passage by all of it', () => {
  const passage = 'La reputación de Tesla le llevó a ser el estereotipo del científico loco en la cultura popular.'
  expect(searchText(passage).config).toBe('spanish')
})
