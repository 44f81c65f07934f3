/** What a figure was before us, and what it has to be. */
export interface Goal {
  figure: string
  /** Exact BM25, then the best cheap fusion, or what else is known of how far others come. */
  known: string
  atLeast?: number
  atMost?: number
}

/** The figures that are promised, in the order in which they are shown; the dev halves, in per cent where no unit is named. */
export const goals: readonly Goal[] = [
  { figure: 'squad nDCG@10', known: '88.3 → 89.2', atLeast: 89.5 },
  { figure: 'squad R@5', known: '94.0 → 95.1', atLeast: 95.5 },
  { figure: 'scifact nDCG@10', known: '68.6 → 69.4', atLeast: 69.5 },
  { figure: 'chunkeval characters in a 4,000-character context', known: '86.8', atLeast: 88 },
  { figure: 'xquad en R@10', known: '', atLeast: 98 },
  { figure: 'xquad es R@10', known: 'words 98', atLeast: 98 },
  { figure: 'xquad zh R@10', known: 'words 13, bigrams 99', atLeast: 98 },
  { figure: 'xquad de R@10', known: 'words 96', atLeast: 96 },
  { figure: 'xquad ru R@10', known: 'words 93', atLeast: 94 },
  { figure: 'xquad ar R@10', known: 'words 94', atLeast: 94 },
  { figure: 'xquad th R@10', known: 'words 91', atLeast: 94 },
  { figure: 'xquad hi R@10', known: 'words 87', atLeast: 88 },
  { figure: 'offline answers, first sentence', known: '72.8', atLeast: 77 },
  { figure: 'offline answers, up to three sentences', known: '86.1', atLeast: 89 },
  { figure: 'off-topic refused', known: '93', atLeast: 96 },
  { figure: 'wrongly refused', known: '', atMost: 5 },
  { figure: 'documents as the manifest says', known: '', atLeast: 100 },
  { figure: 'slowest document, seconds', known: '', atMost: 60 },
]

export const goalsHead = ['figure', 'known', 'ours', 'to reach', '']

/** Those that were measured, beside what they have to be. */
export function goalRows(measured: ReadonlyMap<string, number>): string[][] {
  return goals.flatMap((goal) => {
    const value = measured.get(goal.figure)
    if (value === undefined) return []
    const toReach = goal.atMost === undefined ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`
    return [[goal.figure, goal.known, value.toFixed(1), toReach, isReached(goal, value) ? 'reached' : 'missed']]
  })
}

/** By the figure itself, not by how it is rounded. */
export const isReached = ({ atLeast = -Infinity, atMost = Infinity }: Goal, value: number): boolean =>
  value >= atLeast && value <= atMost
