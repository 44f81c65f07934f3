import { NitroError } from '@nitroagi/shared/errors'
import type { SearchHit } from '@nitroagi/shared/knowledge'
import { termsOf } from '../../terms.ts'
import type { Call } from '../../call.ts'
import type { WholeDocuments } from '../../ports/database/whole-documents-port.ts'
import type { LanguageModels } from '../../ports/language-model/port.ts'
import type { Finding, Module, Task } from '../module.ts'
import { summariseByExtraction } from './by-extraction.ts'
import { extract } from './extract.ts'
import { findDocuments, type Asked } from './find-documents.ts'
import { summariseByModel } from './map-reduce.ts'
import { materialOfDocuments, materialOfPieces, piecesOf, type Material, type Piece } from './material.ts'
import { pastedText, wantsSummary } from './wants-summary.ts'

export interface SummaryDependencies {
  models: LanguageModels
  /** Documents from their first passage to their last; only what the caller may read. */
  whole: WholeDocuments
  /** Best first; only what the caller may read. */
  search(
    call: Call,
    request: { query: string; limit: number; collectionIds?: string[] | undefined },
  ): Promise<readonly SearchHit[]>
}

/** As many parts as a model reads for one summary: about 800 passages. */
const partsForModel = 40
/** As many as are compared without one: about 24,000 passages, a document of 5,000 pages and more. */
const partsForExtraction = 1_200
const passagesOfTopic = 12

/** Summarises conversations and whole documents: with a model in new words, without one by choosing sentences. */
export function createSummaryModule(dependencies: SummaryDependencies): Module {
  const { models } = dependencies
  const isOffline = models.defaultModel === 'nitro-offline'
  return {
    manifest: {
      name: 'summary',
      description:
        'Summarises conversations, recordings and whole documents: in new words with a language model, by choosing sentences without one.',
      capabilities: ['summarise'],
      cost: isOffline ? 'free' : 'expensive',
      latency: isOffline ? 'fast' : 'slow',
      needs: [],
    },
    health: () =>
      Promise.resolve({
        status: 'ok',
        detail: isOffline ? 'chooses sentences; no language model is configured' : null,
      }),
    test: (call) => trySummary(call, models),
    async *run(call, task) {
      const named = models.get(task.model ?? 'nitro-auto', call)
      const isByModel = named.info.isLanguageModel
      const material = await materialFor(dependencies, call, task, isByModel ? partsForModel : partsForExtraction)
      if (call.signal.aborted) return
      if ('says' in material) {
        yield { type: 'text-delta', delta: material.says }
        yield { type: 'report', summary: material.why }
        return
      }
      if (material.beside !== undefined)
        yield { type: 'notice', level: 'info', code: 'other_documents', message: material.beside }
      if (isByModel) yield* summariseByModel(call, task, named, material.material)
      else yield* quietly(call, summariseByExtraction(call, task, material.material))
    },
  }
}

/** What was stopped ends without a word. */
async function* quietly(call: Call, findings: AsyncGenerator<Finding>): AsyncGenerator<Finding> {
  try {
    yield* findings
  } catch (error) {
    if (!call.signal.aborted) throw error
  }
}

type Chosen = { material: Material; beside?: string } | { says: string; why: string }

