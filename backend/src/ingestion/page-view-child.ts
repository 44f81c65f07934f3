import { NitroError } from '@nitroagi/shared/errors'
import { drawForReading, drawForViewing } from './page-picture.ts'
import type { PageView, PageViewReply, PageViewRequest } from './page-view.ts'
import { type PdfPage, withPdf } from './pdf-file.ts'
import { pdfText } from './pdf-text.ts'
import { drawPictureFile } from './picture-file.ts'

process.on('message', (request: PageViewRequest) => void answer(request))
// Nobody is left to draw for.
process.on('disconnect', () => process.exit(1))

async function answer(request: PageViewRequest): Promise<void> {
  try {
    send({ view: request.type === 'application/pdf' ? await pdfView(request) : await pictureView(request) })
  } catch (error) {
    if (error instanceof NitroError) send({ code: error.code, message: error.message })
    else send({ code: 'document_corrupt', message: 'This page is damaged and cannot be drawn' })
  }
}

const pdfView = ({ path, page: number, want, width }: PageViewRequest): Promise<PageView> =>
  withPdf(path, async (pdf) => {
    if (number > pdf.numPages) throw new NitroError('not_found', 'There is no such page')
    const page = await pdf.getPage(number)
    if (want === 'picture') return { picture: await drawForViewing(page, width) }
    const { width: pageWidth, height } = page.getViewport({ scale: 1 })
    return { size: { width: pageWidth, height }, ...(await wanted(page, want)) }
  })

const wanted = async (page: PdfPage, want: 'text' | 'reading' | 'size'): Promise<PageView> =>
  want === 'text' ? { text: await pdfText(page) } : want === 'reading' ? { picture: await drawForReading(page) } : {}

async function pictureView({ path, page, want, width }: PageViewRequest): Promise<PageView> {
  if (page > 1) throw new NitroError('not_found', 'A picture has one page')
  const picture = await drawPictureFile(path, want === 'picture' ? width : undefined)
  const { width: pictureWidth, height } = picture
  return { picture, size: { width: pictureWidth, height } }
}

const send = (reply: PageViewReply) => process.send?.(reply)
