import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import type { NitroPart } from '@nitroagi/shared/runs'
import { AnswerBody } from './answer-body.tsx'

const show = (parts: NitroPart[]) =>
  renderToStaticMarkup(<AnswerBody parts={parts} isWriting={false} numberMark={() => undefined} />)

const call = {
  type: 'dynamic-tool',
  toolName: 'calculator',
  toolCallId: 'one',
  input: { expression: '17 * 3' },
} as const

describe('an answer that used tools', () => {
  it('tells in which order words and tools came', () => {
    const html = show([
      { type: 'text', text: 'Let me see.' },
      { ...call, state: 'output-available', output: '17 * 3 = 51' },
      { type: 'data-notice', data: { level: 'info', code: 'any', message: 'between' } },
      { ...call, toolCallId: 'two', state: 'input-available' },
      { type: 'text', text: 'It is 51.' },
    ])
    expect(html.indexOf('Let me see.')).toBeLessThan(html.indexOf('17 * 3 = 51'))
    expect(html.indexOf('17 * 3 = 51')).toBeLessThan(html.indexOf('It is 51.'))
    expect(html.match(/aria-label="Tools used"/g)).toHaveLength(1)
    expect(html.match(/data-status="(completed|running)"/g)).toEqual([
      'data-status="completed"',
      'data-status="running"',
    ])
  })

  it('says what went wrong with a tool', () => {
    const html = show([{ ...call, state: 'output-error', errorText: 'This cannot be calculated.' }])
    expect(html).toContain('data-status="failed"')
    expect(html).toContain('This cannot be calculated.')
  })

  it('shows hostile output as the characters it is made of', () => {
    const html = show([{ ...call, state: 'output-available', output: { a: '<img src=x onerror=alert(1)>', b: 2 } }])
    expect(html).not.toContain('<img')
    expect(html).toContain('&lt;img')
  })
})
