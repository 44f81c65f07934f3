import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readQuestion } from '../../src/ports/language-model/question.ts'
import { sentencesOf } from '../../src/sentences.ts'
import { evalFolder } from './sets.ts'

/** A statement, the passage that it is said to stand on, and whether that passage says it. */
export interface Item {
  kind: Kind
  isSupported: boolean
  text: string
  question: string
  /** The cited one comes first. */
  passages: { title: string; text: string }[]
  article: string
}

export const kinds = [
  'verbatim sentence',
  'part of the sentence',
  'question and answer as a statement',
  'answer alone',
  'two sentences joined',
  'answer of another question swapped in',
  'another answer from the same passage',
  'other answer alone',
  'number or date changed',
  'negated',
  'opposite word',
  'joined with a foreign sentence',
  'sentence of the same article',
  'sentence of another article',
] as const
export type Kind = (typeof kinds)[number]

export interface Asked {
  id: string
  text: string
  answers: string[]
  passage: Passage
}
export interface Passage {
  id: string
  title: string
  text: string
}

const folder = join(evalFolder, 'squad')
const linesOf = (path: string) => readFileSync(join(folder, path), 'utf8').trim().split('\n')

export function readSquad() {
  const passages = linesOf('corpus.jsonl').map((line) => JSON.parse(line) as Passage)
  const byId = new Map(passages.map((passage) => [passage.id, passage]))
  const gold = new Map(linesOf('dev/qrels.tsv').map((line) => line.split('\t').slice(0, 2) as [string, string]))
  const all = linesOf('dev/queries.jsonl').map(
    (line) => JSON.parse(line) as { id: string; text: string; answers?: string[]; answerable: boolean; about?: string },
  )
  const questions = all.flatMap(({ id, text, answers = [], answerable }): Asked[] => {
    const passage = byId.get(gold.get(id) ?? '')
    return answerable && passage && answers.length > 0 ? [{ id, text, answers, passage }] : []
  })
  const unanswerable = all.filter(({ answerable }) => !answerable)
  return { passages, questions, unanswerable }
}

/** The same numbers on every machine, so that two runs compare. */
function createDice(seed: number) {
  let state = seed
  return <Value>(values: readonly Value[]): Value => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return values[Math.floor((state / 2 ** 32) * values.length)]!
  }
}

/** Every second article is for fitting, the others are for measuring. */
export function articlesIn(passages: readonly Passage[]) {
  const titles = [...new Set(passages.map(({ title }) => title))].sort()
  const fitting = new Set(titles.filter((_, index) => index % 2 === 0))
  return { isForFitting: (title: string) => fitting.has(title) }
}

const typeOf = ({ text, answers }: Asked) => {
  const answer = answers[0]!
  const shape = /\d/.test(answer) ? 'number' : /^\p{Lu}/u.test(answer) ? 'name' : 'words'
  return `${readQuestion(text).kind ?? 'other'} ${shape}`
}

/** Statements that a passage says, and the same with something changed, for each question. */
export function itemsOf(questions: readonly Asked[], all: readonly Asked[], passages: readonly Passage[]): Item[] {
  const pick = createDice(7)
  const byType = Map.groupBy(all, typeOf)
  const byPassage = Map.groupBy(all, ({ passage }) => passage.id)
  const byTitle = Map.groupBy(passages, ({ title }) => title)
  return questions.flatMap((asked): Item[] => {
    const { passage, text: question } = asked
    const answer = asked.answers[0]!
    const sentence = sentencesIn(passage.text).find((said) => said.includes(answer))
    if (!sentence) return []
    const siblings = byTitle.get(passage.title)!.filter(({ id }) => id !== passage.id)
    const others = siblings.length > 0 ? [pick(siblings), pick(siblings), pick(siblings)] : []
    const item = (kind: Kind, isSupported: boolean, text: string | undefined): Item[] =>
      text === undefined || text === ''
        ? []
        : [{ kind, isSupported, text, question, passages: [passage, ...others], article: passage.title }]
    const isNew = (candidate: string) => !asked.answers.some((known) => overlaps(known, candidate))
    const foreign = [...Array(8)]
      .map(() => pick(byType.get(typeOf(asked))!).answers[0]!)
      .find((candidate) => isNew(candidate) && !passage.text.includes(candidate))
    const near = byPassage
      .get(passage.id)!
      .map(({ answers }) => answers[0]!)
      .find((candidate) => isNew(candidate) && !sentence.includes(candidate))
    const stated = (said: string) => asStatement(question, said)
    const sentences = sentencesIn(passage.text)
    const next = sentences[sentences.indexOf(sentence) + 1]
    const foreignSentence = others[0] && pick(sentencesIn(others[0].text))
    const otherArticle = pick(passages.filter(({ title }) => title !== passage.title))
    return [
      ...item('verbatim sentence', true, sentence),
      ...item('part of the sentence', true, partOf(sentence, answer)),
      ...item('question and answer as a statement', true, stated(answer)),
      ...item('answer alone', true, answer),
      ...item(
        'answer of another question swapped in',
        false,
        foreign && pick([sentence.replace(answer, foreign), stated(foreign)]),
      ),
      ...item(
        'another answer from the same passage',
        false,
        near && pick([sentence.replace(answer, near), stated(near)]),
      ),
      ...item('other answer alone', false, foreign),
      ...item('number or date changed', false, withOtherNumber(pick([sentence, stated(answer)]), passage.text, pick)),
      ...item('negated', false, negated(pick([sentence, partOf(sentence, answer) ?? sentence]))),
      ...item('opposite word', false, withOpposite(sentence)),
      ...item(
        'two sentences joined',
        true,
        next && joinedTo(partOf(sentence, answer) ?? sentence, partOf(next, '') ?? next),
      ),
      ...item(
        'joined with a foreign sentence',
        false,
        foreignSentence && joinedTo(partOf(sentence, answer) ?? sentence, foreignSentence),
      ),
      ...item('sentence of the same article', false, foreignSentence),
      ...item('sentence of another article', false, pick(sentencesIn(otherArticle.text))),
    ]
  })
}

