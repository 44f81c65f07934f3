import { expect, it } from 'vitest'
import { acronymsIn, definitionsIn, otherwiseWritten } from './query-acronyms.ts'

it.each([
  ['It joined the World Health Organization (WHO) in 1948.', 'WHO', 'World Health Organization'],
  ['NATO (North Atlantic Treaty Organization) was founded.', 'NATO', 'North Atlantic Treaty Organization'],
  [
    'the Organization of Arab Petroleum Exporting Countries (OAPEC, consisting of the Arab members)',
    'OAPEC',
    'Organization of Arab Petroleum Exporting Countries',
  ],
  ['made of deoxyribonucleic acid (DNA)', 'DNA', 'deoxyribonucleic acid'],
  ['many graphics processing\nunits (GPUs)', 'GPU', 'graphics processing units'],
  ['a copy is messenger RNA (mRNA)', 'mRNA', 'messenger RNA'],
  ['the “Court of Justice of the European Union” (CJEU)', 'CJEU', 'Court of Justice of the European Union'],
  ['die Weltgesundheitsorganisation (WHO)', 'WHO', 'Weltgesundheitsorganisation'],
  ['Всемирная организация здравоохранения (ВОЗ)', 'ВОЗ', 'Всемирная организация здравоохранения'],
])('reads in “%s” what the acronym stands for', (text, short, long) => {
  expect(definitionsIn(text)).toEqual([{ short, long }])
})

it.each([
  'He was born in Rome (Italy).',
  'The report (2019) and its annex (see page 3) say so.',
  'They went home. It was late (WHO).',
  'Nothing fits these letters (XQZ).',
  'A model (BERT (large)) was trained.',
])('reads no definition in “%s”', (text) => {
  expect(definitionsIn(text)).toEqual([])
})

it('knows acronyms from words, and from shouting', () => {
  expect(acronymsIn('What do the WHO and GPUs have to do with COX-2?')).toEqual(['WHO', 'GPU', 'COX-2'])
  expect(acronymsIn('Who is Ann, and where do I find her?')).toEqual([])
  expect(acronymsIn('WHAT DID THE WHO SAY ABOUT IT?')).toEqual([])
  expect(acronymsIn('NATO')).toEqual(['NATO'])
})

it('writes a question with the long form for the short one and the other way round, by the best defined meaning', () => {
  const who = { short: 'WHO', long: 'World Health Organization' }
  const spelledOut = 'What did the World Health Organization say?'
  expect(otherwiseWritten('What did the WHO say?', [who, who])).toBe(spelledOut)
  expect(otherwiseWritten('What did the world health organization say?', [who])).toBe('What did the WHO say?')
  expect(otherwiseWritten('Who said it?', [who])).toBeUndefined()
  expect(otherwiseWritten('who said it', [who])).toBeUndefined()
  const ioc = { short: 'IOC', long: 'International Olympic Committee' }
  expect(otherwiseWritten('where is the ioc', [ioc])).toBe('where is the International Olympic Committee')
  const other = { short: 'IOC', long: 'International Oil Company' }
  expect(otherwiseWritten('Where is the IOC?', [ioc, other])).toBe('Where is the International Olympic Committee?')
  expect(otherwiseWritten('Where is the IOC?', [other, ioc])).toBe('Where is the International Oil Company?')
})
