import { expect, it } from 'vitest'
import { readFrame } from './read-frame.ts'

const run = '11111111-1111-4111-8111-111111111111'
const read = (frame: unknown) => readFrame(Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame)))

it('reads a frame as it was sent', () => {
  expect(read({ type: 'subscribe', id: '1', run })).toEqual({ frame: { type: 'subscribe', id: '1', run } })
})

it('says what is wrong with a frame, and which one it was', () => {
  expect(read('{')).toEqual({ frame: undefined, problem: 'A frame must be JSON', id: undefined })
  const wrong = read({ type: 'subscribe', id: 'mine', run: 'x' })
  expect(wrong).toMatchObject({ frame: undefined, id: 'mine' })
  expect(wrong.frame === undefined && wrong.problem).toMatch(/^run: ./)
})

it.each([[null], [7], ['[]'], [[]]])('says so of what is no frame at all: %o', (value) => {
  const { frame, ...said } = read(value)
  expect(frame).toBeUndefined()
  expect(said).toMatchObject({ id: undefined })
  // Nothing stands before the sentence where there is no field to name.
  expect('problem' in said && said.problem).not.toMatch(/^: /)
})

it('gives no id back that is too long or no text', () => {
  const idOf = (id: unknown) => {
    const given = read({ type: 'nonsense', id })
    return given.frame === undefined ? given.id : 'a frame'
  }
  expect(idOf('x'.repeat(100))).toBe('x'.repeat(100))
  expect(idOf('x'.repeat(101))).toBeUndefined()
  expect(idOf(7)).toBeUndefined()
  expect(idOf(null)).toBeUndefined()
})
