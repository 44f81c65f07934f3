import type { Page } from '@playwright/test'

/** A file as a file dialog hands it over. */
export type ChosenFile = { name: string; mimeType: string; buffer: Buffer }

type Drawing = { name: string; width: number; height: number; lines?: string[] }

/** A PNG with black words on white, drawn and encoded by the browser itself. */
export async function draw(page: Page, { name, width, height, lines = [] }: Drawing): Promise<ChosenFile> {
  const base64 = await page.evaluate(
    ({ width, height, lines }) => {
      const canvas = Object.assign(document.createElement('canvas'), { width, height })
      const pen = canvas.getContext('2d')!
      pen.fillStyle = 'white'
      pen.fillRect(0, 0, width, height)
      pen.fillStyle = 'black'
      pen.font = '36px sans-serif'
      lines.forEach((line, index) => pen.fillText(line, 24, 60 + index * 56))
      return canvas.toDataURL('image/png').split(',')[1]!
    },
    { width, height, lines },
  )
  return { name, mimeType: 'image/png', buffer: Buffer.from(base64, 'base64') }
}
