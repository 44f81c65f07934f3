import { describe, expect, it } from 'vitest'
import { pastedText, wantsSummary } from './wants-summary.ts'

describe('a summary is asked for', () => {
  it.each([
    ['Summarise our conversation so far', 'conversation'],
    ['What did we decide?', 'conversation'],
    ['Was haben wir beschlossen?', 'conversation'],
    ['qué hemos decidido', 'conversation'],
    ['Fais-moi un résumé de notre conversation', 'conversation'],
    ["Qu'avons-nous décidé ?", 'conversation'],
    ['summarise handbook.pdf', 'documents'],
    ['tl;dr of the report', 'documents'],
    ['handbook.pdf tldr please', 'documents'],
    ['Summarize what my documents say about our conversation rules', 'documents'],
    ['Can you give me a short summary of the handbook?', 'documents'],
    ['What are the key points of the annual report?', 'documents'],
    ['Kannst du mir das Handbuch zusammenfassen?', 'documents'],
    ['Hazme un resumen de mi contrato', 'documents'],
    ['Résume le rapport', 'documents'],
    ['Write a summary of handbook.pdf', 'documents'],
    [`Summarise this:\n${'A long story. '.repeat(60)}`, 'text'],
  ])('by “%s”', (question, what) => expect(wantsSummary(question)).toBe(what))

  it.each([
    'Who wrote the summary of the report?',
    'What is in the executive summary?',
    'resume the job',
    'What are the main points on the map?',
    'What did he decide?',
    'recapture the flag',
    'Sum 3 and 4',
  ])('but not by “%s”', (question) => expect(wantsSummary(question)).toBeUndefined())
})

it('takes the text that came with the request, and no request for a text', () => {
  const text = 'A long story. '.repeat(60).trim()
  expect(pastedText(`Summarise this: ${text}`)).toBe(text)
  expect(pastedText(`Please summarise\n\n${text}`)).toBe(text)
  expect(pastedText('Summarise handbook.pdf')).toBeUndefined()
})
