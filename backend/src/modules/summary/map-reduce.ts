import { NitroError } from '@nitroagi/shared/errors'
import type { SearchHit } from '@nitroagi/shared/knowledge'
import type { Call } from '../../call.ts'
import type { NamedModel } from '../../ports/language-model/port.ts'
import { createCitationReader } from '../citations.ts'
import { wantedLength } from '../length.ts'
import { createModelCalls, type ModelCalls } from '../model-calls.ts'
import type { Finding, Reservation, Task } from '../module.ts'
import { charactersIn } from '../usage.ts'
import { scattered, spread, type Material, type Part, type Piece } from './material.ts'
import { createNumbers, createRenumbering, renumbered } from './numbering.ts'
import { condensePrompt, mapPrompt, summaryPrompt } from './prompts.ts'

const together = 3
/** What the last call reads of notes at most; longer ones are made shorter first. */
const notesCharacters = 20_000
const rulesCharacters = 2_500
const levelsAtMost = 5
/** Room for a note, and for the thoughts that some models have before it. */
const noteTokens = 2_000
/** So many failures before anything came, and nothing will come. */
const failuresAtFirst = 3

interface Note {
  index: number
  text: string
}

/** What reading the parts came to. */
interface Reading {
  notes: Note[]
  /** Passages by the numbers in the notes. */
  cited: SearchHit[]
  failed: { error: unknown }[]
  isOutOfBudget: boolean
}

/** Summarises with a model within the answer's budget: parts are noted down, notes condensed, and the rest is written. */
export async function* summariseByModel(
  call: Call,
  task: Task,
  named: NamedModel,
  material: Material,
): AsyncGenerator<Finding> {
  const calls = createModelCalls(call, task, named)
  yield { type: 'report', model: named.info.id }
  try {
    yield* carryOut(call, task, named, material, calls)
  } catch (error) {
    if (call.signal.aborted) return
    yield* calls.account()
    throw error
  }
}

async function* carryOut(
  call: Call,
  task: Task,
  named: NamedModel,
  material: Material,
  calls: ModelCalls,
): AsyncGenerator<Finding> {
  const [only] = material.parts
  if (material.partsTotal === 1 && only) {
    yield* summariseAtOnce(task, named, material, await only.pieces(), calls)
    return
  }
  const last = setAside(task, named)
  if (!last) {
    yield* summariseAtOnce(task, named, material, await oneOfEach(material.parts), calls)
    return
  }
  const reading = await readParts(call, task, material, calls)
  if (call.signal.aborted) return
  if (reading.notes.length === 0) {
    last.settle(null)
    throw reading.failed[0]?.error ?? new NitroError('model_failed', 'No part of it could be read.')
  }
  const isCited = reading.cited.length > 0
  const notes = await condensed(call, task, reading.notes, calls, isCited)
  const partly = whatWasRead(material, reading)
  const prompt = summaryPrompt(task, material, wantedLength(task.question), { notes }, partly)
  yield* written(task, calls.stream(prompt, { reservation: last }), reading.cited)
  yield* calls.account()
  if (partly !== undefined) yield { type: 'notice', level: 'warning', code: 'partly_read', message: partly }
  yield {
    type: 'report',
    summary: `${reading.notes.length} of ${material.partsTotal} parts of ${material.name} read, then summarised`,
  }
}

/** The last call comes for certain, so its share of the budget is set aside before anything else is asked. */
function setAside(task: Task, named: NamedModel): Reservation | undefined {
  try {
    return task.reserve(named, notesCharacters + rulesCharacters)
  } catch (error) {
    if (isOverBudget(error)) return undefined
    throw error
  }
}

const isOverBudget = (error: unknown): boolean => error instanceof NitroError && error.code === 'budget_exceeded'

async function oneOfEach(parts: readonly Part[]): Promise<Piece[]> {
  const pieces: Piece[] = []
  for (const { item } of spread(parts, 12)) pieces.push(...(await item.pieces()).slice(0, 1))
  return pieces
}

