import { halfLifeMs, notesAtMost, type Note, type Remembered } from '../../ports/working-memory/port.ts'
import { termsOf } from '../../terms.ts'
import type { Turn } from '../module.ts'
import { leftOut, subjectOf } from './follow-up.ts'
import { gistOf, rollSummary, shortQuestion } from './gist.ts'

const recalledAtMost = 3
/** So much of what the question is about has to be in a note for it to bear on it. */
const relevanceAtLeast = 0.2
/** A conversation this long may have begun before what we are shown of it. */
const wholeHistoryBelow = 38
/** How the id of a note begins that was rebuilt from messages; others have their message's. */
const rebuiltId = 'rebuilt-'
export const isRebuilt = (note: Note): boolean => note.id.startsWith(rebuiltId)

export interface Recollected {
  /** What bears on the question, best first, with its relevance measured anew. */
  notes: Note[]
  /** Everything held, so that what was rebuilt can be noted again. */
  held: Note[]
  summary: string
  subject: string | undefined
}

/**
 * What of the earlier turns bears on a question. The memory may be empty, or miss a turn: what it lacks is rebuilt from
 * the conversation itself. What it holds of a branch that was left does not count.
 */
export function recollect(
  question: string,
  history: readonly Turn[],
  remembered: Remembered,
  nowMs: number,
): Recollected {
  const turns = answeredTurns(history)
  const questions = new Set(turns.map((turn) => turn.question))
  const isWhole = history.length < wholeHistoryBelow
  const held = isWhole ? remembered.notes.filter((note) => questions.has(note.question)) : remembered.notes
  const isEmpty = held.length === 0
  const last = turns.at(-1)
  const isMissingLast = last !== undefined && held.every((note) => note.question !== last.question)
  // Reading long answers again costs milliseconds, so only what is missing is.
  const rebuilt = notesOf(isEmpty ? turns : isMissingLast ? [last] : [], held[0], nowMs)
  const all = [...held, ...rebuilt.slice(-notesAtMost)].toSorted((a, b) => b.createdAtMs - a.createdAtMs)
  const lost = rebuilt.slice(0, -notesAtMost)
  const subject = all[0] && leftOut(question, all[0])
  return {
    notes: relevantTo(question, subject, all, nowMs),
    held: all,
    summary: isEmpty ? rollSummary('', lost) : remembered.summary,
    subject,
  }
}

function relevantTo(question: string, subject: string | undefined, notes: readonly Note[], nowMs: number): Note[] {
  const asked = stemsOf(subject === undefined ? question : `${question} ${subject}`)
  return notes
    .map((note, index) => {
      const inNote = stemsOf(`${note.question} ${note.gist} ${note.subject}`)
      const shared = [...asked].filter((stem) => inNote.has(stem)).length
      const relevance = asked.size === 0 ? 0 : shared / asked.size
      // A follow-up is about the turn before, whatever their words.
      const isMeant = subject !== undefined && index === 0
      return { note, relevance, isMeant }
    })
    .filter(({ relevance, isMeant }) => isMeant || relevance >= relevanceAtLeast)
    .toSorted((a, b) => Number(b.isMeant) - Number(a.isMeant) || b.relevance - a.relevance)
    .slice(0, recalledAtMost)
    .map(({ note, relevance }) => usedAgain(note, relevance, nowMs))
}

/** Being recalled makes no note weaker than it would be otherwise. */
const usedAgain = (note: Note, relevance: number, nowMs: number): Note => ({
  ...note,
  relevance: Math.max(relevance, note.relevance * 2 ** ((note.usedAtMs - nowMs) / halfLifeMs)),
  usedAtMs: nowMs,
  uses: note.uses + 1,
})

interface AnsweredTurn {
  question: string
  answer: string
  /** Where it stands, counted back from the end. */
  turnsAgo: number
}

function answeredTurns(history: readonly Turn[]): AnsweredTurn[] {
  return history.flatMap((turn, index) => {
    const answer = history[index + 1]
    if (turn.role !== 'user' || answer?.role !== 'assistant') return []
    return { question: shortQuestion(turn.text), answer: answer.text, turnsAgo: history.length - index }
  })
}

/** Turns as notes, oldest first. How old they are is not known any more, only their order. */
function notesOf(turns: readonly AnsweredTurn[], before: Note | undefined, nowMs: number): Note[] {
  const notes: Note[] = []
  for (const { question, answer, turnsAgo } of turns) {
    const createdAtMs = Math.max(nowMs - turnsAgo * 30_000, (before?.createdAtMs ?? 0) + 1)
    notes.push({
      id: `${rebuiltId}${nowMs}-${turnsAgo}`,
      question,
      gist: gistOf(answer, []),
      subject: subjectAfter(question, notes.at(-1) ?? before),
      createdAtMs,
      relevance: 1,
      usedAtMs: createdAtMs,
      uses: 0,
    })
  }
  return notes
}

/** What a turn was about: "and when was it built?" is about what the turn before was. */
export const subjectAfter = (question: string, before: { question: string; subject: string } | undefined): string => {
  const isOpen = before !== undefined && leftOut(question, before) === before.subject
  return isOpen ? before.subject : subjectOf(question)
}

const stemsOf = (text: string) => new Set(termsOf(text).flatMap((term) => (term.isCommon ? [] : [term.stem])))
