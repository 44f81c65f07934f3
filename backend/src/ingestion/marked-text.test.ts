import { expect, it } from 'vitest'
import { boxesOf, createTextBuilder, type Flow } from './marked-text.ts'

const line = (y: number) => ({ x: 0.1, y, width: 0.5, height: 0.02 })

it('marks each line of a passage, and of a line only what belongs to it', () => {
  const builder = createTextBuilder()
  builder.add('0123456789', line(0.1))
  builder.lines(1)
  builder.add('abcdefghij', line(0.2))
  const marked = builder.finish()
  expect(marked.text).toBe('0123456789\nabcdefghij')
  const [first, second, ...more] = boxesOf(marked, 8, 13)
  expect(more).toEqual([])
  expect(first).toMatchObject({ x: expect.closeTo(0.5), y: 0.1, width: expect.closeTo(0.1) })
  expect(second).toMatchObject({ x: 0.1, y: 0.2, width: expect.closeTo(0.1) })
})

it.each<[Flow, { x: number; y: number }]>([
  ['right', { x: 0.2, y: 0.2 }],
  ['left', { x: 0.4, y: 0.2 }],
  ['down', { x: 0.2, y: 0.2 }],
  ['up', { x: 0.2, y: 0.4 }],
])('finds the beginning of what runs to the %s', (flow, place) => {
  const builder = createTextBuilder()
  builder.add('ab', { x: 0.2, y: 0.2, width: 0.4, height: 0.4 }, flow)
  expect(boxesOf(builder.finish(), 0, 1)[0]).toMatchObject({ x: expect.closeTo(place.x), y: expect.closeTo(place.y) })
})

it('keeps the places right when a cut word is joined and blanks are dropped', () => {
  const builder = createTextBuilder()
  builder.add('gath-  ', line(0.1))
  expect(builder.joinHyphen()).toBe(true)
  builder.add('ers', line(0.2))
  builder.space()
  builder.lines(2)
  builder.add('end')
  const marked = builder.finish()
  expect(marked.text).toBe('gathers\n\nend')
  expect(boxesOf(marked, 0, 7).map(({ y }) => y)).toEqual([0.1, 0.2])
  expect(boxesOf(marked, 9, 12)).toEqual([])
})
