import { describe, expect, it } from 'vitest'
import { createCalibration, type Rated } from './calibration.ts'

const times = (count: number, raw: number, goodCount: number): Rated[] =>
  Array.from({ length: count }, (_, index) => ({ raw, good: index < goodCount ? 1 : 0 }))

describe('calibration', () => {
  it('brings down what was stated too high, nearly to what people said when many have', () => {
    const correct = createCalibration(times(400, 0.9, 200))
    expect(correct(0.9)).toBeGreaterThan(0.5)
    expect(correct(0.9)).toBeLessThan(0.52)
  })

  it('moves little for a few ratings', () => {
    expect(createCalibration(times(3, 0.9, 0))(0.9)).toBeGreaterThan(0.65)
  })

  it('never states less for more, whatever was rated, and stays between 0 and 1', () => {
    const noise = Array.from({ length: 300 }, (_, index): Rated => ({
      raw: ((index * 37) % 101) / 100,
      good: (index * 7919) % 13 < 6 ? 1 : 0,
    }))
    const correct = createCalibration(noise)
    const stated = Array.from({ length: 101 }, (_, step) => correct(step / 100))
    for (const [index, value] of stated.entries()) {
      expect(value).toBeGreaterThanOrEqual(stated[index - 1] ?? 0)
      expect(value).toBeLessThanOrEqual(1)
    }
  })

  it('leaves what was right where it is, and knows nothing without ratings', () => {
    const right = [...times(100, 0.2, 20), ...times(100, 0.8, 80)]
    for (const raw of [0.2, 0.5, 0.8]) expect(createCalibration(right)(raw)).toBeCloseTo(raw, 2)
    expect(createCalibration([])(0.42)).toBe(0.42)
  })
})
