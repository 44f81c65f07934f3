import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Call } from '../src/call.ts'
import { type KnowledgeBackend, openKnowledge, signUp } from './knowledge-backend.ts'
import { openMemory } from './test-database.ts'
import { createWordEmbedder } from './word-embedder.ts'

const folder = join(import.meta.dirname, '../../../shared/eval/documents')
const manifest = join(folder, 'manifest.tsv')
/** How long each took; printed, because a machine's mood is no reason to fail. */
const times: { file: string; seconds: number }[] = []

const cases = existsSync(manifest)
  ? readFileSync(manifest, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'))
      .map(([path, , , , expected]) => ({ file: path!.replace('dev/', ''), expected: expected! }))
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
    afterAll(async () => {
      await backend.close()
      const slowest = [...times].sort((one, other) => other.seconds - one.seconds).slice(0, 8)
      const said = slowest.map(({ file, seconds }) => `${file} ${seconds.toFixed(1)} s`).join(', ')
      process.stdout.write(`${times.length} hard documents; the slowest: ${said}\n`)
    })

    async function take(file: string) {
      const began = performance.now()
      // A collection each, because some of them are the same bytes.
      const { id } = await backend.collections.create(call, { name: file })
      const { documents } = await backend.documents.upload(
        call,
        id,
        { name: file },
        createReadStream(join(folder, file)),
      )
      const document = await backend.settled(call, documents[0]!.id)
      times.push({ file, seconds: (performance.now() - began) / 1000 })
      let text = ''
      if (document.status === 'ready') {
        for (let page = 1; page <= document.pagesTotal!; page++)
          text += `${(await backend.documents.page(call, document.id, page)).text} `
      }
      return { document, text: normal(text) }
    }

    it.each(cases)('$file: $expected', { timeout: 60_000 }, async ({ file, expected }) => {
      const { document, text } = await take(file)
      if (document.status === 'failed') {
        expect(codesFor(expected), `${file} failed: ${document.error!.message}`).toContain(document.error!.code)
      } else if (/recovered pages/.test(expected)) {
        // Either refused, or what could be recovered is read and marked.
        if (file.startsWith('truncated')) expect(document.notice).toContain('damaged')
      } else if (file === 'picture.pptx') expect(document.notice).toMatch(/read from pictures.*no text/)
      else {
        expect(text).toContain(normal(expected.replace(/ \(by OCR\).*$/, '')))
        if (expected.includes('(by OCR)')) expect(document.notice).toContain('3 pages were read from pictures')
        if (file === 'fake-encrypted.eml') expect(document.notice).toContain('encrypted')
      }
    })
  },
)

function codesFor(expected: string): string[] {
  if (/corrupt/.test(expected)) return ['document_corrupt']
  if (/password/.test(expected)) return ['document_password']
  if (/too large/.test(expected)) return ['document_too_large']
  if (/no text/.test(expected)) return ['document_no_text']
  return []
}
