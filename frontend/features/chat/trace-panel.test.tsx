import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import type { ConfidenceData, CritiqueData, NitroMessage, NitroPart } from '@nitroagi/shared/runs'
import { answerParts } from './answer-parts.ts'
import { Confidence, Critique } from './trace-evidence.tsx'
import { UnsupportedLine } from './unsupported-line.tsx'

const critique: CritiqueData = {
  step: 'check',
  by: 'rule',
  model: null,
  sentences: [
    { text: 'The bridge is 503 metres long.', verdict: 'supported', support: 1, sources: [1] },
    { text: 'It opened in 1999.', verdict: 'unsupported', support: 0.04, sources: [] },
    { text: 'Anything else?', verdict: 'unchecked', support: null, sources: [] },
  ],
  supportedShare: 0.5,
  basis: 'words and numbers',
}
const wordsIn = (element: React.ReactElement) =>
  renderToStaticMarkup(element)
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')

describe('the trace', () => {
  it('says of each sentence in words whether it is supported, and by what', () => {
    const words = wordsIn(<Critique critique={critique} />)
    expect(words).toContain('The bridge is 503 metres long. Supported , measured as 1.00, by [1]')
    expect(words).toContain('It opened in 1999. Not supported , measured as 0.04')
    expect(words).toContain('Anything else? Not checked')
  })

  it('shows each part of the confidence with how it was measured, and names what was not', () => {
    const confidence: ConfidenceData = {
      value: 0.62,
      parts: [{ name: 'critic', value: 0.9, basis: 'share of its sentences' }],
      calibration: { raw: 0.9, ratedAnswers: 41 },
      basis: 'its critic alone',
    }
    const words = wordsIn(<Confidence confidence={confidence} />)
    expect(words).toContain('Confidence: 62 %')
    expect(words).toContain('Measured as 90 % before 41 ratings corrected it.')
    expect(words).toContain('Not measured: passages about the question, agreement')
  })

  it('says that nothing was measured where nothing was', () => {
    const confidence = { value: null, parts: [], calibration: null, basis: 'The answer states nothing' }
    expect(wordsIn(<Confidence confidence={confidence} />)).toContain('Confidence: not measured')
  })
})

describe('under the answer', () => {
  const line = (data: CritiqueData | undefined, hasSources = true) =>
    wordsIn(<UnsupportedLine critique={data} hasSources={hasSources} onOpen={() => {}} />).trim()

  it('a line counts the sentences that are not supported', () => {
    expect(line(critique)).toBe('1 of 2 sentences is not supported by the cited passages')
    expect(line({ ...critique, sentences: [critique.sentences[1]!] }, false)).toBe(
      'This is not supported by your documents',
    )
  })

  it('is nothing when all is well or nothing was checked', () => {
    expect(line({ ...critique, sentences: [critique.sentences[0]!, critique.sentences[2]!] })).toBe('')
    expect(line(undefined)).toBe('')
  })
})

describe('an answer', () => {
  it('keeps its check and its confidence', () => {
    const parts = [
      { type: 'data-critique', id: 'check', data: critique },
      { type: 'data-confidence', id: 'confidence', data: { value: 0.5, parts: [], calibration: null, basis: '' } },
    ] satisfies NitroPart[] as NitroMessage['parts']
    const answer = answerParts(parts as NitroPart[])
    expect(answer.critique?.supportedShare).toBe(0.5)
    expect(answer.confidence?.value).toBe(0.5)
  })
})
