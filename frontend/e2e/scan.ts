import type { Page } from '@playwright/test'
import { type ChosenFile, paint } from './pictures.ts'

/** A PDF of one page that is nothing but a picture of these lines, as a scanner makes it. */
export async function scan(page: Page, name: string, lines: readonly string[]): Promise<ChosenFile> {
  const [width, height] = [1240, 1754]
  const words = { width, height, lines, font: '34px serif', left: 120, top: 220, lineHeight: 64 }
  const jpeg = await paint(page, words, 'image/jpeg')
  return { name, mimeType: 'application/pdf', buffer: pdfOf(jpeg, width, height) }
}

function pdfOf(jpeg: Buffer, width: number, height: number): Buffer {
  const drawing = 'q 595 0 0 842 0 0 cm /Im0 Do Q'
  const objects: Buffer[] = [
    Buffer.from('<< /Type /Catalog /Pages 2 0 R >>'),
    Buffer.from('<< /Type /Pages /Kids [3 0 R] /Count 1 >>'),
    Buffer.from(
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /Im0 5 0 R >> >> >>',
    ),
    Buffer.from(`<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`),
    Buffer.concat([
      Buffer.from(
        `<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length ${jpeg.length} >>\nstream\n`,
      ),
      jpeg,
      Buffer.from('\nendstream'),
    ]),
  ]
  const pieces: Buffer[] = [Buffer.from('%PDF-1.4\n')]
  const offsets: number[] = []
  const size = () => pieces.reduce((sum, piece) => sum + piece.length, 0)
  for (const [index, object] of objects.entries()) {
    offsets.push(size())
    pieces.push(Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from('\nendobj\n'))
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const end = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${size()}\n%%EOF\n`
  return Buffer.concat([...pieces, Buffer.from(end)])
}