const sentencesIn = (text: string) => sentencesOf(text).map(({ start, end }) => text.slice(start, end))

const joinedTo = (one: string, other: string) => `${one.replace(/[.!?]+$/, '')}, and ${other}`

const overlaps = (one: string, other: string) => {
  const [first, second] = [one.toLowerCase(), other.toLowerCase()]
  return first.includes(second) || second.includes(first)
}

/** "When was it built?" and "1930" make "it was built 1930": not always good English, always what the two say together. */
function asStatement(question: string, answer: string): string {
  const asked = question.trim().replace(/[?？]+$/, '')
  const subject =
    /^(?:who|which \w+|what \w+ (?=(?:is|was|were|are|has|had)\b)|what)\s+(?=(?!(?:do|does|did|is|was|are|were)\b)\w)/i.exec(
      asked,
    )
  if (subject) return `${answer} ${asked.slice(subject[0].length)}.`
  const rest = asked.replace(
    /^(?:in|on|at|by|to|for|from|of|with)?\s*(?:who|whom|whose|what|when|where|why|which|how(?: many| much| long| old| far)?)\s+/i,
    '',
  )
  const turned = rest.replace(/^(is|was|are|were|did|does|do|has|had|can|could|would|will)\s+/i, '')
  return `${turned[0]?.toUpperCase() ?? ''}${turned.slice(1)} ${answer}.`
}

/** The clause around the answer, when it can stand by itself. */
function partOf(sentence: string, answer: string): string | undefined {
  const clause = sentence.split(/[,;:] (?:and |but |which |while )?/).find((part) => part.includes(answer))
  return clause !== undefined && clause !== sentence && clause.split(' ').length >= 5 ? clause : undefined
}

function withOtherNumber(sentence: string, passage: string, pick: <V>(values: readonly V[]) => V): string | undefined {
  const numbers = sentence.match(/\d[\d,]*(?:\.\d+)?/g)
  if (!numbers) return undefined
  const number = pick(numbers)
  const changed = [...Array(6)]
    .map(() => {
      const at = pick([...number].flatMap((digit, place) => (/\d/.test(digit) ? [place] : [])))
      return number.slice(0, at) + ((Number(number[at]) + pick([1, 2, 3, 5])) % 10) + number.slice(at + 1)
    })
    .find((candidate) => !passage.includes(candidate) && !/^0/.test(candidate))
  return changed && sentence.replace(number, changed)
}

function negated(sentence: string): string | undefined {
  if (/\b(?:not|never|no)\b|n['’]t\b/i.test(sentence)) return sentence.replace(/\s*\b(?:not|never|no)\b|n['’]t\b/i, '')
  const verb = /\b(?:is|was|were|are|has|had|can|could|would|will|should|may)\b/.exec(sentence)
  return verb
    ? `${sentence.slice(0, verb.index + verb[0].length)} not${sentence.slice(verb.index + verb[0].length)}`
    : undefined
}

const opposites: Record<string, string> = {
  before: 'after',
  after: 'before',
  more: 'less',
  less: 'more',
  most: 'least',
  first: 'last',
  last: 'first',
  increased: 'decreased',
  decreased: 'increased',
  higher: 'lower',
  lower: 'higher',
  largest: 'smallest',
  larger: 'smaller',
  north: 'south',
  south: 'north',
  eastern: 'western',
  western: 'eastern',
  northern: 'southern',
  southern: 'northern',
  won: 'lost',
  began: 'ended',
  over: 'under',
  increase: 'decrease',
  east: 'west',
  west: 'east',
}
function withOpposite(sentence: string): string | undefined {
  const word = sentence.match(/\b[a-z]+\b/g)?.find((candidate) => Object.hasOwn(opposites, candidate))
  return word && sentence.replace(new RegExp(`\\b${word}\\b`), opposites[word]!)
}
