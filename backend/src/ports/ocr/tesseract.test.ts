import { readFileSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { hugePictureHeader, pictureOfText, plainPicture } from '../../../test/pictures.ts'
import type { Ocr } from './port.ts'
import { createTesseractOcr, missingLanguages } from './tesseract.ts'

const opened: Ocr[] = []
function ocrWith(limits: Parameters<typeof createTesseractOcr>[0] = {}): Ocr {
  const ocr = createTesseractOcr(limits)
  opened.push(ocr)
  return ocr
}
afterEach(async () => void (await Promise.all(opened.splice(0).map((ocr) => ocr.close()))))

const never = new AbortController().signal
const receipt = ['Corner Cafe', 'Two coffees 7.40', 'One cake 3.90', 'Total 11.30']

it('reads the lines of a picture, with nothing but installed packages', async () => {
  const ocr = ocrWith()
  const { lines, confidence } = await ocr.read(pictureOfText(receipt), never)
  expect(lines).toEqual(receipt)
  expect(confidence).toBeGreaterThan(0.8)
})

it('finds no text where there is none, and finds some in a picture of a screen', async () => {
  const ocr = ocrWith()
  expect(await ocr.read(plainPicture(300, 200, 180), never)).toEqual({ lines: [], confidence: null, words: [] })
  const screen = readFileSync(new URL('../../../../docs/screenshot.png', import.meta.url))
  expect((await ocr.read(screen, never)).lines.join('\n')).toContain(
    'The last keepers left on the second of March 1988',
  )
})

it('says so when a picture cannot be decoded, and reads the next one', async () => {
  const ocr = ocrWith()
  const bad = [Buffer.from('not a picture'), hugePictureHeader(60_000, 60_000), pictureOfText(receipt).subarray(0, 200)]
  for (const picture of bad) {
    await expect(ocr.read(picture, never)).rejects.toMatchObject({
      code: expect.stringMatching(/invalid_input|step_failed/),
    })
  }
  expect((await ocr.read(pictureOfText(['NITRO']), never)).lines).toEqual(['NITRO'])
})

it('reads one after the other, and takes no more than can wait', async () => {
  const ocr = ocrWith({ waiting: 3 })
  const words = ['ONE', 'TWO', 'THREE', 'FOUR']
  const results = await Promise.allSettled(words.map((word) => ocr.read(pictureOfText([word]), never)))
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value.lines[0] : result.reason.code))).toEqual(
    ['ONE', 'TWO', 'THREE', 'unavailable'],
  )
})

it('gives a picture up after its time, or when nobody wants it any more', async () => {
  const hasty = ocrWith({ seconds: 0.001 })
  await expect(hasty.read(pictureOfText(receipt), never)).rejects.toMatchObject({ code: 'step_failed' })
  const ocr = ocrWith()
  const stop = new AbortController()
  const reading = ocr.read(pictureOfText(receipt, { scale: 8 }), stop.signal)
  const waiting = ocr.read(pictureOfText(['NEXT']), never)
  stop.abort(new Error('stopped by the person'))
  await expect(reading).rejects.toThrow('stopped by the person')
  expect((await waiting).lines).toEqual(['NEXT'])
})

it('starts again after it was idle', async () => {
  const ocr = ocrWith({ idleSeconds: 0.05 })
  expect((await ocr.read(pictureOfText(['ONE']), never)).lines).toEqual(['ONE'])
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect((await ocr.read(pictureOfText(['TWO']), never)).lines).toEqual(['TWO'])
})

it('refuses when it was closed', async () => {
  const ocr = ocrWith()
  await ocr.close()
  await expect(ocr.read(pictureOfText(['ONE']), never)).rejects.toMatchObject({ code: 'unavailable' })
})

it('says which languages it cannot read, and what those are called that it can', () => {
  expect(missingLanguages(['eng', 'xxx'])).toEqual(['xxx'])
  expect(ocrWith().language).toBe('English')
})

it('says where the words of a picture stand', async () => {
  const { lines, words } = await ocrWith().read(pictureOfText(receipt), never)
  const total = words!.find(({ line, start, end }) => lines[line]!.slice(start, end) === 'Total')!
  expect(total.line).toBe(3)
  expect(total.x).toBeGreaterThan(20)
  expect(total.x + total.width).toBeLessThan(200)
  expect(total.y).toBeGreaterThan(words![0]!.y)
})
