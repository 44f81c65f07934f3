/** Figures as trec_eval and BEIR count them, in per cent. */
export interface Figures {
  questions: number
  ndcg10: number
  recall5: number
  recall10: number
  mrr10: number
}

export interface Answered {
  /** Documents in the order found, each once. */
  found: readonly string[]
  /** Grades of the relevant documents. */
  relevant: ReadonlyMap<string, number>
}

export function measure(answers: readonly Answered[]): Figures {
  const mean = (value: (answer: Answered) => number) =>
    (100 * answers.reduce((sum, answer) => sum + value(answer), 0)) / Math.max(answers.length, 1)
  return {
    questions: answers.length,
    ndcg10: mean(ndcg),
    recall5: mean((answer) => recall(answer, 5)),
    recall10: mean((answer) => recall(answer, 10)),
    mrr10: mean(reciprocalRank),
  }
}

function ndcg({ found, relevant }: Answered): number {
  const gain = (grade: number, rank: number) => grade / Math.log2(rank + 2)
  const actual = found.slice(0, 10).reduce((sum, id, rank) => sum + gain(relevant.get(id) ?? 0, rank), 0)
  const best = [...relevant.values()].sort((a, b) => b - a).slice(0, 10)
  return actual / best.reduce((sum, grade, rank) => sum + gain(grade, rank), 0)
}

const recall = ({ found, relevant }: Answered, depth: number) =>
  found.slice(0, depth).filter((id) => relevant.has(id)).length / relevant.size

function reciprocalRank({ found, relevant }: Answered): number {
  const rank = found.slice(0, 10).findIndex((id) => relevant.has(id))
  return rank < 0 ? 0 : 1 / (rank + 1)
}
