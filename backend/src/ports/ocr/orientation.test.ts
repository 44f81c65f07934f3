import { expect, it } from 'vitest'
import { plainPicture } from '../../../test/pictures.ts'
import { orientationOf, withPlainOrientation } from './orientation.ts'

/** A JPEG's beginning, with what a camera writes into it. */
const photo = (exif: string, before = '') => {
  const data = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), Buffer.from(exif, 'hex')])
  const segment = Buffer.from([0xff, 0xe1, 0, data.length + 2])
  return Buffer.concat([
    Buffer.from('ffd8', 'hex'),
    Buffer.from(before, 'hex'),
    segment,
    data,
    Buffer.from('ffd9', 'hex'),
  ])
}

it.each([1, 3, 6, 8])('a photograph held as %i is known in both orders of bytes', (value) => {
  const littleEndian = photo(`49492a000800000001001201030001000000${value.toString(16).padStart(2, '0')}00000000000000`)
  const bigEndian = photo(`4d4d002a00000008000101120003000000010${value.toString(16).padStart(3, '0')}000000000000`)
  expect([orientationOf(littleEndian), orientationOf(bigEndian)]).toEqual([value, value])
})

it('what is upright, no photograph, or says nonsense stays as it is', () => {
  const png = plainPicture(4, 4)
  const nonsense = photo('49492a0008000000010012010300010000006300000000000000')
  for (const picture of [png, nonsense, photo(''), Buffer.alloc(0)]) expect(withPlainOrientation(picture)).toBe(picture)
})

it('tells it where Tesseract.js looks, however much stands before', () => {
  const late = photo('49492a0008000000010012010300010000000600000000000000', `ffe003e8${'00'.repeat(998)}`)
  const told = withPlainOrientation(late)
  expect(told.subarray(0, 500).join(' ')).toMatch(/1 18 0 3 0 0 0 1 0 6/)
  expect(told.subarray(16).equals(late.subarray(2))).toBe(true)
})
