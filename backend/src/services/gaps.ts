import type { Gap, GapReport } from '@nitroagi/shared/evaluation'
import type { Call } from '../call.ts'
import type { EvaluationRepository, WeakAnswer } from '../ports/database/evaluation-port.ts'
import { termsOf } from '../terms.ts'

export type Gaps = ReturnType<typeof createGaps>

/** Below it an answer more likely missed than not. */
const weakBelow = 0.5
const answersRead = 500
const gapsShown = 100
const othersShown = 4
/** Of all the words of two questions, so many have to be in both for them to be one. */
const alikeFrom = 0.6

/**
 * What people asked and the documents did not answer well. Conversations are private, so that of others' questions owners
 * and admins see those alone that two people asked, or that somebody gave a thumb down; the rest see their own.
 */
export function createGaps({ evaluation }: { evaluation: Pick<EvaluationRepository, 'weakAnswers'> }) {
  return {
    async report(call: Call, { days }: { days: number }): Promise<GapReport> {
      const own = call.actor.role !== 'owner' && call.actor.role !== 'admin'
      const answers = await evaluation.weakAnswers(call, { days, own, below: weakBelow, limit: answersRead })
      return { scope: own ? 'own' : 'workspace', days, items: gapsIn(answers, call.actor.userId) }
    },
  }
}

interface Group {
  words: ReadonlySet<string>
  answers: WeakAnswer[]
}

/** Newest first in, most asked first out. */
export function gapsIn(answers: readonly WeakAnswer[], reader: string): Gap[] {
  const groups: Group[] = []
  for (const answer of answers) {
    const words = wordsOf(answer.question)
    // "Hello" and "thanks" are answered without documents, and that is no gap; a thumb is one always.
    if (words.size < 2 && answer.reason !== 'thumbs_down') continue
    const group = groups.find((one) => likeness(one.words, words) >= alikeFrom)
    if (group) group.answers.push(answer)
    else groups.push({ words, answers: [answer] })
  }
  return groups
    .filter((group) => mayShow(group, reader))
    .map(({ answers: asked }) => gapOf(asked))
    .toSorted((one, other) => other.times - one.times || other.lastAskedAt.localeCompare(one.lastAskedAt))
    .slice(0, gapsShown)
}

const mayShow = ({ answers }: Group, reader: string) =>
  answers.some(({ askedBy, reason }) => askedBy === reader || reason === 'thumbs_down') ||
  new Set(answers.map(({ askedBy }) => askedBy)).size > 1

function gapOf(answers: readonly WeakAnswer[]): Gap {
  const newest = answers[0]!
  const reasons = [...new Set(answers.map(({ reason }) => reason))]
  const stated = answers.flatMap(({ confidence }) => confidence ?? [])
  const wordings = [...new Set(answers.map(({ question }) => question))].filter((one) => one !== newest.question)
  return {
    question: newest.question,
    times: answers.length,
    lastAskedAt: newest.askedAt,
    reasons: reasons.map((reason) => ({ reason, times: answers.filter((one) => one.reason === reason).length })),
    confidence: stated.length === 0 ? null : Math.min(...stated),
    feedback: [...new Set(answers.flatMap(({ feedback }) => feedback ?? []))],
    others: wordings.slice(0, othersShown),
  }
}

const wordsOf = (question: string): Set<string> =>
  new Set(termsOf(question).flatMap(({ stem, isCommon }) => (isCommon ? [] : stem)))

function likeness(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const all = new Set([...one, ...other]).size
  return all === 0 ? 1 : (one.size + other.size - all) / all
}