/** One call for all of it; for as much as the budget has room for, when it has none for all. */
async function* summariseAtOnce(
  task: Task,
  named: NamedModel,
  material: Material,
  pieces: readonly Piece[],
  calls: ModelCalls,
): AsyncGenerator<Finding> {
  const wanted = wantedLength(task.question)
  const isPart = material.partsTotal > 1
  for (let kept = pieces.length; ; kept = Math.ceil(kept / 2)) {
    const read = spread(pieces, kept).map(({ item }) => item)
    const partly =
      kept < pieces.length || isPart
        ? `${read.length} of the ${isPart ? 'many' : pieces.length} passages of ${material.name}, spread evenly over it, because the budget of this answer has no room for more.`
        : undefined
    const prompt = summaryPrompt(task, material, wanted, { pieces: read }, partly)
    let reservation: Reservation
    try {
      reservation = task.reserve(named, charactersIn(prompt))
    } catch (error) {
      if (!isOverBudget(error) || kept <= 1) throw error
      continue
    }
    const hits = read.flatMap(({ hit }) => hit ?? [])
    yield* written(task, calls.stream(prompt, { reservation }), hits)
    yield* calls.account()
    if (partly !== undefined)
      yield { type: 'notice', level: 'warning', code: 'partly_read', message: `Only a part was read: ${partly}` }
    yield { type: 'report', summary: `${read.length} of ${pieces.length} pieces of ${material.name} read at once` }
    return
  }
}

/** The words as they come, numbered anew in the order of their citations; `cited` are the passages by their old numbers. */
async function* written(
  task: Task,
  words: AsyncGenerator<string, { isCut: boolean }>,
  cited: readonly SearchHit[],
): AsyncGenerator<Finding> {
  const before = [...(task.continueFrom ?? '').matchAll(/\[(\d{1,3})\]/g)].map(([, digits]) => Number(digits))
  const numbers = createNumbers(task.evidence.passages, Math.max(task.evidence.passages.length, ...before))
  const renumbering = createRenumbering((number) => cited[number - 1] && numbers.of(cited[number - 1]!))
  const citations = createCitationReader(numbers.passages)
  function* say(delta: string): Generator<Finding> {
    if (delta === '') return
    yield { type: 'text-delta', delta }
    yield* citations.add(delta)
  }
  const found = (): Finding[] => (numbers.own.length > 0 ? [{ type: 'passages', hits: [...numbers.own] }] : [])
  try {
    let next = await words.next()
    for (; !next.done; next = await words.next()) yield* say(renumbering.add(next.value))
    yield* say(renumbering.end())
    if (next.value.isCut) {
      const message = 'The model reached its length limit, so the summary may be cut. Ask it to go on.'
      yield { type: 'notice', level: 'warning', code: 'answer_cut', message }
    }
  } catch (error) {
    yield* found()
    throw error
  }
  yield* found()
}

