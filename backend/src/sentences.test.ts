import { describe, expect, it } from 'vitest'
import { sentencesOf } from './sentences.ts'

const split = (text: string) => sentencesOf(text).map(({ start, end }) => text.slice(start, end))

describe('the sentences of a text', () => {
  it('do not end at abbreviations, initials and decimal points', () => {
    expect(split('Dr. J. S. Bach met the U.S. Army in Jan. 2020. Costs rose by 3.5 percent. The end.')).toEqual([
      'Dr. J. S. Bach met the U.S. Army in Jan. 2020.',
      'Costs rose by 3.5 percent.',
      'The end.',
    ])
  })

  it('go on over the line breaks of a PDF, and keep headings and list items apart', () => {
    expect(
      split('Introduction\nThis is a long line that was broken in the middle of a\nsentence by a PDF.\n- one\n- two'),
    ).toEqual([
      'Introduction',
      'This is a long line that was broken in the middle of a\nsentence by a PDF.',
      '- one',
      '- two',
    ])
  })

  it('are found in Chinese', () => {
    expect(split('公司成立于1998年。总部在杭州。')).toEqual(['公司成立于1998年。', '总部在杭州。'])
  })

  it('are never as long as a page', () => {
    const lengths = split('word '.repeat(2_000)).map((sentence) => sentence.length)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(600)
  })

  it('have none in an empty text', () => {
    expect(split(' \n ')).toEqual([])
  })
})