async function materialFor(
  { whole, search }: SummaryDependencies,
  call: Call,
  task: Task,
  partsAtMost: number,
): Promise<Chosen> {
  const of = (about: Pick<Material, 'name' | 'kind'>, pieces: Piece[]): Chosen =>
    pieces.length === 0
      ? { says: `There is nothing in ${about.name} to summarise yet.`, why: 'Nothing to summarise' }
      : { material: materialOfPieces(about, pieces, partsAtMost) }
  const what = wantsSummary(task.question)
  const pasted = pastedText(task.question)
  if (what === 'text' && pasted !== undefined) return of({ name: 'your text', kind: 'text' }, piecesOf(pasted))
  if (what === 'conversation') return of({ name: 'this conversation', kind: 'conversation' }, turnsOf(task))
  const asked: Asked =
    task.collectionIds?.length === 0
      ? { kind: 'nothing' }
      : await findDocuments(whole, call, task.question, task.collectionIds)
  switch (asked.kind) {
    case 'named':
    case 'all':
      if (asked.documents.length === 0) break
      return {
        material: materialOfDocuments(whole, call, asked.documents, partsAtMost),
        ...(asked.others > 0
          ? {
              beside: `${asked.others} more document${asked.others === 1 ? '' : 's'} would fit; this is of ${asked.documents.map(({ title }) => title).join(', ')}. Name the one that you mean.`,
            }
          : {}),
      }
    case 'missing':
      return {
        says: `There is no document named “${asked.name}” among those that you can read. The Knowledge page lists them.`,
        why: 'No such document',
      }
    case 'topic': {
      const hits = onTopic(asked.words, await searchFor(search, call, task, asked.topic))
      if (hits.length > 0) {
        const pieces = hits.map((hit) => ({ text: hit.content, hit }))
        return of({ name: `what your documents say about ${asked.topic.slice(0, 80)}`, kind: 'documents' }, pieces)
      }
    }
  }
  const readings = (task.evidence.readings ?? []).flatMap(({ text }) => piecesOf(text))
  if (readings.length > 0) return of({ name: 'what came with your message', kind: 'text' }, readings)
  if (task.previous !== undefined) return of({ name: 'the text before', kind: 'text' }, piecesOf(task.previous))
  if (asked.kind !== 'topic' && task.history.length > 0)
    return of({ name: 'this conversation', kind: 'conversation' }, turnsOf(task))
  const missing = asked.kind === 'topic' ? ` about or named “${asked.topic.slice(0, 80)}”` : ''
  return {
    says: `I found nothing${missing} to summarise. Name a document (“Summarise handbook.pdf”), paste a text, or ask for a summary of our conversation.`,
    why: 'Nothing to summarise',
  }
}

/** What has fallen out of a conversation's memory stands before the turns that are still known. */
function turnsOf({ history, evidence }: Task): Piece[] {
  const turns = history.flatMap(({ role, text }) => piecesOf(text.replace(/^>\s?/gm, ''), role))
  const earlier = evidence.recalled?.summary ?? ''
  return history.length > 0 || earlier === '' ? turns : piecesOf(earlier)
}

async function searchFor(search: SummaryDependencies['search'], call: Call, task: Task, topic: string) {
  const collectionIds = task.collectionIds && [...task.collectionIds]
  return search(call, { query: topic.slice(0, 500), limit: passagesOfTopic, collectionIds })
}

/** A search always brings something; a summary of what has nothing to do with the topic would be worse than none. */
function onTopic(words: readonly string[], hits: readonly SearchHit[]): SearchHit[] {
  const stems = new Set(words.flatMap((word) => termsOf(word).map(({ stem }) => stem)))
  const kept = hits.filter(({ title, content }) => {
    const said = new Set(termsOf(`${title} ${content}`).map(({ stem }) => stem))
    return [...stems].filter((stem) => said.has(stem)).length >= Math.max(1, stems.size / 2)
  })
  // Together, in the order in which their documents say it.
  return kept.sort(
    (one, other) => one.documentId.localeCompare(other.documentId) || one.page - other.page || one.start - other.start,
  )
}

const sample =
  'The bridge over the Lim was opened in 1931. It replaced a ferry that sank twice. The bridge carries trains and cars. Tickets for the ferry cost two dinars. Engineers from Graz planned the bridge and its two towers.'

/** A small text through the real parts: chosen sentences always, and a model's summary when one is configured. */
async function trySummary(call: Call, models: LanguageModels): Promise<string> {
  const { chosen, sentences } = await extract(piecesOf(sample), { count: 2, title: 'bridge', signal: call.signal })
  if (chosen.length !== 2) throw new NitroError('internal', `${chosen.length} sentences were chosen instead of 2`)
  const { info, model } = models.get('nitro-auto', call)
  if (!info.isLanguageModel) return `Chose ${chosen.length} of ${sentences} sentences: “${chosen[0]!.text}”`
  const { content } = await model.doGenerate({
    prompt: [
      { role: 'system', content: 'Summarise the text in at most ten words.' },
      { role: 'user', content: [{ type: 'text', text: sample }] },
    ],
    abortSignal: call.signal,
    maxOutputTokens: 200,
  })
  const said = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  return `${info.id} summarised ${sentences} sentences: “${said.trim().slice(0, 120)}”`
}
