import type { ChunkPreview, ChunkPreviewRequest, ChunkProfile } from '@nitroagi/shared/collections'
import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import { titleOf } from '../document-title.ts'
import { createCutter } from '../ingestion/cut-pages.ts'
import { cleanText, splitIntoPages } from '../ingestion/pages.ts'
import type { DocumentsRepository } from '../ports/database/documents-port.ts'
import type { KnowledgeRepository } from '../ports/database/knowledge-port.ts'
import type { Collections } from './collections.ts'

interface Needs {
  collections: Pick<Collections, 'find'>
  documents: Pick<DocumentsRepository, 'find' | 'list'>
  knowledge: Pick<KnowledgeRepository, 'page'>
}

interface Sample {
  documentId: string | null
  title: string
  mediaType: string
  /** A line of an import that makes one page is cut less than an only page of a file. */
  isOnlyPage: boolean
  pages: { page: number; label: string | null; text: string }[]
}

/** So much is cut: enough to see what a size does, little enough to be read at once. */
const pagesAtMost = 5
const charactersAtMost = 20_000
const newest = 20

export type PreviewChunks = ReturnType<typeof createChunkPreview>

/** Cuts the first pages of something as a profile would. Stores nothing. */
export function createChunkPreview({ collections, documents, knowledge }: Needs) {
  async function sampleOf(call: Call, collectionId: string, documentId: string | undefined): Promise<Sample> {
    const document = documentId
      ? await documents.find(call, documentId)
      : (await documents.list(call, { collectionId, limit: newest })).items.find(({ version }) => version > 0)
    if (documentId !== undefined && document?.collectionId !== collectionId) {
      throw new NitroError('not_found', 'There is no such document in this collection')
    }
    if (!document) {
      throw new NitroError(
        'invalid_input',
        'No document of this collection can be searched yet. Give a text to try it on.',
      )
    }
    const { id, name, mediaType, objectKey } = document
    const sample: Sample = { documentId: id, title: name, mediaType, isOnlyPage: false, pages: [] }
    let characters = 0
    for (let number = 1; number <= pagesAtMost && characters < charactersAtMost; number++) {
      const page = await knowledge.page(call, document.id, number)
      if (!page) break
      const text = page.text.slice(0, charactersAtMost - characters)
      sample.isOnlyPage = objectKey === null && page.pagesTotal === 1
      sample.pages.push({ page: number, label: page.label, text })
      characters += text.length
    }
    if (sample.pages.length === 0) throw new NitroError('conflict', 'The text of this document is not read yet')
    return sample
  }

  return async function preview(
    call: Call,
    collectionId: string,
    { chunkProfile, documentId, text }: ChunkPreviewRequest,
  ): Promise<ChunkPreview> {
    const collection = await collections.find(call, collectionId)
    const sample = text === undefined ? await sampleOf(call, collectionId, documentId) : givenText(text)
    const pages = cut(sample, chunkProfile)
    return {
      documentId: sample.documentId,
      title: sample.title,
      pages,
      wanted: countsOf(pages),
      now: countsOf(cut(sample, collection.chunkProfile)),
    }
  }
}

function givenText(text: string): Sample {
  const pages = [...splitIntoPages(cleanText(text))]
    .slice(0, pagesAtMost)
    .map((page, index) => ({ page: index + 1, label: null, text: page }))
  return { documentId: null, title: 'Text', mediaType: 'text/plain', isOnlyPage: false, pages }
}

function cut({ pages, ...about }: Sample, profile: ChunkProfile): ChunkPreview['pages'] {
  const cutPage = createCutter({ ...about, title: titleOf(about.title), profile })
  return pages.map((page) => ({
    ...page,
    passages: cutPage(page.page, page.text).map(({ start, end, heading }) => ({ start, end, heading })),
  }))
}

function countsOf(pages: ChunkPreview['pages']): ChunkPreview['wanted'] {
  const sizes = pages.flatMap(({ passages }) => passages.map(({ start, end }) => end - start))
  if (sizes.length === 0) return { passages: 0, shortest: 0, average: 0, longest: 0 }
  return {
    passages: sizes.length,
    shortest: Math.min(...sizes),
    average: Math.round(sizes.reduce((sum, size) => sum + size, 0) / sizes.length),
    longest: Math.max(...sizes),
  }
}
