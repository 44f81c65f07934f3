import { attachmentUrl } from '@nitroagi/shared/attachments'
import { expect, it } from 'vitest'
import { picturesAskedAbout } from './asked-about.ts'

const ids = [1, 2, 3, 4, 5, 6].map((digit) => `0190b6a4-0000-7000-8000-00000000000${digit}`)
const file = (id: string, mediaType = 'image/png') => ({ type: 'file', mediaType, url: attachmentUrl(id) })
const turn = (text: string, ...files: object[]) => [
  { role: 'user', parts: [...(files as { type: string }[]), { type: 'text', text }] },
  { role: 'assistant', parts: [{ type: 'text', text: 'Two cats.' }] },
]
const withPicture = turn('What is on it?', file(ids[0]!))

it.each([
  ['And the left one?', true],
  ['What colour is it?', true],
  ['Is there a dog in the picture?', true],
  ['Und rechts?', true],
  ['Who wrote the travel policy?', false],
  ['17% of 2,340', false],
])('directly after a picture, "%s" asks about it: %s', (question, isAsked) => {
  expect(picturesAskedAbout({ question, attached: 0, history: withPicture })).toEqual(isAsked ? [ids[0]] : [])
})

it('a picture is found by its name for three turns, by "it" only in the next', () => {
  const later = [...withPicture, ...turn('Who are you?'), ...turn('Thanks')]
  expect(picturesAskedAbout({ question: 'And the left one?', attached: 0, history: later })).toEqual([])
  expect(picturesAskedAbout({ question: 'Back to the photo: who is left?', attached: 0, history: later })).toEqual([
    ids[0],
  ])
  const long = [...later, ...turn('Hello')]
  expect(picturesAskedAbout({ question: 'And in the photo?', attached: 0, history: long })).toEqual([])
})

it('four pictures at most, the newest of them, oldest first', () => {
  const history = [
    ...turn('One', file(ids[0]!), file(ids[1]!)),
    ...turn('More', ...ids.slice(2, 6).map((id) => file(id))),
  ]
  expect(picturesAskedAbout({ question: 'Compare the pictures', attached: 0, history })).toHaveLength(4)
  expect(picturesAskedAbout({ question: 'Compare the pictures', attached: 3, history })).toHaveLength(1)
})

it('a new picture is looked at alone, unless it is to be compared', () => {
  expect(picturesAskedAbout({ question: 'What is in this picture?', attached: 1, history: withPicture })).toEqual([])
  const question = 'What is the difference to the picture before?'
  expect(picturesAskedAbout({ question, attached: 1, history: withPicture })).toEqual([ids[0]])
})

it('recordings and addresses that are not ours are no pictures', () => {
  const history = turn('Look', file(ids[0]!, 'audio/webm'), {
    type: 'file',
    mediaType: 'image/png',
    url: 'https://elsewhere.example/x.png',
  })
  expect(picturesAskedAbout({ question: 'And the picture?', attached: 0, history })).toEqual([])
})
