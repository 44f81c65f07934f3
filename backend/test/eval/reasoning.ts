import { NitroError } from '@nitroagi/shared/errors'
import { recognise } from '../../src/modules/reasoning/recognise.ts'
import { items } from './reasoning-items.ts'

type Outcome = 'right' | 'wrong' | 'refused wrongly' | 'answered wrongly'

/** Asks the reasoning module what is known, and says of each kind how often it was right; every miss is shown. */
export function evaluateReasoning(): string[][] {
  const rows: string[][] = []
  const misses: string[] = []
  for (const [kind, asked] of Object.entries(items)) {
    const counts: Record<Outcome, number> = { right: 0, wrong: 0, 'refused wrongly': 0, 'answered wrongly': 0 }
    for (const [question, truth] of asked) {
      const said = answerTo(question)
      const outcome = outcomeOf(said, truth)
      counts[outcome]++
      if (outcome !== 'right')
        misses.push(`${outcome} (${kind}): ${question} → ${said ?? 'refused'}, known: ${truth ?? 'to be refused'}`)
    }
    rows.push([kind, String(asked.length), ...Object.values(counts).map(String)])
  }
  const sums = rows[0]!.slice(1).map((_, column) => rows.reduce((sum, row) => sum + Number(row[column + 1]), 0))
  for (const miss of misses) console.log(miss)
  return [...rows, ['all', ...sums.map(String)]]
}

export const reasoningHead = ['reasoning', 'items', 'right', 'wrong', 'refused wrongly', 'answered wrongly']

/** Undefined when it is refused, at once or in the middle of calculating. */
function answerTo(question: string): string | undefined {
  try {
    return recognise(question)?.calculate()
  } catch (error) {
    if (error instanceof NitroError && error.code === 'invalid_input') return undefined
    throw error
  }
}

function outcomeOf(said: string | undefined, truth: number | string | null): Outcome {
  if (truth === null) return said === undefined ? 'right' : 'answered wrongly'
  if (said === undefined) return 'refused wrongly'
  if (typeof truth === 'string') return said.toLowerCase().includes(truth.toLowerCase()) ? 'right' : 'wrong'
  const number = Number(/-?\d[\d,]*(?:\.\d+)?/.exec(said)?.[0].replaceAll(',', ''))
  // As many digits as are shown of a number that does not end.
  return Math.abs(number - truth) <= Math.abs(truth) * 1e-9 ? 'right' : 'wrong'
}
