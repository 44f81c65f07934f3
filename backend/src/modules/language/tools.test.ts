import { describe, expect, it } from 'vitest'
import { hitOf } from '../../../test/orchestration.ts'
import { testCall } from '../../../test/test-call.ts'
import { testTask } from '../../../test/test-task.ts'
import { createBuiltInTools, type BuiltInTools } from './tools.ts'

const call = testCall()
const task = testTask({ question: 'What now?' })

function toolsWith(given: Partial<BuiltInTools> = {}) {
  const tools = createBuiltInTools({
    calculate: () => ({ statement: '1 + 1', value: '2' }),
    now: () => new Date('2026-11-21T23:30:05Z'),
    search: async () => [hitOf('A passage.')],
    isEnabled: () => true,
    ...given,
  })
  return (name: string) => tools.find((tool) => tool.name === name)!
}

describe('the calculator', () => {
  it('says what was calculated and what came out', async () => {
    expect(await toolsWith()('calculator').execute(call, { expression: '1+1' }, task)).toEqual({ output: '1 + 1 = 2' })
    const rounded = toolsWith({ calculate: () => ({ statement: '1 / 3', value: '≈ 0.333' }) })
    expect(await rounded('calculator').execute(call, { expression: '1/3' }, task)).toEqual({ output: '1 / 3 ≈ 0.333' })
  })

  it('says how to ask when it cannot', async () => {
    const tool = toolsWith({ calculate: () => undefined })('calculator')
    expect(() => tool.execute(call, { expression: 'love' }, task)).toThrow('Give one expression with numbers only')
  })

  it('is not offered to who has switched reasoning off', async () => {
    const tool = toolsWith({ isEnabled: (_call, module) => module !== 'reasoning' })('calculator')
    expect(await tool.isOffered?.(call, task)).toBe(false)
  })
})

describe('the current time', () => {
  const time = (timeZone?: string) => toolsWith()('current_time').execute(call, { timeZone }, task)

  it.each([
    [undefined, 'Saturday, 2026-11-21T23:30:05Z (UTC)'],
    ['Asia/Tokyo', 'Sunday, 2026-11-22T08:30:05+09:00 (Asia/Tokyo)'],
    ['America/St_Johns', 'Saturday, 2026-11-21T20:00:05-03:30 (America/St_Johns)'],
  ])('in %s is %s', async (timeZone, said) => {
    expect(await time(timeZone)).toEqual({ output: said })
  })

  it('of nowhere is refused with what to say instead', () => {
    expect(() => time('Mars/Olympus')).toThrow('IANA')
  })
})

describe('the search', () => {
  it('is made as the person, in the collections of the question', async () => {
    const asked: unknown[] = []
    const tool = toolsWith({
      search: async (asker, request) => {
        asked.push(asker.actor, request)
        return []
      },
    })('search')
    await tool.execute(call, { query: 'bridge' }, { ...task, collectionIds: ['c'] })
    expect(asked).toEqual([call.actor, { query: 'bridge', limit: 5, collectionIds: ['c'] }])
  })

  it('is not offered without documents, nor to who has switched knowledge off', async () => {
    expect(await toolsWith()('search').isOffered?.(call, { ...task, collectionIds: [] })).toBe(false)
    expect(await toolsWith()('search').isOffered?.(call, task)).toBe(true)
    const off = toolsWith({ isEnabled: (_call, module) => module !== 'knowledge' })
    expect(await off('search').isOffered?.(call, task)).toBe(false)
  })
})
