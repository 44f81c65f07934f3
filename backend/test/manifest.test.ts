import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Call } from '../src/call.ts'
import { type KnowledgeBackend, openKnowledge, signUp } from './knowledge-backend.ts'
import { openMemory } from './test-database.ts'
import { createWordEmbedder } from './word-embedder.ts'

const folder = join(import.meta.dirname, '../../../shared/eval/documents')
const manifest = join(folder, 'manifest.tsv')
const read = ['pdf', 'docx', 'xlsx', 'csv', 'txt', 'md', 'html']
/** Vertical Japanese in a PDF without its own character maps, which would need Adobe's tables beside the reader. */
const missing = new Set(['vertical.pdf'])

const cases = existsSync(manifest)
  ? readFileSync(manifest, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'))
      .map(([path, format, , , expected]) => ({
        file: path!.replace('dev/', ''),
        format: format!,
        expected: expected!,
      }))
      .filter(({ file }) => !missing.has(file))
  : []

/** Compared as the manifest says: after NFKC, without bidirectional marks, white space collapsed. */
const normal = (text: string) =>
  text
    .normalize('NFKC')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/\s+/g, ' ')

describe.skipIf(cases.length === 0)(
  cases.length > 0 ? 'hard documents' : `hard documents: skipped, because ${manifest} is not there`,
  () => {
    let backend: KnowledgeBackend
    let call: Call

    beforeAll(async () => {
      backend = await openKnowledge(await openMemory(), createWordEmbedder())
      call = await signUp(backend.connection)
    })
    afterAll(() => backend.close())

    async function take(file: string) {
      // A collection each, because some of them are the same bytes.
      const { id } = await backend.collections.create(call, { name: file })
      const { documents } = await backend.documents.upload(
        call,
        id,
        { name: file },
        createReadStream(join(folder, file)),
      )
      const document = await backend.settled(call, documents[0]!.id)
      let text = ''
      if (document.status === 'ready') {
        for (let page = 1; page <= document.pagesTotal!; page++)
          text += `${(await backend.documents.page(call, document.id, page)).text} `
      }
      return { document, text: normal(text) }
    }

    it.each(cases.filter(({ format }) => read.includes(format)))(
      '$file: $expected',
      { timeout: 60_000 },
      async ({ file, expected }) => {
        const { document, text } = await take(file)
        if (document.status === 'failed') {
          expect(codesFor(expected), `${file} failed: ${document.error!.message}`).toContain(document.error!.code)
        } else if (/recovered pages|bomb/.test(`${expected} ${file}`)) {
          // Either refused, or read within its limits and marked.
          if (file.startsWith('truncated')) expect(document.notice).toContain('damaged')
        } else expect(text).toContain(normal(expected))
      },
    )

    it.each(cases.filter(({ format }) => !read.includes(format)))(
      '$file is refused with what can be read instead',
      async ({ file }) => {
        const { document } = await take(file)
        expect(document).toMatchObject({
          status: 'failed',
          error: { code: 'document_unsupported', message: expect.stringContaining('PDF, DOCX') },
        })
      },
    )
  },
)

function codesFor(expected: string): string[] {
  if (/corrupt/.test(expected)) return ['document_corrupt']
  if (/password/.test(expected)) return ['document_password']
  if (/too large/.test(expected)) return ['document_too_large']
  if (/no text/.test(expected)) return ['document_no_text']
  return []
}
