import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Document } from '@nitroagi/shared/knowledge'
import { showProgress, spread } from './printing.ts'
import type { Product } from './product.ts'
import { evalFolder } from './sets.ts'

const folder = join(evalFolder, 'documents')

export const documentsHead = ['document', 'seconds', 'as it should', 'outcome']

interface Case {
  file: string
  /** The words that have to be found, or that and why it has to be refused. */
  expected: string
}

/** Every document of the manifest through the product, and how each one ends. */
export async function evaluateDocuments(product: Product, limit?: number): Promise<string[][]> {
  const call = await product.newcomer('documents')
  const rows: string[][] = []
  let asSaid = 0
  let slowest = 0
  const cases = spread(readManifest(), limit)
  for (const one of cases) {
    showProgress(`documents: ${one.file}`)
    // A collection each, because some of them are the same bytes.
    const { id } = await product.knowledge.collections.create(call, { name: one.file })
    const started = performance.now()
    const file = createReadStream(join(folder, one.file))
    const { documents, settled } = product.knowledge
    const uploaded = await documents.upload(call, id, { name: one.file }, file)
    const document = await settled(call, uploaded.documents[0]!.id)
    const seconds = (performance.now() - started) / 1000
    let text = ''
    for (let page = 1; document.status === 'ready' && page <= (document.pagesTotal ?? 0); page++)
      text += `${(await documents.page(call, document.id, page)).text} `
    const isAsSaid = endsAs(one.expected, document, text)
    if (isAsSaid) asSaid++
    slowest = Math.max(slowest, seconds)
    rows.push([one.file, seconds.toFixed(1), isAsSaid ? 'yes' : 'no', outcomeOf(document)])
  }
  product.measured.set('documents as the manifest says', (100 * asSaid) / Math.max(cases.length, 1))
  product.measured.set('slowest document, seconds', slowest)
  return rows
}

function readManifest(): Case[] {
  const lines = readFileSync(join(folder, 'manifest.tsv'), 'utf8').trim().split('\n').slice(1)
  return lines.map((line) => {
    const columns = line.split('\t')
    return { file: columns[0]!.replace('dev/', ''), expected: columns[4]! }
  })
}

/** The manifest says it in words: what must be found, what may be refused instead, and what must be refused and why. */
function endsAs(expected: string, document: Document, text: string): boolean {
  const allowed = codesFor(expected)
  if (document.status === 'failed') return allowed.includes(document.error?.code ?? '')
  if (/recovered pages/.test(expected)) return document.notice !== null
  if (/^must be refused/.test(expected)) return false
  if (/^no text/.test(expected)) return /no text/i.test(document.notice ?? '')
  const [words = ''] = expected.split(/ \(|, or refused/)
  return normal(text).includes(normal(words))
}

function codesFor(expected: string): string[] {
  if (!/refused/.test(expected)) return []
  const reasons: [RegExp, string[]][] = [
    [/corrupt/, ['document_corrupt']],
    [/password/, ['document_password']],
    [/too large|too expensive/, ['document_too_large']],
    [/no text/, ['document_no_text']],
  ]
  return reasons.flatMap(([pattern, codes]) => (pattern.test(expected) ? codes : []))
}

/** After NFKC, without bidirectional marks, white space collapsed. */
const normal = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/\s+/g, ' ')

const outcomeOf = ({ status, error, notice, pagesTotal }: Document): string =>
  status === 'failed' ? `refused: ${error?.code}` : `read, ${pagesTotal} pages${notice ? `; ${notice}` : ''}`
