import { describe, expect, it } from 'vitest'
import { stemOf, termsOf } from './terms.ts'

const stems = (text: string) => termsOf(text).map((term) => term.stem)
const telling = (text: string) => termsOf(text).flatMap((term) => (term.isCommon ? [] : [term.word]))

describe('the terms of a text', () => {
  // With the square of their length, these would take longer than any test may.
  it('are found in what nobody means as words', () => {
    for (const letter of ['a', 'q', 'é', 'ا']) {
      const word = letter.repeat(500_000)
      expect(stemOf(word)).toBe(word)
    }
  })

  it.each([
    ['running', 'runs'],
    ['invaded', 'invade'],
    ['cities', 'city'],
    ['développées', 'développée'],
    ['2,340', '2340'],
  ])('take %s and %s for one word', (one, other) => expect(stems(one)).toEqual(stems(other)))

  it('leave out what says nothing, in the language that the text is in', () => {
    expect(telling('When was the tower in Paris built?')).toEqual(['tower', 'Paris', 'built'])
    expect(telling('Wann wurde die Brücke über den Rhein gebaut?')).toEqual(['Brücke', 'Rhein', 'gebaut'])
    expect(telling('Did they die in Vienna?')).toEqual(['die', 'Vienna'])
  })

  it('are pairs of characters where words are not set apart', () => {
    expect(stems('北京大学在哪里')).toEqual(['北京', '京大', '大学'])
  })

  it('know where they stand', () => {
    const text = 'Ada’s 3 cats'
    expect(termsOf(text).map(({ start, end }) => text.slice(start, end))).toEqual(['Ada’s', '3', 'cats'])
  })
})
