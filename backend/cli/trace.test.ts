import { expect, it } from 'vitest'
import { describeTrace } from './trace.ts'

it('names the tools that were used, what they were given and what came of it', () => {
  const tool = { type: 'dynamic-tool', toolCallId: 'a' } as const
  const lines = describeTrace([
    { ...tool, toolName: 'calculator', state: 'output-available', input: { expression: '6*7' }, output: '6 * 7 = 42' },
    { ...tool, toolName: 'search', state: 'output-error', input: 'not JSON', errorText: 'The arguments are not JSON.' },
    { ...tool, toolName: 'search', state: 'input-available', input: {} },
  ])
  expect(lines.split('\n')).toEqual([
    'Tool      calculator {"expression":"6*7"}: 6 * 7 = 42',
    'Tool      search not JSON: The arguments are not JSON.',
    'Tool      search {}: nothing came of it',
  ])
})
