import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import type { KnowledgeRepository, QuestionVector, SearchQuery } from '../ports/database/knowledge-port.ts'
import type { Embedders } from '../ports/embedder/port.ts'
import type { LanguageModels } from '../ports/language-model/port.ts'
import { searchesIn } from '../questions.ts'
import { termsOf } from '../terms.ts'
import { createModelFormulations } from './model-formulations.ts'
import { acronymsIn, definitionsIn, otherwiseWritten } from './query-acronyms.ts'
import { withoutFrames } from './query-rewrites.ts'
import type { Formulation, Looked } from './search-merging.ts'

interface Needs {
  knowledge: Pick<KnowledgeRepository, 'search' | 'definingPassages'>
  embedders: Embedders
  /** None: nobody rewords a question. */
  models?: LanguageModels | undefined
}

/** What is asked, and how it may be put into other words. */
export interface Asked {
  text: string
  rewrite: 'none' | 'rules' | 'model'
  /** The models of the collections' vectors. */
  models: readonly string[]
  query: Omit<SearchQuery, 'text' | 'vectors'>
}

/** One of the things that were asked, by all of its formulations. */
export type LookedFor = (Looked & { query: SearchQuery })[]

export interface Lookups {
  /** The question as a whole first, then each of several in it. */
  things: LookedFor[]
  /** Models of vectors that could not be had just now, with the reason. */
  away: Map<string, string>
  /** Why no model reworded the question, although one was to. */
  modelFailure: string | null
  ms: { embedding: number; search: number }
}

/** Of what a search found, so many are read for what acronyms stand for. */
export const readForDefinitions = 20

export function createLookups({ knowledge, embedders, models: languageModels }: Needs) {
  const byModel = createModelFormulations(languageModels)

  /** The questions in each space; where one cannot be had, its collections are searched by words, which is better than no answer. */
  async function embed(call: Call, texts: readonly string[], models: readonly string[], away: Lookups['away']) {
    const vectors = texts.map((): QuestionVector[] => [])
    const leaveOut = (model: string, error: unknown, reason: string) => {
      call.log.warn('search-without-vectors', { model, error })
      away.set(model, reason)
    }
    const embedBy = async (model: string) => {
      const embedder = embedders.find(model)
      if (!embedder) return leaveOut(model, 'This model is not set up.', `The model ${model} is not set up.`)
      try {
        const found = await embedder.embed(texts, call.signal, 'question', { payer: call })
        for (const [index, vector] of found.entries()) vectors[index]!.push({ model, vector })
      } catch (error) {
        if (!(error instanceof NitroError)) throw error
        leaveOut(model, error, error.message)
      }
    }
    await Promise.all(models.map(embedBy))
    // The order of the models, not that in which they answered.
    return vectors.map((own) => own.toSorted((a, b) => models.indexOf(a.model) - models.indexOf(b.model)))
  }

  async function lookFor(
    call: Call,
    formulations: readonly Formulation[],
    { query, models }: Asked,
    { away, ms }: Pick<Lookups, 'away' | 'ms'>,
  ): Promise<LookedFor> {
    if (formulations.length === 0) return []
    const started = performance.now()
    const texts = formulations.map(({ text }) => text)
    const vectors = await embed(call, texts, models, away)
    const embedded = performance.now()
    const looked = await Promise.all(
      formulations.map(async (formulation, index) => {
        const own = { ...query, text: formulation.text, vectors: vectors[index]! }
        return { ...formulation, query: own, found: await knowledge.search(call, own) }
      }),
    )
    ms.embedding += embedded - started
    ms.search += performance.now() - embedded
    return looked
  }

  /** As the documents themselves define it: by the passages at hand, or else by those that have the acronym. */
  async function acronymsWrittenOut(call: Call, { text, found, query }: LookedFor[number]): Promise<Formulation[]> {
    const read = found.candidates.slice(0, readForDefinitions)
    const definitions = read.flatMap(({ content }) => definitionsIn(content))
    const unknown = acronymsIn(text).map((short) => ({ short, stems: stemsOf(short, found.trace.terms) }))
    for (const { short, stems } of unknown) {
      if (definitions.some((definition) => definition.short === short)) continue
      if (stems.length === 0 && !termsOf(short).some(({ isCommon }) => isCommon)) continue
      const passages = await knowledge.definingPassages(call, query, short, stems)
      definitions.push(...mostSaid(passages.flatMap(definitionsIn).filter((found) => found.short === short)))
    }
    // The best defined meaning alone: each costs a search.
    const written = otherwiseWritten(text, definitions)
    if (written === undefined) return []
    return [{ text: written, by: 'acronym', isForUnknown: unknown.some(({ stems }) => stems.length === 0) }]
  }

  return async function lookForAll(call: Call, asked: Asked): Promise<Lookups> {
    const { text, rewrite } = asked
    const lookups = { away: new Map<string, string>(), ms: { embedding: 0, search: 0 } }
    const questions = rewrite === 'none' ? [] : searchesIn(text).map(withoutFrames)
    const parts = questions.filter((part) => part !== text).map((part) => ({ text: part, by: 'question' as const }))
    const [first, reworded] = await Promise.all([
      lookFor(call, [{ text, by: 'asked' }, ...parts], asked, lookups),
      rewrite === 'model' ? byModel.write(call, text) : { texts: [], failure: null },
    ])
    const others = await Promise.all(
      first.map(async (looked, index): Promise<Formulation[]> => {
        if (rewrite === 'none') return []
        const byAcronyms = await acronymsWrittenOut(call, looked)
        const said = new Set([...first, ...byAcronyms].map((formulation) => formulation.text))
        const bySomebody = index === 0 ? reworded.texts.filter((text) => !said.has(text)) : []
        return [...byAcronyms, ...bySomebody.map((text) => ({ text, by: 'model' as const }))]
      }),
    )
    const second = await lookFor(call, others.flat(), asked, lookups)
    const things = first.map((looked, index) => [looked, ...second.splice(0, others[index]!.length)])
    return { things, modelFailure: reworded.failure, ...lookups }
  }
}

/** The stems of the question that an acronym may have become. */
function stemsOf(short: string, terms: readonly { term: string }[]): string[] {
  const word = /^[\p{L}\p{N}]+/u.exec(short)?.[0].toLowerCase() ?? ''
  const isNear = (term: string) => Math.abs(term.length - word.length) < 2
  return terms.flatMap(({ term }) => (isNear(term) && (term.startsWith(word) || word.startsWith(term)) ? [term] : []))
}

/** One that several passages give comes before one that a single one gives. */
function mostSaid<Said extends { long: string }>(definitions: readonly Said[]): Said[] {
  const counts = new Map<string, number>()
  for (const { long } of definitions) counts.set(long.toLowerCase(), (counts.get(long.toLowerCase()) ?? 0) + 1)
  return definitions.toSorted((a, b) => counts.get(b.long.toLowerCase())! - counts.get(a.long.toLowerCase())!)
}