/** Notes of each part, a few at the same time. Whenever the budget ends, what was read lies spread over the whole. */
async function readParts(call: Call, task: Task, material: Material, calls: ModelCalls): Promise<Reading> {
  const waiting = scattered(material.parts)
  const done: { index: number; text: string; pieces: Piece[] }[] = []
  const failed: Reading['failed'] = []
  let isOutOfBudget = false
  const isHopeless = () => failed.length >= failuresAtFirst && done.length === 0
  async function read(part: Part): Promise<void> {
    const pieces = await part.pieces()
    if (pieces.length === 0) throw new NitroError('conflict', 'The document was replaced while it was read.')
    const place = `part ${part.index + 1} of ${material.partsTotal}`
    const text = await calls.ask(mapPrompt(task.question, material, pieces, place), { maxOutputTokens: noteTokens })
    if (text.trim() === '') throw new NitroError('model_failed', 'The model said nothing about it.')
    done.push({ index: part.index, text: text.trim(), pieces })
  }
  async function work(): Promise<void> {
    for (;;) {
      const part = waiting.shift()
      if (!part || isOutOfBudget || call.signal.aborted || isHopeless()) return
      try {
        await read(part)
      } catch (error) {
        if (call.signal.aborted) throw error
        if (isOverBudget(error)) isOutOfBudget = true
        failed.push({ error })
      }
    }
  }
  await Promise.all(Array.from({ length: together }, work))
  const cited: SearchHit[] = []
  const places = new Map<string, number>()
  const notes = done
    .sort((one, other) => one.index - other.index)
    .map(({ index, text, pieces }): Note => ({
      index,
      text: renumbered(text, (number) => {
        const hit = pieces[number - 1]?.hit
        if (!hit) return undefined
        const known = places.get(hit.entryId)
        if (known !== undefined) return known
        if (cited.length >= 999) return undefined
        cited.push(hit)
        places.set(hit.entryId, cited.length)
        return cited.length
      }),
    }))
  return { notes, cited, failed, isOutOfBudget }
}

/** Neighbours together, level by level, until the last call can read all of them. */
async function condensed(
  call: Call,
  task: Task,
  notes: readonly Note[],
  calls: ModelCalls,
  isCited: boolean,
): Promise<string[]> {
  let texts = notes.map(({ text }) => text)
  for (let level = 0; level < levelsAtMost && lengthOf(texts) > notesCharacters; level++) {
    const groups = grouped(texts.map((text) => text.slice(0, notesCharacters / 4)))
    const shorter: string[] = []
    for (let from = 0; from < groups.length; from += together) {
      call.signal.throwIfAborted()
      const some = groups.slice(from, from + together)
      shorter.push(
        ...(await Promise.all(
          some.map(async (group) => {
            if (group.length === 1) return group[0]!
            try {
              return await calls.ask(condensePrompt(task.question, group, isCited), { maxOutputTokens: noteTokens })
            } catch (error) {
              if (call.signal.aborted) throw error
              // What could not be condensed is cut, so that each part keeps its share.
              return group.map((text) => firstSentences(text, 300)).join('\n')
            }
          }),
        )),
      )
    }
    texts = shorter
  }
  const share = Math.floor(notesCharacters / Math.max(1, texts.length))
  return lengthOf(texts) > notesCharacters ? texts.map((text) => firstSentences(text, share)) : texts
}

const lengthOf = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.length, 0)

const firstSentences = (text: string, characters: number): string =>
  text.length <= characters ? text : text.slice(0, text.lastIndexOf(' ', characters) + 1 || characters).trimEnd()

function grouped(texts: readonly string[]): string[][] {
  const groups: string[][] = []
  let room = 0
  for (const text of texts) {
    if (groups.length === 0 || text.length > room) {
      groups.push([])
      room = notesCharacters / 2
    }
    groups.at(-1)!.push(text)
    room -= text.length
  }
  return groups
}

/** What was not read is said; undefined when all of it was. */
function whatWasRead(
  { name, parts, partsTotal }: Material,
  { notes, failed, isOutOfBudget }: Reading,
): string | undefined {
  const refused = failed.filter(({ error }) => !isOverBudget(error))
  if (parts.length === partsTotal && failed.length === 0) return undefined
  const read = `${notes.length} of ${partsTotal} parts of ${name} were read`
  const reasons = [
    ...(parts.length < partsTotal ? ['it is too long to be read whole, so they lie spread evenly over it'] : []),
    ...(isOutOfBudget ? ['the budget of this answer has no room for more, so they lie spread over it'] : []),
    ...(refused.length > 0 ? [`${refused.length} could not be read: ${reasonOf(refused[0]!.error)}`] : []),
  ]
  return `Only ${read}: ${reasons.join('; ')}${/\.$/.test(reasons.at(-1) ?? '') ? '' : '.'}`
}

const reasonOf = (error: unknown): string => (error instanceof NitroError ? error.message : 'it failed')
