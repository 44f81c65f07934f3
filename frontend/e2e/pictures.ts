import type { Page } from '@playwright/test'

/** A file as a file dialog hands it over. */
export type ChosenFile = { name: string; mimeType: string; buffer: Buffer }

type Drawing = { name: string; width: number; height: number; lines?: string[] }

/** A PNG with black words on white. */
export async function draw(page: Page, { name, lines = [], ...size }: Drawing): Promise<ChosenFile> {
  const words = { ...size, lines, font: '36px sans-serif', left: 24, top: 60, lineHeight: 56 }
  return { name, mimeType: 'image/png', buffer: await paint(page, words, 'image/png') }
}

type Words = {
  width: number
  height: number
  lines: readonly string[]
  font: string
  left: number
  top: number
  lineHeight: number
}

/** Black words on white, drawn and encoded by the browser itself. */
export async function paint(page: Page, words: Words, mimeType: 'image/png' | 'image/jpeg'): Promise<Buffer> {
  const base64 = await page.evaluate(
    ({ width, height, lines, font, left, top, lineHeight, mimeType }) => {
      const canvas = Object.assign(document.createElement('canvas'), { width, height })
      const pen = canvas.getContext('2d')!
      pen.fillStyle = 'white'
      pen.fillRect(0, 0, width, height)
      pen.fillStyle = 'black'
      pen.font = font
      lines.forEach((line, index) => pen.fillText(line, left, top + index * lineHeight))
      return canvas.toDataURL(mimeType, 0.9).split(',')[1]!
    },
    { ...words, mimeType },
  )
  return Buffer.from(base64, 'base64')
}
