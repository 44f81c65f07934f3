import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SearchHit } from '@nitroagi/shared/knowledge'
import type { Call } from '../../src/call.ts'
import { showProgress, spread } from './printing.ts'
import type { Product } from './product.ts'
import { evalFolder, readQueries, type Query } from './sets.ts'

const names = ['chatlogs', 'finance', 'pubmed', 'state_of_the_union', 'wikitexts']
const contextCharacters = 4_000
const depth = 40
/** How far a character of a page is looked for in its source; what was left out of a page is mostly marks. */
const reach = 500

export const chunkevalHead = ['chunkeval, own chunker', 'questions', 'characters found', 'precision', 'IoU']

/** A document as the product read it: for every UTF-16 unit of every page, where it stands in the source; -1 for blanks. */
interface Mapped {
  name: string
  pages: number[][]
}

/** Reads whole documents in as anybody would, and counts how much of the gold spans a context of the best passages holds. */
export async function evaluateChunks(product: Product, limit?: number): Promise<string[][]> {
  const call = await product.newcomer('chunkeval, whole documents')
  const { id } = await product.knowledge.collections.create(call, { name: 'documents' })
  const documents = new Map<string, Mapped>()
  for (const name of names) documents.set(...(await readIn(product, call, id, name)))
  const questions = spread(readQueries('chunkeval'), limit)
  const shares: Shares[] = []
  for (const question of questions) {
    const { hits } = await product.knowledge.search.search(call, { query: question.text, limit: depth })
    shares.push(sharesOf(question, charactersIn(hits, documents)))
    showProgress(`chunkeval: ${shares.length} of ${questions.length} questions`)
  }
  const mean = (value: (one: Shares) => number) =>
    (100 * shares.reduce((sum, one) => sum + value(one), 0)) / Math.max(shares.length, 1)
  const figures = [mean(({ recall }) => recall), mean(({ precision }) => precision), mean(({ iou }) => iou)]
  product.measured.set('chunkeval characters in a 4,000-character context', figures[0]!)
  return [['4,000-character context', String(shares.length), ...figures.map((value) => value.toFixed(1))]]
}

async function readIn(product: Product, call: Call, collection: string, name: string): Promise<[string, Mapped]> {
  const { documents, settled } = product.knowledge
  const path = join(evalFolder, 'chunkeval/documents', `${name}.md`)
  const uploaded = await documents.upload(call, collection, { name: `${name}.md` }, createReadStream(path))
  const document = await settled(call, uploaded.documents[0]!.id)
  if (document.status === 'failed') throw new Error(`${name}: ${document.error?.message}`)
  const follow = createFollower(Array.from(readFileSync(path, 'utf8')))
  const pages: number[][] = []
  for (let page = 1; page <= document.pagesTotal!; page++)
    pages.push(follow((await documents.page(call, document.id, page)).text))
  return [document.id, { name, pages }]
}

/** Finds each page's characters in the source, in their order; what a page does not show of it is passed over. */
function createFollower(source: readonly string[]) {
  let at = 0
  const find = (character: string): number => {
    if (/\s/.test(character)) return -1
    for (let candidate = at; candidate < Math.min(source.length, at + reach); candidate++) {
      if (source[candidate] !== character) continue
      at = candidate + 1
      return candidate
    }
    return -1
  }
  return (page: string): number[] =>
    Array.from(page).flatMap((character) => new Array<number>(character.length).fill(find(character)))
}

/** The characters of the sources that a context shows when it is filled best first; the last passage is cut. */
function charactersIn(hits: readonly SearchHit[], documents: ReadonlyMap<string, Mapped>): Map<string, Set<number>> {
  const shown = new Map<string, Set<number>>()
  let room = contextCharacters
  for (const { documentId, page, start, end } of hits) {
    const { name, pages } = documents.get(documentId)!
    const places = pages[page - 1]!.slice(start, Math.min(end, start + room)).filter((place) => place >= 0)
    room -= end - start
    const characters = shown.get(name) ?? new Set<number>()
    shown.set(name, characters)
    for (let place = places[0] ?? 0; place <= (places.at(-1) ?? -1); place++) characters.add(place)
    if (room <= 0) break
  }
  return shown
}

interface Shares {
  recall: number
  precision: number
  iou: number
}

function sharesOf({ doc = '', refs = [] }: Query, shown: ReadonlyMap<string, ReadonlySet<number>>): Shares {
  const wanted = new Set(refs.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, at) => start + at)))
  const both = [...wanted].filter((place) => shown.get(doc)?.has(place)).length
  const all = [...shown.values()].reduce((sum, { size }) => sum + size, 0)
  return { recall: both / wanted.size, precision: both / Math.max(all, 1), iou: both / (all + wanted.size - both) }
}
