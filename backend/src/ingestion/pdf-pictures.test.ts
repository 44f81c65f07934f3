import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refuseGiantPictures } from './pdf-pictures.ts'

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'nitro-pdf-pictures-'))))
afterAll(() => rm(folder, { recursive: true }))

function picture(width: number, height: number, kind = 0x30): Buffer {
  const wide = (kind & 0x40) !== 0
  const header = Buffer.alloc(wide ? 14 : 11)
  header[4] = kind
  const data = Buffer.alloc(19)
  data.writeUInt32BE(width, 0)
  data.writeUInt32BE(height, 4)
  return Buffer.concat([
    Buffer.from('5 0 obj\n<< /Length 30 /Filter /JBIG2Decode >>\nstream\r\n'),
    header,
    data,
    Buffer.from('\nendstream'),
  ])
}

async function check(...parts: Buffer[]): Promise<void> {
  const path = join(folder, 'file.pdf')
  await writeFile(path, Buffer.concat(parts))
  await refuseGiantPictures(path)
}

it('refuses a picture that a few bytes unpack to gigabytes, wherever in the file it lies', async () => {
  for (const before of [0, 1, 4 * 1024 * 1024 - 30, 4 * 1024 * 1024 + 10]) {
    await expect(check(Buffer.alloc(before), picture(100_000, 100_000))).rejects.toMatchObject({
      code: 'document_too_large',
      message: expect.stringContaining('100,000 × 100,000') as string,
    })
  }
  await expect(check(picture(100, 100), picture(100_000, 100_000, 0x70))).rejects.toThrow('unpack')
})

it('takes pictures of every size that people have, and what only looks like one', async () => {
  await check(picture(19_866, 28_087))
  await check(picture(100_000, 100_000, 0x26))
  await check(Buffer.from('/JBIG2Decode'), Buffer.from('/JBIG2Decode >> stream'))
  await check(Buffer.alloc(0))
})
