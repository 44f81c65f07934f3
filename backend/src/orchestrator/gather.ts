import type { NitroChunk } from '@nitroagi/shared/runs'
import type { Evidence } from '../modules/module.ts'
import { stepFailedNotice, type Execution, type StepOutput, type Work } from './execution.ts'
import type { PlanStep } from './plan.ts'
import { runGraph } from './run-graph.ts'

/** Of several searches together; one search alone brings what it brings. */
const passagesAtMost = 12

/** Runs what comes before the answer, `limit` steps at a time, and gives all that it found. */
export async function* gather(x: Execution, limit: number): AsyncGenerator<NitroChunk, Work> {
  const outputs = new Map<string, StepOutput>()
  async function* carryOut(step: PlanStep): AsyncGenerator<NitroChunk, void> {
    const needed = step.dependsOn.flatMap((id) => outputs.get(id) ?? [])
    outputs.set(step.id, yield* x.run(step, { ...foundBy(needed), isDraft: true }))
  }
  yield* runGraph(x.shape.gathering, carryOut, limit)
  const failed = [...outputs.values()].filter(({ error }) => error !== undefined)
  if (failed.length > 0) {
    const instead = yield* x.replan(failed)
    yield* runGraph(instead, carryOut, limit)
    const isMended = instead.length > 0 && instead.every(({ id }) => outputs.get(id)?.error === undefined)
    if (!isMended) for (const { data } of failed) yield stepFailedNotice(data.module)
  }
  return foundBy([...outputs.values()])
}

/** Gives the answer as it is written. Before its first word, another module may take over. */
export async function* answerAloud(x: Execution, step: PlanStep, work: Work): AsyncGenerator<NitroChunk, StepOutput> {
  const output = yield* x.run(step, { ...work, isAloud: true })
  if (output.error === undefined) return output
  if (output.text !== '') throw output.error
  const [again] = yield* x.replan([output])
  if (!again) throw output.error
  const second = yield* x.run(again, { ...work, isAloud: true })
  if (second.error !== undefined) throw second.error
  return second
}

/** What steps found, for the one that needs it. Kept in turns, so that no search crowds out another. */
export function foundBy(outputs: readonly StepOutput[]): { evidence: Evidence; previous: string | undefined } {
  // What was seen is a reading and no draft. A draft’s numbers point into what its step was given, not into what is found
  // here together.
  const drafts = outputs.filter(({ step }) => step.capability !== 'look')
  const said = drafts.map(({ text }) => text.replace(/\s?\[\d{1,3}\]/g, '')).filter((text) => text !== '')
  return {
    evidence: {
      passages: inTurns(outputs.map(({ evidence }) => evidence.passages).filter((hits) => hits.length > 0)),
      facts: outputs.flatMap(({ evidence }) => evidence.facts),
      readings: outputs.flatMap(({ evidence }) => evidence.readings ?? []),
      recalled: outputs.findLast(({ evidence }) => evidence.recalled !== undefined)?.evidence.recalled,
    },
    previous: said.length === 0 ? undefined : said.join('\n\n'),
  }
}

function inTurns(lists: readonly Evidence['passages'][]): Evidence['passages'] {
  if (lists.length < 2) return lists[0] ?? []
  const longest = Math.max(...lists.map(({ length }) => length))
  const hits = Array.from({ length: longest }, (_, place) => lists.flatMap((list) => list[place] ?? [])).flat()
  return [...new Map(hits.map((hit) => [hit.entryId, hit])).values()].slice(0, passagesAtMost)
}
